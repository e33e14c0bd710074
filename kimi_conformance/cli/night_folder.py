"""The folder of a night: its files by name, and room for them where an earlier night has left its own."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from kimi_conformance.api.keeping import make_room
from kimi_conformance.contract.night import FILE, Night
from kimi_conformance.reporting.write import BadResults, CannotWrite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK: Final = ".night.lock"
SEEN: Final = "seen"
SUMMARY: Final = "summary.md"


@contextmanager
def room_for_a_night(folder: Path) -> Iterator[None]:
    """Take away what an earlier night has written there, and keep other nights out meanwhile.

    Raises `BadResults` where something else lies there, or another night is under way; `CannotWrite`.
    """
    held = _locked(folder)
    try:
        _clear(folder)
        make_room(folder / SEEN)
        yield
    finally:
        os.close(held)


def files_in(folder: Path) -> tuple[str, ...]:
    """The files of the night that is over, by name, those in folders of their own left out."""
    return tuple(
        sorted({path.name for path in folder.iterdir() if path.is_file() and path.name != LOCK} | {FILE, SUMMARY})
    )


def _locked(folder: Path) -> int:
    try:
        held = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o644)
    except OSError as error:
        raise CannotWrite(f"--out: {folder} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise BadResults(
            f"--out: another night is under way in {folder}: wait for its end, or name another folder"
        ) from None
    return held


def _clear(folder: Path) -> None:
    others = [path.name for path in folder.iterdir() if path.name != LOCK]
    if not others:
        return
    if FILE not in others:
        raise BadResults(
            f"--out: {folder} holds what no night has written, such as {min(others)}: name an empty folder"
        )
    for name in _night(folder / FILE).files:
        if "/" not in name and name not in ("", ".", ".."):
            (folder / name).unlink(missing_ok=True)


def _night(path: Path) -> Night:
    try:
        return Night.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        said = str(error).splitlines()[0]
        raise BadResults(f"--out: {path} is no night.json: {said}: name an empty folder, or take it away") from error
