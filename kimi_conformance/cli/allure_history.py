"""The history of Allure's pages: a file with a line for each run, which the next page is made with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RUNS: Final = 14
"""So many runs are kept, the oldest goes when a new one comes: each makes the page 1 to 3 MB larger."""


class BadHistory(Exception):
    """A history that is not there, or is none. Says what to do."""


def read_history(path: Path, *, new: bool) -> Sequence[bytes]:
    """The runs in the history at `path`, a line each; none where a `new` one is begun. Raises `BadHistory`."""
    if new:
        if path.exists():
            raise BadHistory(f"--new-history: {path} is there already: without --new-history it is gone on with")
        return []
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        raise BadHistory(f"--history: {path} is not there; --new-history begins one") from None
    except OSError as error:
        raise BadHistory(f"--history: {path} cannot be read: {error.strerror or error}") from error
    for number, line in enumerate(lines, 1):
        if not _is_run(line):
            raise BadHistory(
                f"--history: {path}:{number} is no run in a history of Allure's; remove the line, "
                "or name another file with --new-history"
            )
    return [line + b"\n" for line in lines]


def _is_run(line: bytes) -> bool:
    try:
        run = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(run, dict) and isinstance(run.get("uuid"), str) and isinstance(run.get("testResults"), dict)
