"""The body of a request, made safe to say again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kimi_conformance.upstream import asked

if TYPE_CHECKING:
    from kimi_conformance.exchange import Request


def body_of(request: Request) -> dict[str, Any] | None:
    r"""The body's JSON object, None where it is none.

    An escaped half of a character (`\ud83d` alone) is replaced by `?`: it is JSON, but cannot be sent as UTF-8.
    """
    body = asked.body(request)
    if body is None or b"\\ud" not in request.body.lower():
        return body
    safe: dict[str, Any] = json.loads(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
    return safe
