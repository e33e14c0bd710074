"""The history of nights: a line of JSON for each, the newest last, and no more than a few years of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from kimi_conformance.contract.night import Told
from kimi_conformance.reporting.write import BadResults, CannotWrite, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST: Final = 1500
"""So many nights are kept, about four years."""


class NoHistory(BadResults):
    """There is none where one is expected."""


def read_history(path: Path) -> tuple[Told, ...]:
    """The nights in the file at `path`. Raises `NoHistory` where there is none, `BadResults` for a broken one."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        raise NoHistory(f"there is no history {path}: --new-history begins one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadResults(f"{path} cannot be read: {error}") from error
    return tuple(_told(path, number, line) for number, line in enumerate(lines, 1) if line.strip())


def write_history(path: Path, nights: Sequence[Told]) -> None:
    """Write the newest of `nights` down. Raises `CannotWrite`."""
    lines = [json.dumps(night.as_json(), ensure_ascii=False) for night in nights[-MOST:]]
    try:
        write_whole(path, "".join(f"{line}\n" for line in lines).encode())
    except OSError as error:
        raise CannotWrite(f"the history {path} cannot be written: {error.strerror or error}") from error


def _told(path: Path, number: int, line: str) -> Told:
    try:
        return Told.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "".join(f"/{step}" for step in first["loc"])
        raise BadResults(
            f"{path}:{number} is no line of a history: {where or 'the line'}: {first['msg']}; "
            "take the line out, or name another file and begin it with --new-history"
        ) from error
