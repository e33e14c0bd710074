"""reports/mutants.json as it was written last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from suites.selftest.mutation.report import SCHEMA

if TYPE_CHECKING:
    from pathlib import Path


class BadState(Exception):
    """The file is not what was written; the message says what to do."""


def read(path: Path) -> dict[str, Any]:
    """The state of each file; none where nothing was written yet. Raises `BadState`."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadState(f"{path} cannot be read: {error}. Write it anew: python -m suites.selftest.mutation") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA or not isinstance(content.get("files"), dict):
        raise BadState(f"{path} has not schema {SCHEMA}. Write it anew: python -m suites.selftest.mutation")
    return dict(content["files"])
