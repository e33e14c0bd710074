"""The offline Kimi started on a real socket, and asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.registry.contracts import catalogue
from kimi_conformance.router.http_client import HttpClient
from kimi_conformance.serve import Account, Config, State, answerer
from kimi_conformance.sse import read
from kimi_conformance.upstream.watched import watched
from suites.selftest.socket_server import clock, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.upstream.script import Script

CHAT: Final = "/v1/chat/completions"
MESSAGES: Final = "/anthropic/v1/messages"
RESPONSES: Final = "/v1/responses"
CODING_CHAT: Final = "/coding/v1/chat/completions"
CODING_MESSAGES: Final = "/coding/v1/messages"
OWN, DRAINED, OTHER, CODING = "sk-own", "sk-drained", "sk-other", "sk-kimi-own"
CONFIG: Final = Config(
    catalogue(),
    date(2026, 11, 15),
    {
        OWN: Account("platform-ai"),
        DRAINED: Account("platform-ai", funds=False),
        OTHER: Account("platform-cn"),
        CODING: Account("coding"),
    },
)
OLD: Final = replace(CONFIG, on=date(2026, 5, 1))
"""A day on which kimi-k2.5, kimi-k2-* and moonshot-v1-* were served."""
NOW: Final = 1_790_000_000.0
WEATHER: Final = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@dataclass(slots=True)
class Hand:
    """A clock that is set by hand."""

    now: float = NOW

    def __call__(self) -> float:
        """The time that it shows."""
        return self.now


def post(path: str, body: Any, *headers: tuple[str, str], key: str | None = OWN) -> Request:
    """A request with a JSON body, or one of bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request("POST", path, (*_auth(key), ("Content-Type", "application/json"), *headers), data)


def get(path: str, *, key: str | None = OWN, method: str = "GET") -> Request:
    """A request without a body."""
    return Request(method, path, _auth(key))


def _auth(key: str | None) -> tuple[tuple[str, str], ...]:
    return () if key is None else (("Authorization", f"Bearer {key}"),)


def body(text: str = "hello", **members: Any) -> dict[str, Any]:
    """A chat body to kimi-k3, where `members` name no other model."""
    return {"model": "kimi-k3", "messages": [{"role": "user", "content": text}], **members}


def ask(*requests: Request, config: Config = CONFIG, now: Callable[[], float] | None = None) -> list[Exchange]:
    """What the same server answers to each, one after the other."""
    return asked_of(answerer(config, State(now or Hand())), *requests)


def asked_of(answer: Callable[[Request], Script], *requests: Request) -> list[Exchange]:
    """What a server with these answers says to each, one after the other."""

    async def all_of_them() -> list[Exchange]:
        async with watched(answer) as (standin, _), HttpClient() as client:
            sent = [replace(request, url=standin.url + request.url) for request in requests]
            return [await client.send(request, clock=clock) for request in sent]

    found: list[Exchange] = run(all_of_them())
    assert [exchange.error for exchange in found] == [None] * len(requests)
    return found


def answer_to(request: Request, config: Config = CONFIG) -> tuple[int, Any]:
    """Status and JSON of one answer."""
    (exchange,) = ask(request, config=config)
    assert exchange.response is not None
    return exchange.response.status, exchange.response.json()


def said(members: Any, config: Config = CONFIG, path: str = CHAT) -> Any:
    """The JSON of an answer with status 200."""
    status, found = answer_to(post(path, members, key=CODING if path.startswith("/coding") else OWN), config)
    assert status == 200, found
    return found


def message_of(members: Any, config: Config = CONFIG) -> Any:
    """The message of a chat answer with status 200."""
    return said(members, config)["choices"][0]["message"]


def refused(members: Any, config: Config = CONFIG, path: str = CHAT) -> tuple[int, str, str]:
    """Status, type and text of an error."""
    status, found = answer_to(post(path, members), config)
    return status, found["error"]["type"], found["error"]["message"]


def header(exchange: Exchange, name: str) -> str | None:
    """A header of the answer."""
    assert exchange.response is not None
    return exchange.response.header(name)


def events(exchange: Exchange) -> list[tuple[str, str]]:
    """The events of a stream: names and data."""
    assert exchange.response is not None
    assert exchange.response.status == 200, exchange.response.body
    reading = read(exchange.response.pieces)
    return [(event.type, event.text) for event in reading.events]


def chunks(exchange: Exchange) -> list[Any]:
    """The chunks of a chat stream, which ends in `[DONE]`."""
    *found, (_, done) = events(exchange)
    assert done == "[DONE]"
    return [json.loads(data) for _, data in found]
