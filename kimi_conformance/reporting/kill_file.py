"""reports/kill-matrix.json on disk: what was edited by hand, or is of another version, is refused."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kimi_conformance.contract.kill_matrix import SCHEMA, KillMatrix

if TYPE_CHECKING:
    from pathlib import Path

MEND = "take the committed one back (`git checkout`), or write it anew: `kimi-conformance kill-matrix`"


class BadMatrix(Exception):
    """A file is no kill matrix that this version can take for what it wrote. Says which, why, and what to do."""


def matrix_json(matrix: KillMatrix) -> str:
    """The kill matrix as the text of its file, sealed with its digest."""
    body = {name: value for name, value in matrix.as_json().items() if name != "sha256"}
    return f"{json.dumps({**body, 'sha256': seal(body)}, ensure_ascii=False, indent=1)}\n"


def read_matrix(path: Path) -> KillMatrix:
    """The kill matrix in the file at `path`. Raises `BadMatrix`."""
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise BadMatrix(f"{path} cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadMatrix(f"{path} is no JSON: {error}; {MEND}") from error
    if not isinstance(data, dict) or "schema" not in data:
        raise BadMatrix(f"{path} is no kill matrix: it is no JSON object with a member `schema`; {MEND}")
    if data["schema"] != SCHEMA:
        raise BadMatrix(
            f"{path} has schema {json.dumps(data['schema'])[:40]}; this version of kimi-conformance writes {SCHEMA}:"
            " `kimi-conformance kill-matrix --all` computes it anew"
        )
    body = {name: value for name, value in data.items() if name != "sha256"}
    if data.get("sha256") != seal(body):
        raise BadMatrix(f"{path} was edited by hand: its digest is not that of what it says; {MEND}")
    try:
        return KillMatrix.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "".join(f"/{step}" for step in first["loc"]) or "/"
        raise BadMatrix(f"{path} is no kill matrix: {where}: {first['msg']}; {MEND}") from error


def seal(body: dict[str, Any]) -> str:
    """The digest of all members of the document but itself."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
