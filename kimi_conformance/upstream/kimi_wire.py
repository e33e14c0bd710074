"""What every answer of Kimi has, whichever its face: headers, and errors in their three families."""

from __future__ import annotations

import os
import secrets
import uuid
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from kimi_conformance.upstream import asked
from kimi_conformance.upstream.script import Script, compact, json_answer

if TYPE_CHECKING:
    from kimi_conformance.exchange import Headers, Request

JSON = "application/json; charset=utf-8"
STREAM = "text/event-stream"

_GO_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request is refused, before it is said in the shape of a face."""

    status: int
    type: str
    message: str


def headers(content_type: str, cached: int = 0) -> Headers:
    """The headers seen on api.moonshot.ai (evidence 101, 106), with fresh ids; `cached` tokens only on a hit."""
    saved = (("Msh-Context-Cache-Token-Saved", str(cached)),) if cached else ()
    return (
        ("Date", formatdate(usegmt=True)),
        ("Content-Type", content_type),
        ("Server-Timing", 'cfCacheStatus;desc="DYNAMIC"'),
        *saved,
        ("Msh-Request-Id", request_id()),
        ("Msh-Trace-Mode", "on"),
        ("Vary", "Origin"),
        ("X-Msh-Trace-Id", secrets.token_hex(16)),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ("cf-cache-status", "DYNAMIC"),
        ("Server", "cloudflare"),
        ("CF-RAY", f"{secrets.token_hex(8)}-PRG"),
    )


def request_id() -> str:
    """A UUID in version 1 form, out of chance alone: a true one would tell the address of this machine."""
    return str(uuid.UUID(bytes=os.urandom(16), version=1))


def error(problem: Problem, more: Headers = ()) -> Script:
    """An error in the OpenAI shape: chat always, the Anthropic face for 401 and 429 (facts 1.23). `more` headers."""
    return refusal(problem.status, {"error": {"message": problem.message, "type": problem.type}}, more)


def anthropic_error(problem: Problem) -> Script:
    """An error in the Anthropic shape, with Kimi's own words for the type: 400 and 404 of that face (facts 1.24)."""
    body = {
        "type": "error",
        "error": {"type": problem.type, "message": problem.message},
        "request_id": request_id(),
    }
    return refusal(problem.status, body)


def not_found(request: Request) -> Script:
    """No such path or method: the third family, where `error` is a string (evidence 058, 059)."""
    body = {
        "code": 5,
        "error": "url.not_found",
        "message": "没找到对象",
        "method": request.method,
        "scode": "0x5",
        "status": False,
        "ua": request.header("user-agent") or "",
        "url": asked.path(request),
    }
    return refusal(404, body)


def illegal_input(what: str) -> Script:
    """A body that an endpoint of the third family cannot take: 400, `error` says why (evidence 058)."""
    return refusal(400, {"code": 3, "error": what, "message": "非法输入", "scode": "0x3", "status": False})


def refusal(status: int, body: dict[str, Any], more: Headers = ()) -> Script:
    """An error with this body. `<ak-…>` is escaped the way Go does it: the recorded lengths fit nothing else (106)."""
    return json_answer(status, compact(body).decode().translate(_GO_ESCAPES).encode(), (*headers(JSON), *more))
