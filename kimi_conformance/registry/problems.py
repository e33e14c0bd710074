"""A mistake in a file, said in one line: where it stands, what it is, and the nearest valid name."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from .yaml_file import Document

Pointer: TypeAlias = "tuple[str | int, ...]"

MAX_NAMES: Final = 12
MAX_SHOWN: Final = 60
SWITCHES: Final = {"yes": "true", "on": "true", "no": "false", "off": "false"}
QUOTED: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?|true|false")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in `file` at the 1-based `line` (None: the file as a whole).

    `what` says the mistake, `nearest` the valid name that was probably meant, `mend` what to do about it.
    """

    file: Path
    line: int | None
    what: str
    nearest: str | None = None
    mend: str | None = None

    def __str__(self) -> str:
        """One line, such as `a.yaml:12: unknown key 'upstrems' in the profile; did you mean 'upstreams'?`."""
        place = shown_path(self.file) if self.line is None else f"{shown_path(self.file)}:{self.line}"
        hints = (self.mend, self.nearest and f"did you mean '{self.nearest}'?")
        return " ".join("; ".join([f"{place}: {self.what}", *filter(None, hints)]).splitlines())


class ContractError(Exception):
    """The files are wrong. `problems` holds every mistake found, sorted by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_place))
        super().__init__(self.problems)

    def __str__(self) -> str:
        """All problems, one per line."""
        return "\n".join(map(str, self.problems))


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a document, ready to be complained about. `root` is what people call the whole document."""

    document: Document
    pointer: Pointer
    root: str = "the file"

    @property
    def parent(self) -> str:
        """What holds this node, in words."""
        return where(self.pointer[:-1], self.root)

    @property
    def subject(self) -> str:
        """This node as the subject of a sentence."""
        named = bool(self.pointer) and isinstance(self.pointer[-1], str)
        return f"{shown(self.pointer[-1])} in {self.parent}" if named else where(self.pointer, self.root)

    def at(self, *parts: str | int) -> Place:
        """A place below this one."""
        return Place(self.document, (*self.pointer, *parts), self.root)

    def problem(self, what: str, near: str | None = None, mend: str | None = None) -> Problem:
        """Any problem with this node."""
        return Problem(self.document.path, self.document.line(self.pointer), what, near, mend)

    def missing(self) -> Problem:
        """The key at the end of this place is not there."""
        return self.problem(f"missing key {self.subject}")

    def unknown(self, names: Iterable[str]) -> Problem:
        """The key at the end of this place is none of `names`."""
        valid = list(names)
        near = nearest(str(self.pointer[-1]), valid)
        return self.problem(f"unknown key {self.subject}", near, None if near else known(valid))

    def must_be(self, wanted: str, value: Any, candidates: Iterable[Any] = ()) -> Problem:
        """The value of this node is not `wanted`, and where it is a name, none of `candidates`."""
        names = list(map(str, candidates))
        written = [value] if isinstance(value, str) else value if isinstance(value, dict) else []
        near = next(filter(None, (nearest(name, names) for name in written if name not in names)), None)
        mend = None
        if wanted == "true or false" and isinstance(value, str) and value not in ("true", "false"):
            near = SWITCHES.get(value.lower()) or nearest(value, ("true", "false"))
        elif wanted in {"an integer", "a number", "true or false"} and QUOTED.fullmatch(str(value)):
            mend = "take the quotes off"
        elif wanted in {"a string", "a JSON value"} and isinstance(value, (int, float, dt.date)):
            mend = "put it in quotes"
        elif wanted == "a string" and isinstance(value, dict) and list(value.values()) == [None]:
            mend = 'put a placeholder in quotes: "{port}"'
        return self.problem(f"{self.subject} must be {wanted}, not {shown(value)}", near, mend)


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` most probably meant: the same but for case, else the most alike, else None."""
    names = list(dict.fromkeys(candidates))
    folded = {candidate.casefold(): candidate for candidate in reversed(names)}
    if name.casefold() in folded:
        return folded[name.casefold()]
    if close := get_close_matches(name, names, n=1):
        return close[0]
    close = get_close_matches(name.casefold(), folded, n=1)
    return folded[close[0]] if close else None


def shown_path(path: Path) -> str:
    """`path` as a reader wants it: relative to the current folder where that is shorter."""
    try:
        return min(str(path), os.path.relpath(path), key=len)
    except (OSError, ValueError):  # the current folder is gone, or lies on another drive
        return str(path)


def where(pointer: Sequence[str | int], root: str = "the file") -> str:
    """A place in a file in words: `routes.kimi.retry`, `item 2 of routes.kimi.surfaces`; `root` for the whole."""
    groups: list[str] = []
    for before, part in zip((0, *pointer), pointer, strict=False):
        if isinstance(part, int):
            groups.append(f"item {part + 1}")
            continue
        name = part if re.fullmatch(r"[\w-]{1,60}", part) else shown(part)
        if isinstance(before, str):
            groups[-1] += f".{name}"
        else:
            groups.append(name)
    return " of ".join(reversed(groups)) or root


def shown(value: Any) -> str:
    """A value of a file as a message shows it: short and in one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return keyed(value) if isinstance(value, dict) else "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 2]}…{text[-1]}"


def keyed(keys: Iterable[str | int]) -> str:
    """A mapping with these keys, its values left out: `{header: …, path: …}`."""
    return f"{{{', '.join(f'{key}: …'[:MAX_SHOWN] for key in list(keys)[:MAX_NAMES])}}}"


def listed(values: Iterable[Any], word: str = "or") -> str:
    """The values as a message lists them: `'a', 'b' or 'c'`; empty for none."""
    return joined(map(shown, values), word)


def joined(texts: Iterable[str], word: str = "or") -> str:
    """The texts as one enumeration, cut short for very many: `a, b or c`."""
    found = list(texts) or [""]
    if len(found) > MAX_NAMES:
        found[MAX_NAMES - 1 :] = [f"{len(found) - MAX_NAMES + 1} more"]
    *most, last = found
    return f"{', '.join(most)} {word} {last}" if most else last


def known(names: Sequence[str]) -> str | None:
    """The hint that lists the valid names, where there are any."""
    return f"known are {listed(names, 'and')}" if names else None


def _place(problem: Problem) -> tuple[str, float]:
    return str(problem.file), float("inf") if problem.line is None else problem.line
