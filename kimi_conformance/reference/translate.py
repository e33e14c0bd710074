"""Translation: a messages call whose upstream speaks the chat wire only."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.reference.fields import value
from kimi_conformance.reference.translate_answer import error, message
from kimi_conformance.reference.translate_request import chat_members
from kimi_conformance.reference.translate_stream import events
from kimi_conformance.reference.upstream import UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kimi_conformance.reference.call import Body, Call, Fields, Reply, Routed

CHAT_PATH: Final = "/v1/chat/completions"
REPLACED: Final = frozenset({b"content-type", b"content-length"})
FAILED: Final = 400


def translates(surface: str, decision: Routed) -> bool:
    """Whether a call of this surface has to be translated on its route."""
    return surface == "messages" and decision.route.upstream.chat_only


def translated_body(body: Body) -> bytes:
    """A messages body as the chat wire has it. Raises `ValueError` where it is none."""
    # Read anew: the members of a body are there to be looked at, and have lost the digits of their integers.
    return json.dumps(chat_members(json.loads(body.raw)), ensure_ascii=False).encode()


async def translate(call: Call, decision: Routed, reply: Reply) -> Reply:
    """The upstream's answer in the words of the surface that was asked. Raises `UpstreamError`."""
    if not translates(call.surface, decision):
        return reply
    if reply.status < FAILED and (value(_lower(reply.headers), b"content-type") or "").startswith("text/event-stream"):
        return replace(reply, headers=_headers(reply, b"text/event-stream"), pieces=events(reply.pieces))
    try:
        raw = b"".join([piece async for piece in reply.pieces])
        said = error(raw) if reply.status >= FAILED else message(json.loads(raw))
    except (LookupError, TypeError, ValueError) as failure:
        reply.close()
        raise UpstreamError(failure) from failure
    except BaseException:
        reply.close()
        raise
    return replace(reply, headers=_headers(reply, b"application/json"), pieces=_one(said))


async def _one(said: dict[str, Any]) -> AsyncIterator[bytes]:
    yield json.dumps(said, ensure_ascii=False).encode()


def _headers(reply: Reply, kind: bytes) -> Fields:
    """The answer's own, but for what belongs to its body."""
    kept = ((name, given) for name, given in reply.headers if name.lower() not in REPLACED)
    return ((b"content-type", kind), *kept)


def _lower(fields: Fields) -> Fields:
    return tuple((name.lower(), given) for name, given in fields)
