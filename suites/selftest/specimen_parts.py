"""How specimens are made: healthy exchanges with Kimi, their texts of our own, their form as observed."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.judge.api.sight import Key, Sight

if TYPE_CHECKING:
    from kimi_conformance.contract.calls import Host

Object = dict[str, Any]

DAY = date(2026, 9, 3)
URLS: dict[Host, str] = {
    "platform-ai": "https://api.moonshot.ai",
    "platform-cn": "https://api.moonshot.cn",
    "coding": "https://api.kimi.com",
}
CHAT, MESSAGES, RESPONSES = "/v1/chat/completions", "/anthropic/v1/messages", "/v1/responses"
IDS = (
    ("date", "Thu, 03 Sep 2026 00:00:33 GMT"),
    ("msh-request-id", "37631078-a660-11f1-88e1-eaf9ba74c120"),
    ("msh-trace-mode", "on"),
    ("x-msh-trace-id", "2529788996f1a18706f8327d194fb071"),
)
HELLO = [{"role": "user", "content": "Name one sea of the moon. 月球上的一个海?"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
THOUGHT = "One sea is asked for, 一个就够了; the Sea of Tranquility is the best known."


def written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def request(method: str, path: str, body: Any = None, *, host: Host = "platform-ai", key: Key = "own") -> Request:
    """A request with the key that it is said to have, scrubbed."""
    signed = () if key == "none" else (("authorization", "Bearer <scrubbed>"),)
    if body is None:
        return Request(method, URLS[host] + path, signed)
    return Request(method, URLS[host] + path, (*signed, ("content-type", "application/json")), written(body))


def reply(status: int, body: Any, *more: tuple[str, str], host: Host = "platform-ai") -> Response:
    """A whole JSON response, with the head of its host."""
    data = written(body)
    ids = () if host == "coding" else IDS
    head = (("content-type", "application/json; charset=utf-8"), ("content-length", str(len(data))), *ids, *more)
    return Response(status, head, (Piece(20.0, data),), 20.0)


def sight(
    asked: Request,
    answered: Response,
    *,
    host: Host = "platform-ai",
    key: Key = "own",
    on: date = DAY,
    timed: bool = False,
    end_ms: float = 20.0,
) -> Sight:
    return Sight(Exchange(asked, answered, None, 0.0, end_ms), on, host, key, timed=timed)


def asking(
    path: str,
    body: Any,
    status: int,
    answered: Any,
    *more: tuple[str, str],
    host: Host = "platform-ai",
    key: Key = "own",
    on: date = DAY,
) -> Sight:
    """A POST of JSON, answered with JSON."""
    asked = request("POST", path, body, host=host, key=key)
    return sight(asked, reply(status, answered, *more, host=host), host=host, key=key, on=on)


def listing(
    path: str, answered: Any, *, status: int = 200, host: Host = "platform-ai", key: Key = "own", method: str = "GET"
) -> Sight:
    """A request without a body, answered with JSON."""
    asked = request(method, path, host=host, key=key)
    return sight(asked, reply(status, answered, host=host), host=host, key=key)


def chat_body(**members: Any) -> Object:
    """What is asked of chat: kimi-k3 and a plain question where nothing else is said."""
    return {"model": "kimi-k3", "messages": HELLO, "max_completion_tokens": 512, **members}


def event_stream(blocks: list[bytes], *, step_ms: float = 10.0) -> Response:
    """A stream, an event a piece."""
    pieces = tuple(Piece(20.0 + step_ms * number, data) for number, data in enumerate(blocks))
    return Response(200, (("content-type", "text/event-stream; charset=utf-8"), *IDS), pieces, 20.0)


def error(message: str, kind: str = "invalid_request_error", **more: Any) -> Object:
    """An error of the chat wire."""
    return {"error": {"message": message, "type": kind, **more}}


def error_of_messages(message: str, kind: str = "invalid_request_error") -> Object:
    """An error of the Anthropic face."""
    inner = {"type": kind, "message": message}
    return {"type": "error", "error": inner, "request_id": "3f84e9cd-b0d1-11f1-9c1d-000000000000"}
