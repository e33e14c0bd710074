"""YAML texts in tests: what reads them, and what no message about them may hold."""

from __future__ import annotations

import re
from collections.abc import Callable

from kimi_conformance.registry.yaml_file import Document

JARGON = re.compile(r"Input|should be|type=|https?://|pydantic|Traceback|<class|expected|schema")
Load = Callable[[str], Document]
