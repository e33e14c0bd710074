"""Request bodies: read as strictly as RFC 8259 has it, and changed in nothing but the model's name."""

from __future__ import annotations

import json
import re
from typing import Final

from kimi_conformance.reference.call import Body, Refusal


def _no_json(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


# Numbers are never sent on from here, and as floats they cannot be too long to read.
_DECODER: Final = json.JSONDecoder(parse_int=float, parse_constant=_no_json)
_BLANKS: Final = re.compile(r"[ \t\n\r]*")


def read(raw: bytes) -> Body | Refusal:
    """The body, if it is a JSON object in UTF-8. Of equal names the last counts, as it does for most upstreams."""
    try:
        members = _DECODER.decode(raw.decode())
    except ValueError as error:
        return Refusal(400, f"the body is not JSON: {error}")
    except RecursionError:
        return Refusal(400, "the body is nested too deep")
    return Body(raw, members) if isinstance(members, dict) else Refusal(400, "the body must be a JSON object")


def with_model(raw: bytes, model: str) -> bytes:
    """`raw`, a JSON object, with another value of its member `model`, and every other byte as it was.

    Written anew, numbers would lose digits and texts their escapes. Where `model` stands twice, both get the value.
    """
    text = raw.decode()
    parts = []
    kept = 0  # what stands before this is in `parts`
    at = _after_blanks(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        start = _after_blanks(text, _after_blanks(text, at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        if key == "model":
            parts += [text[kept:start], json.dumps(model)]
            kept = end
        at = _after_blanks(text, end)
        if text[at] == ",":
            at = _after_blanks(text, at + 1)
    return "".join([*parts, text[kept:]]).encode()


def _after_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at
