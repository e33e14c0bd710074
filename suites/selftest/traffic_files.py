"""Files of traffic for tests: healthy answers of Kimi as HAR entries, vcrpy interactions and exchanges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.traffic.read import read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kimi_conformance.contract.schema import Shape
    from kimi_conformance.traffic.found import Found

CHAT: Final = "https://api.moonshot.ai/v1/chat/completions"
HEADERS: Final = {
    "content-type": "application/json; charset=utf-8",
    "date": "Tue, 01 Sep 2026 10:00:00 GMT",
    "msh-request-id": "0d2f1c8e-86d5-11f0-8e1a-0242ac110002",
    "x-msh-trace-id": "4f3c2b1a09f8e7d6c5b4a39281706f5e",
    "msh-trace-mode": "on",
}
STREAM_HEADERS: Final = {**HEADERS, "content-type": "text/event-stream"}
ASKED: Final = {"model": "kimi-k3", "messages": [{"role": "user", "content": "Say hello."}]}
USAGE: Final = {
    "prompt_tokens": 12,
    "completion_tokens": 9,
    "total_tokens": 21,
    "completion_tokens_details": {"reasoning_tokens": 4},
}
HEAD: Final = {"id": "chatcmpl-6a5aba15de3542feca4c46e5", "created": 1784330773, "model": "kimi-k3"}
ANSWER: Final[dict[str, Any]] = {
    **HEAD,
    "object": "chat.completion",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello.", "reasoning_content": "A greeting."},
            "finish_reason": "stop",
        }
    ],
    "usage": USAGE,
}


def chunk(*choices: Any, **more: Any) -> dict[str, Any]:
    """A chunk of a stream."""
    head = {**HEAD, "object": "chat.completion.chunk", "system_fingerprint": "fpv0_25844b67"}
    return {**head, "choices": list(choices), **more}


def delta(finish: str | None = None, *, usage: Any = None, **said: Any) -> dict[str, Any]:
    """What a chunk says of choice 0."""
    choice = {"index": 0, "delta": said, "finish_reason": finish}
    return {**choice, "usage": usage} if usage else choice


def stream(*words: str) -> str:
    """A healthy stream that says `words`."""
    chunks = [
        chunk(delta(role="assistant", content="")),
        chunk(delta(reasoning_content="A greeting.")),
        *(chunk(delta(content=word)) for word in words),
        chunk(delta("stop", usage=USAGE)),
    ]
    return "".join(f"data: {json.dumps(each)}\n\n" for each in chunks) + "data: [DONE]\n\n"


def entry(content: Any, *, status: int = 200, url: str = CHAT, method: str = "POST", **response: Any) -> dict[str, Any]:
    """An entry of a HAR; `content` is the text of the answer, or the object that HAR calls so."""
    said = content if isinstance(content, dict) else {"size": len(content), "text": content}
    return {
        "startedDateTime": "2026-09-01T23:30:00.000-02:00",
        "time": 1500.0,
        "request": {
            "method": method,
            "url": url,
            "headers": [{"name": ":authority", "value": "api.moonshot.ai"}, {"name": "Accept", "value": "*/*"}],
            "postData": {"mimeType": "application/json", "text": json.dumps(ASKED)},
        },
        "response": {"status": status, "headers": _named(HEADERS), "content": said, **response},
    }


def har(*entries: Any) -> str:
    """A HAR."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "a browser"}, "entries": list(entries)}}, indent=1)


def interaction(string: Any, *, headers: Any = None, **response: Any) -> dict[str, Any]:
    """An interaction of a vcrpy cassette."""
    listed = {name: [value] for name, value in (HEADERS if headers is None else headers).items()}
    return {
        "request": {"method": "POST", "uri": CHAT, "body": json.dumps(ASKED), "headers": {"accept": ["*/*"]}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": listed,
            "body": {"string": string},
            **response,
        },
    }


def observation(**response: Any) -> dict[str, Any]:
    """An exchange in the form of `evidence/`."""
    request = {"method": "POST", "path": "/v1/chat/completions", "body": ASKED}
    return {
        "source": "a test",
        "kind": "pasted",
        "host": "api.moonshot.ai",
        "request": request,
        "response": {"status": 200, **response},
        "complete": True,
        "doubts": [],
    }


def written(folder: Path, text: str | bytes, name: str = "traffic") -> str:
    """The path of a new file with `text`. Its name tells nothing."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def all_of(folder: Path, text: str | bytes, shape: Shape | None = None) -> list[Found]:
    """What is found in a file with `text`."""
    return list(read(written(folder, text), shape))


def one(found: Iterable[Found]) -> Found:
    """The only one of `found`, which can be judged."""
    (only,) = found
    assert only.why == ""
    return only


def _named(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]
