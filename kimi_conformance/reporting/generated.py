"""Generated files that are committed: what they should be, what they are, and how the two differ."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from kimi_conformance.reporting.write import CannotWrite, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST_LINES: Final = 40
MOST_CHARACTERS: Final = 200
BEFORE: Final = 40
"""So much of a long line is shown before what differs."""

State: TypeAlias = Literal["current", "stale", "missing"]


@dataclass(frozen=True, slots=True)
class Generated:
    """A file as it should be, and as it was found: None where there was none."""

    path: Path
    text: str
    found: str | None

    @property
    def state(self) -> State:
        """How it was found."""
        return "missing" if self.found is None else "current" if self.found == self.text else "stale"


def generated(path: Path, text: str) -> Generated:
    """The file at `path`, which should be `text`. Raises `CannotWrite` where it cannot even be read."""
    try:
        found = path.read_text("utf-8")
    except FileNotFoundError:
        found = None
    except OSError as error:
        raise CannotWrite(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise CannotWrite(f"{path} is not UTF-8, byte {error.start}: take it away, it is generated") from error
    return Generated(path, text, found)


def bring_up_to_date(file: Generated) -> None:
    """Write the file, where it is not as it should be. Raises `CannotWrite`."""
    if file.state == "current":
        return
    try:
        write_whole(file.path, file.text.encode())
    except OSError as error:
        raise CannotWrite(f"{file.path} cannot be written: {error.strerror or error}") from error


def difference(before: str, now: str, name: str, *, most: int = MOST_LINES) -> tuple[str, ...]:
    """The lines of a unified diff, long lines cut to where they differ, and of many only the first `most`."""
    old, new = f"{name} (as it is)", f"{name} (as it should be)"
    lines = list(unified_diff(before.splitlines(), now.splitlines(), old, new, n=0, lineterm=""))
    shown = [_cut(line, _twin(lines, number)) for number, line in enumerate(lines[:most])]
    left = len(lines) - most
    return (*shown, f"… and {left} more lines") if left > 0 else tuple(shown)


def _twin(lines: Sequence[str], number: int) -> str:
    """The line that took the place of this one, or whose place it took, in a change of one line to one line."""
    other = {"-": (1, "+"), "+": (-1, "-")}.get(lines[number][:1])
    if other is None or not 0 <= number + other[0] < len(lines):
        return ""
    twin = lines[number + other[0]]
    return twin if twin.startswith(other[1]) else ""


def _cut(line: str, twin: str) -> str:
    """`line`, of a bounded length, with what differs from its `twin` in it."""
    if len(line) <= MOST_CHARACTERS:
        return line
    differs = next((at for at, (one, other) in enumerate(zip(line[1:], twin[1:], strict=False)) if one != other), 0)
    begin = max(0, differs - BEFORE)
    rest = line[1 + begin :]
    left = MOST_CHARACTERS - 3
    return f"{line[0]}{'…' if begin else ''}{rest if len(rest) <= left else f'{rest[:left]}…'}"
