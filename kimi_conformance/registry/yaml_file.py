"""Reads a YAML file into plain data and remembers the line of every node.

What plain words mean follows the JSON part of the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema),
because 1.1, which PyYAML follows, reads the key `on` as True, `1:30` as 90 and `012` as 10. So: `true` and `false`;
`null`, `~` and nothing at all; numbers as JSON writes them; dates as YYYY-MM-DD; all else is a string. Keys are always
strings, as spelled. Tags (but `!!str`), merge keys and second documents are refused.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from .problems import ContractError, Problem, nearest, shown
from .yaml_text import text_of
from .yaml_words import syntax_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH: Final = 64
MAX_NODES: Final = 100_000
"""Aliases count as what they stand for: nine lines of `[*a, *a, …]` would make a billion."""
MAX_DIGITS: Final = 300

NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
STRING_TAG: Final = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a node stands: its 1-based line (for the value of a key, the key's), and the marks of what it holds."""

    line: int
    inner: Mapping[str | int, Mark]


@dataclass(frozen=True, slots=True)
class Document:
    """A file's one YAML document as plain data: dict (keys are str), list, str, int, float, bool, date and None."""

    path: Path
    data: Any
    mark: Mark

    def line(self, pointer: Sequence[str | int]) -> int:
        """The 1-based line of the node at `pointer`, or else of its closest ancestor that exists."""
        mark = self.mark
        for part in pointer:
            if part not in mark.inner:
                break
            mark = mark.inner[part]
        return mark.line


def read(path: Path) -> Document:
    """The document in the file at `path`. Raises `ContractError` where there is none that can be read."""
    text = text_of(path)
    builder = _Builder(path, yaml.parse(text, Loader=LOADER))
    try:
        data, mark = builder.document()
    except yaml.MarkedYAMLError as error:
        raise ContractError([*builder.problems, syntax_problem(path, text, error)]) from None
    if builder.problems:
        raise ContractError(builder.problems)
    return Document(path, data, mark)


class _Builder:
    """Builds data and marks from the parser's events; what can be told without stopping is kept in `problems`."""

    def __init__(self, path: Path, events: Iterator[Any]) -> None:
        self.path = path
        self.events = events
        self.problems: list[Problem] = []
        self.nodes = 0
        self.anchors: dict[str, tuple[Any, Mark, int] | None] = {}  # None: still open

    def document(self) -> tuple[Any, Mark]:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise self.stop(1, "the file is empty: it holds no data")
        found = self.node(next(self.events), 0)
        next(self.events)
        following = next(self.events)
        if not isinstance(following, yaml.StreamEndEvent):
            self.note(
                _line(following), "a second document starts here, and a file holds one", mend="take the '---' out"
            )
        return found

    def note(self, line: int, what: str, near: str | None = None, mend: str | None = None) -> None:
        self.problems.append(Problem(self.path, line, what, near, mend))

    def stop(self, line: int, what: str) -> ContractError:
        return ContractError([*self.problems, Problem(self.path, line, what)])

    def node(self, event: Any, depth: int) -> tuple[Any, Mark]:
        line, before = _line(event), self.nodes
        if isinstance(event, yaml.AliasEvent):
            return self.alias(str(event.anchor), line)
        self.grow(line, 1)
        if depth > MAX_DEPTH:
            raise self.stop(line, f"nested more than {MAX_DEPTH} levels deep")
        if event.anchor:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            data, mark = self.scalar(event, line), Mark(line, {})
        else:
            if not event.implicit:
                self.refuse_tag(str(event.tag), line)
            data, mark = (
                self.mapping(line, depth) if isinstance(event, yaml.MappingStartEvent) else self.items(line, depth)
            )
        if event.anchor:
            self.anchors[event.anchor] = (data, mark, self.nodes - before)
        return data, mark

    def grow(self, line: int, count: int) -> None:
        self.nodes += count
        if self.nodes > MAX_NODES:
            raise self.stop(line, f"more than {MAX_NODES} values, where an alias counts as all that it stands for")

    def alias(self, name: str, line: int) -> tuple[Any, Mark]:
        if name not in self.anchors:
            mend = "put a value that begins with '*' in quotes"
            self.note(line, f"no anchor '&{name}' stands before this '*{name}'", nearest(name, self.anchors), mend)
            return None, Mark(line, {})
        known = self.anchors[name]
        if known is None:
            raise self.stop(line, f"'*{name}' stands inside '&{name}', so that it would never end")
        data, mark, count = known
        self.grow(line, count)
        return data, Mark(line, mark.inner)

    def items(self, line: int, depth: int) -> tuple[list[Any], Mark]:
        found = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self.node(event, depth + 1))
        return [data for data, _ in found], Mark(line, {index: mark for index, (_, mark) in enumerate(found)})

    def mapping(self, line: int, depth: int) -> tuple[dict[str, Any], Mark]:
        data: dict[str, Any] = {}
        marks: dict[str | int, Mark] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, key_line = self.key(event, depth + 1), _line(event)
            value, mark = self.node(next(self.events), depth + 1)
            if key is None:
                continue
            if key in data:
                self.note(
                    key_line, f"the key {shown(key)} stands twice: in line {marks[key].line} and in line {key_line}"
                )
                continue
            data[key], marks[key] = value, Mark(key_line, mark.inner)
        return data, Mark(line, marks)

    def key(self, event: Any, depth: int) -> str | None:
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent):
            data, _ = self.node(event, depth)
            if isinstance(data, str):
                return data
            self.note(line, "a key must be a string", mend="put a key that begins with '{', '[' or '*' in quotes")
            return None
        if event.anchor:
            self.anchors[event.anchor] = (event.value, Mark(line, {}), 1)
        if event.implicit[0] and event.value == "<<":
            self.note(line, "merge keys ('<<') are not read", mend="write the members out")
            return None
        if event.implicit[0] and not event.value:
            self.note(line, "a key is missing before the ':'")
            return None
        if not any(event.implicit):
            self.refuse_tag(str(event.tag), line)
        return event.value

    def scalar(self, event: Any, line: int) -> Any:
        text = event.value
        if not any(event.implicit):
            self.refuse_tag(str(event.tag), line)
        if not event.implicit[0]:
            return text
        if text in WORDS:
            return WORDS[text]
        if NUMBER.fullmatch(text):
            value = math.inf if len(text) > MAX_DIGITS else int(text) if text.lstrip("-").isdigit() else float(text)
            if math.isinf(value):
                self.note(line, f"the number {text[:20]}… is too large", mend="put it in quotes if it is a name")
            return value
        if DATE.fullmatch(text):
            try:
                return dt.date.fromisoformat(text)
            except ValueError:
                self.note(line, f"there is no day {text}", mend="put it in quotes if it is a name")
        return text

    def refuse_tag(self, tag: str, line: int) -> None:
        if tag != STRING_TAG:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            self.note(line, f"the tag '{shown}' is not read", mend="put a value that begins with '!' in quotes")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
