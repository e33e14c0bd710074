"""What PyYAML says of text that is no YAML, in words for people: which line, what is wrong there, how to mend it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kimi_conformance.registry.problems import Problem
from kimi_conformance.registry.yaml_text import LINE_BREAK

if TYPE_CHECKING:
    from pathlib import Path

    import yaml

QUOTE: Final = "put the value in quotes"
SYNTAX: Final = (
    # what either parser of PyYAML says, in words for people; {opened}: the line where the unfinished thing began
    ("mapping values are not allowed", "a ':' that no key can stand before", f"{QUOTE}, or mend the indentation"),
    ("could not find expected ':'", "a key without ':' and a blank after it", None),
    (
        r"expected ',' or '[]}]'|unexpected ':'",
        "the bracket of line {opened} is not closed, or a ',' is missing",
        QUOTE,
    ),
    ("end of stream|document indicator", "a quote is opened in line {opened} and never closed", None),
    ("cannot start any token", "a value may not begin with {char}", QUOTE),
    ("escape character", "an unknown escape in double quotes", "use single quotes, or write the backslash twice"),
    ("sequence entries are not allowed", "a list item may not begin here", "give it a line of its own"),
    (
        "alphabetic or numeric character",
        "a '*' or '&' without a name",
        "put a value that begins with '*' or '&' in quotes",
    ),
    ("mapping keys are not allowed", "a bare '?'", QUOTE),
    ("comment or line break|chomping", "text after a '|' or '>'", "put a value that begins with '|' or '>' in quotes"),
    (
        "tag handle|tag URI|URI escaped|whitespace or line",
        "an unknown tag",
        "put a value that begins with '!' in quotes",
    ),
    ("expected '-' indicator", "a list goes on with something that is no '- item'", "mend the indentation"),
    ("expected (the )?node content", "a value is missing here", None),
    (
        "document start|directive|non-alphabetical",
        "text stands outside the document",
        "put a value that begins with '%' in quotes",
    ),
    ("expected key|<block end>", "a line that fits no level above it", "mend the indentation"),
    ("maximum nesting depth", "nested more than 64 levels deep", None),  # of libyaml, which stops at 1,000
)


def syntax_problem(path: Path, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """The problem that `error`, of either parser of PyYAML, stands for in `text`, the content of the file `path`."""
    said = error.problem or "not YAML"
    at = error.problem_mark or error.context_mark
    if error.context_mark and re.search("could not find expected ':'|end of stream|document indicator", said):
        at = error.context_mark  # the parser notices only later
    if at is None:
        return Problem(path, None, f"not YAML: {said}")
    lines = LINE_BREAK.split(text)
    source = lines[at.line] if at.line < len(lines) else ""
    before, char = source[: at.column], source[at.column : at.column + 1]
    what, mend = next(
        ((words, mend) for pattern, words, mend in SYNTAX if re.search(pattern, said)), (f"not YAML: {said}", None)
    )
    if "\t" in source[: len(source) - len(source.lstrip())]:
        what, mend = "a tab in the indentation", "indent with blanks"
    elif "fits no level" in what and before.strip():
        what, mend = "text goes on after the value has ended", "put the whole value in quotes"
    elif "fits no level" in what and char == "-":
        what = "a list item where a key must stand"
    elif "fits no level" in what and char == ":":
        what, mend = "a key is missing before the ':'", None
    opened = (error.context_mark or at).line + 1
    what = what.replace("{opened}", str(opened)).replace("{char}", repr(char))
    return Problem(path, at.line + 1, f"{what} (column {at.column + 1})", mend=mend)
