"""The JSON Schemas of our own files, for editors and for others' tools: made from the models that read the files.

`python -m kimi_conformance.registry.schemas` writes them to contracts/schemas/; a test compares.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from kimi_conformance.contract.api_page import PageOrder, Section
from kimi_conformance.contract.bodies import Bodies
from kimi_conformance.contract.calls import Calls
from kimi_conformance.contract.catalogue import Catalogue
from kimi_conformance.contract.claims import Claims
from kimi_conformance.contract.drift_rules import DriftRules
from kimi_conformance.contract.drifted import Drift
from kimi_conformance.contract.endpoints import Endpoints
from kimi_conformance.contract.errors import Errors
from kimi_conformance.contract.facts import Facts
from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.contract.result import Results
from kimi_conformance.contract.spelling import Spellings
from kimi_conformance.registry.home import contracts

if TYPE_CHECKING:
    from collections.abc import Mapping

MODELS: Final[Mapping[str, TypeAdapter[Any]]] = {
    "api-page": TypeAdapter(PageOrder),
    "api-page-section": TypeAdapter(Section),
    "bodies": TypeAdapter(Bodies),
    "calls": TypeAdapter(Calls),
    "claims": TypeAdapter(Claims),
    "endpoints": TypeAdapter(Endpoints),
    "errors": TypeAdapter(Errors),
    "drift": TypeAdapter(DriftRules),
    "drifted": TypeAdapter(Drift),
    "facts": TypeAdapter(Facts),
    "models": TypeAdapter(Catalogue),
    "profile": TypeAdapter(Profile),
    "requirements": TypeAdapter(tuple[Requirement, ...]),
    "results": TypeAdapter(Results),
    "spellings": TypeAdapter(Spellings),
}


def schemas() -> dict[str, str]:
    """File name -> text of every schema that is made from a model."""
    return {f"{name}.schema.json": _text(name, model) for name, model in MODELS.items()}


def _text(name: str, model: TypeAdapter[Any]) -> str:
    body = model.json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name}
    return f"{json.dumps({**body, **head}, indent=1, ensure_ascii=False, sort_keys=True)}\n"


def main() -> None:
    """Write the schemas down."""
    for name, text in schemas().items():
        (contracts() / "schemas" / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
