"""A request as a command to copy and paste."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from kimi_conformance.reporting.legible import size

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Request

MOST_CHARS: Final = 4000
"""Of a body in the command itself."""

_BACKSLASHED: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\", "'": r"\'"}


def curl(request: Request, redact: Callable[[str], str]) -> str:
    """The command that sends `request` again; empty for a question to a bare decision, which has no URL.

    Secrets stand in it as `<secret.NAME>`: those of a run are made for it, so whoever sends the request again has to
    put in the router's own. A body that is long, or that a shell cannot hold, is taken from `body.json`.
    """
    if not request.url:
        return ""
    words = ["curl -sS -i -g --path-as-is -X", _word(request.method), _word(redact(request.url))]
    lines = [" ".join(words), *(f"-H {_word(redact(_header(*header)))}" for header in request.headers)]
    if not request.body:
        return _joined(lines)
    if request.header("content-type") is None:
        lines.append("-H 'content-type:'")  # else curl adds one
    text = _inline(request.body, redact)
    if text is not None:
        return _joined([*lines, f"--data-raw {_word(text)}"])
    note = f"# body.json holds the body, {size(len(request.body))}, which is too long or too odd to stand here"
    return f"{note}\n{_joined([*lines, '--data-binary @body.json'])}"


def _header(name: str, value: str) -> str:
    return f"{name}: {value}" if value else f"{name};"  # with a colon and nothing behind it curl sends no header


def _inline(body: bytes, redact: Callable[[str], str]) -> str | None:
    if len(body) > MOST_CHARS or b"\0" in body:
        return None
    try:
        return redact(body.decode())
    except UnicodeDecodeError:
        return None


def _word(text: str) -> str:
    """`text` as one word of bash or zsh; what cannot be seen is escaped byte by byte, as every bash reads it."""
    if text.isprintable():
        return shlex.quote(text)
    return f"$'{''.join(map(_escaped, text))}'"


def _escaped(char: str) -> str:
    if char in _BACKSLASHED:
        return _BACKSLASHED[char]
    return char if char.isprintable() else "".join(f"\\x{byte:02x}" for byte in char.encode())


def _joined(lines: list[str]) -> str:
    return " \\\n  ".join(lines)
