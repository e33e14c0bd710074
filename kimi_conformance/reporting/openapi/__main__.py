"""Writes reports/openapi.yaml: `python -m kimi_conformance.reporting.openapi`."""

from kimi_conformance.registry.home import data_root
from kimi_conformance.reporting.openapi.document import openapi_document
from kimi_conformance.reporting.openapi.gather import gather
from kimi_conformance.reporting.write import write_whole

if __name__ == "__main__":
    write_whole(data_root() / "reports" / "openapi.yaml", openapi_document(gather()).encode())
