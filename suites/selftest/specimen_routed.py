"""Healthy answers that came another way: through a router, from another interface, with a move, or cut short."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Piece, Request, Response
from suites.selftest.specimen_chat import CHATS, completion
from suites.selftest.specimen_errors import KEYS
from suites.selftest.specimen_lists import LISTS
from suites.selftest.specimen_parts import (
    CHAT,
    IDS,
    MESSAGES,
    RESPONSES,
    WEATHER,
    asking,
    chat_body,
    error,
    listing,
    request,
    sight,
    written,
)

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

ROUTER = "https://router.test/kimi"
SPELLED = "moonshotai/kimi-k3"
JSON_HEAD = (("content-type", "application/json"), ("via", "1.1 router"))
AGENTS = {"error": {"message": "no", "type": "authentication_error", "request_id": "a"}}


def _routed(status: int, answer: Any, asked: Any = None, *, path: str = CHAT, on: date | None = None) -> Sight:
    """What a router answers, of which nobody knows what it asked of Kimi."""
    sent = Request("POST", ROUTER + path, (), written(asked or chat_body(model=SPELLED)))
    data = answer if isinstance(answer, bytes) else written(answer)
    got = Response(status, JSON_HEAD, (Piece(20.0, data),), 20.0)
    return replace(sight(sent, got), host=None, key="unknown", on=on)


def _moved(asked: Any, path: str = CHAT, status: int = 307) -> Sight:
    return sight(request("POST", path, asked), Response(status, (("location", "/"), *IDS), (), 20.0))


def _aborted(base: Sight) -> Sight:
    response = base.exchange.response
    cut = replace(response, pieces=(Piece(20.0, response.body[:40]),))
    return replace(base, exchange=replace(base.exchange, response=cut), partial=True)


ROUTED: dict[str, Sight] = {
    "edge/routed-answer": _routed(200, {**completion(), "provider": "Moonshot AI"}),
    "edge/routed-temperature": _routed(
        200, completion(), chat_body(temperature=0.6, tool_choice="bogus", tools=[WEATHER])
    ),
    "edge/routed-400": _routed(400, {"error": {"message": "no such model", "code": 400}}, chat_body(seed=7)),
    "edge/routed-401": _routed(401, {"detail": "no key"}),
    "edge/routed-404": _routed(404, b"<html>", chat_body(), on=date(2026, 9, 3)),
    "edge/routed-429": _routed(429, {"error": {"message": "rate limit", "type": "rate_limit_error"}}),
    "edge/routed-503": _routed(503, {"error": "away"}),
    "edge/routed-504": _routed(504, {"error": "timeout"}),
    "edge/routed-risky": _routed(400, error("it was considered high risk")),
    "edge/routed-message": _routed(
        401, {"type": "error", "error": {"type": "authentication_error", "message": "no"}}, path=MESSAGES
    ),
    "edge/routed-response": _routed(400, error("no"), {"model": "kimi-k3", "input": "?"}, path=RESPONSES),
    "edge/routed-coding": _routed(403, {"error": "no"}, path=f"/coding{CHAT}"),
    "edge/routed-models": replace(
        _routed(200, {"data": [{"id": "kimi-k3", "context_length": 131072}]}),
        exchange=replace(
            _routed(200, {"data": [{"id": "kimi-k3", "context_length": 131072}]}).exchange,
            request=Request("GET", f"{ROUTER}/v1/models"),
        ),
    ),
    "edge/moved-retired": _moved(chat_body(model="kimi-k2.5")),
    "edge/moved-wrong": _moved(chat_body(temperature=0.6), status=308),
    "edge/not-modified": replace(
        _moved(None), exchange=replace(_moved(None, status=304).exchange, request=request("GET", "/v1/models"))
    ),
    "edge/moved-wrong-key": replace(_moved(chat_body()), key="wrong"),
    "edge/of-agents": replace(
        listing("/v1/files", AGENTS, status=401),
        key="unknown",
        exchange=replace(
            listing("/v1/files", AGENTS, status=401).exchange,
            request=Request("GET", "https://api.moonshot.ai/v1/files", (("kimi-api-version", "2026-09-01-beta"),)),
        ),
    ),
    "edge/messages-of-a-session": asking("/v1/sessions/7/messages", {"a": 1}, 200, {"id": "a"}),
    "edge/aborted-answer": _aborted(CHATS["chat"]),
    "edge/aborted-list": _aborted(LISTS["models"]),
    "edge/aborted-refusal": _aborted(KEYS["key/wrong"]),
}
