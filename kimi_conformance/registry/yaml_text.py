"""The text of a YAML file, or why there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kimi_conformance.registry.problems import ContractError, Problem, nearest

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 4 << 20
LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
UNREADABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML forbids, and U+0085, U+2028 and U+2029, which it folds as line breaks and no editor shows as such."""


def text_of(path: Path) -> str:
    """The content of the file at `path`, without a BOM. Raises `ContractError` where it is none that YAML allows."""
    try:
        if path.exists() and not path.is_file():
            raise ContractError(
                [Problem(path, None, "is a folder, not a file" if path.is_dir() else "is no plain file")]
            )
        if path.stat().st_size > MAX_BYTES:
            raise ContractError([Problem(path, None, f"is larger than {MAX_BYTES >> 20} MB")])
        content = path.read_bytes()
    except FileNotFoundError:
        raise ContractError([_missing(path)]) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise ContractError([Problem(path, None, f"cannot be read: {reason[:1].lower()}{reason[1:]}")]) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(LINE_BREAK.findall(content[: error.start].decode("latin-1"))) + 1
        what = f"not UTF-8: byte 0x{content[error.start]:02x} at offset {error.start}"
        raise ContractError([Problem(path, line, what, mend="save the file as UTF-8")]) from None
    if found := UNREADABLE.search(text):
        before = LINE_BREAK.split(text[: found.start()])
        code = ord(found.group())
        what = f"the character U+{code:04X} may not stand in a YAML file (column {len(before[-1]) + 1})"
        raise ContractError([Problem(path, len(before), what, mend=f'write it as "\\u{code:04x}" in double quotes')])
    return text


def _missing(path: Path) -> Problem:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        return Problem(path, None, f"no such file: there is no folder '{path.parent}' that can be read")
    return Problem(path, None, "no such file", nearest(path.name, names))
