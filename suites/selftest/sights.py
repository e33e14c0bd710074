"""Sights of exchanges with Kimi, built as they were observed: prompts and prose are our own, error bodies are not."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.judge.api.law import LAWS, Contract
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.registry import contracts

if TYPE_CHECKING:
    from kimi_conformance.judge.check import Flaw

DAY: Final = date(2026, 11, 22)
CHAT: Final = "/v1/chat/completions"
MESSAGES: Final = "/anthropic/v1/messages"
ID: Final = "chatcmpl-6a976549a053af08be0e19c9"
HELLO: Final = [{"role": "user", "content": "Say hello."}]
HEAD: Final = {
    "date": "Tue, 01 Sep 2026 13:27:59 GMT",
    "content-type": "application/json; charset=utf-8",
    "msh-request-id": "37631078-a660-11f1-88e1-eaf9ba74c120",
    "x-msh-trace-id": "2529788996f1a18706f8327d194fb071",
}
"""The headers of the platform that laws look at."""
USED: Final = {"prompt_tokens": 93, "completion_tokens": 54, "total_tokens": 147}
TOOL: Final = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def asking(model: str = "kimi-k3", **members: Any) -> dict[str, Any]:
    """The body of a plain request, with other `members`; one that is None is left out."""
    body = {"model": model, "messages": HELLO, **members}
    return {name: value for name, value in body.items() if value is not None}


def whole(content: str = "Hello!", *, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """A whole chat answer. `message`: other members of its message."""
    said = {"role": "assistant", "content": content, **message}
    choices = [{"index": 0, "message": said, "finish_reason": finish}]
    return {
        "id": ID,
        "object": "chat.completion",
        "created": 1788306762,
        "model": "kimi-k3",
        "choices": choices,
        "usage": USED,
    }


def calling(name: str = "get_weather") -> dict[str, Any]:
    """A whole chat answer that calls a tool."""
    call = {"index": 0, "id": f"{name}_0", "type": "function", "function": {"name": name, "arguments": "{}"}}
    return whole("", finish="tool_calls", tool_calls=[call])


def seen(
    status: int,
    body: Any,
    *,
    asked: Any = None,
    method: str = "POST",
    path: str = CHAT,
    headers: dict[str, str] | None = None,
    sent: dict[str, str] | None = None,
    ms: float = 0.0,
    **known: Any,
) -> Sight:
    """An exchange that was answered. Bodies are bytes, text, or made JSON; `known` is what a `Sight` has beside."""
    head = tuple((HEAD if headers is None else headers).items())
    request = Request(method, path, tuple((sent or {}).items()), b"" if asked is None else _bytes(asked))
    exchange = Exchange(request, Response(status, head, (Piece(0.0, _bytes(body)),)), end_ms=ms)
    return Sight(exchange, **{"host": "platform-ai", "key": "own", **known})


def chat(answer: Any, asked: Any = None, **known: Any) -> Sight:
    """A chat request that was answered 200."""
    return seen(200, answer, asked=asking() if asked is None else asked, **known)


def stream(*chunks: Any, asked: Any = None, done: bool = True, **known: Any) -> Sight:
    """A chat stream of these chunks."""
    body = "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks)
    head = {**HEAD, "content-type": "text/event-stream"}
    request = asking(stream=True) if asked is None else asked
    return seen(200, body + "data: [DONE]\n\n" * done, asked=request, headers=head, **known)


def events(*datas: dict[str, Any], asked: Any = None, names: dict[int, str] | None = None, **known: Any) -> Sight:
    """A stream of the Anthropic face. `names`: events that have another name than their type, by number."""
    named = [((names or {}).get(number, data["type"]), data) for number, data in enumerate(datas)]
    body = "".join(f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n" for name, data in named)
    head = {**HEAD, "content-type": "text/event-stream"}
    request = asking("kimi-k2.6", stream=True, max_tokens=256) if asked is None else asked
    return seen(200, body, asked=request, path=MESSAGES, headers=head, **known)


def error(status: int, kind: str, message: str, asked: Any = None, **known: Any) -> Sight:
    """A chat request that was answered with an error of the chat wire."""
    body = {"error": {"message": message, "type": kind}}
    return seen(status, body, asked=asking() if asked is None else asked, **known)


def invalid(message: str, asked: Any = None, **known: Any) -> Sight:
    """A chat request that was refused with 400."""
    return error(400, "invalid_request_error", message, asked, **known)


def page(status: int, asked: Any = None, **known: Any) -> Sight:
    """A chat request that was answered with a page of HTML."""
    head = {"content-type": "text/html"}
    return seen(status, "<html>oh no</html>", asked=asking() if asked is None else asked, headers=head, **known)


@cache
def contract() -> Contract:
    """What sights are judged by."""
    return Contract(contracts.catalogue(), contracts.wire_schemas())


def bears(requirement: str, sight: Sight) -> bool:
    """Whether `sight` shows anything of `requirement`."""
    return LAWS[requirement].when(sight, contract())


def flaws(requirement: str, sight: Sight) -> list[Flaw]:
    """What `requirement`, which `sight` must show something of, finds in it."""
    assert bears(requirement, sight), f"{requirement} does not bear on this"
    return list(LAWS[requirement].check(sight, contract()))


def places(requirement: str, sight: Sight) -> list[str]:
    """Where `requirement` finds something in `sight`."""
    return [flaw.where for flaw in flaws(requirement, sight)]


def _bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8")
