"""Defects of an API, each a step of the offline Kimi replaced: for `serve --fault NAME`, and for suites to notice."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kimi_conformance.upstream import asked
from kimi_conformance.upstream.kimi_wire import Problem, error
from kimi_conformance.upstream.script import Script, Send, compact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.exchange import Request

Answer: TypeAlias = "Callable[[Request], Script]"

REFUSED: Final = frozenset({400, 404})
HEALTHY: Final = "kimi-k3"


def accepts_everything(answer: Answer) -> Answer:
    """A request that is to be refused is answered like any other, under the name of its model."""

    def accept(request: Request) -> Script:
        script, body = answer(request), asked.body(request)
        if script.status not in REFUSED or body is None or "model" not in body:
            return script
        named, plain = compact(body["model"]), {"role": "user", "content": "hello"}
        members = {"model": HEALTHY, "messages": [plain], "max_tokens": 1024, "stream": body.get("stream")}
        served = answer(_with(request, members))
        data = tuple(
            Send(step.data.replace(compact(HEALTHY), named)) if isinstance(step, Send) else step
            for step in served.steps
        )
        return replace(served, steps=data)

    return accept


def all_401(_: Answer) -> Answer:
    """No key is good."""
    return lambda _: error(Problem(401, "invalid_authentication_error", "Invalid Authentication"))


def all_500(_: Answer) -> Answer:
    """Everything fails inside."""
    return lambda _: error(Problem(500, "server_error", "internal error"))


def required_ignored(answer: Answer) -> Answer:
    """A choice of tools that demands a call is taken as one that forbids it."""
    return _altered(
        answer, lambda body: {**body, "tool_choice": "none"} if body.get("tool_choice") == "required" else body
    )


def stream_ignored(answer: Answer) -> Answer:
    """A request for a stream is answered in one piece."""
    dropped = ("stream", "stream_options")
    return _altered(answer, lambda body: {name: value for name, value in body.items() if name not in dropped})


BEHAVIOURS: Final[Mapping[str, Callable[[Answer], Answer]]] = {
    "accept-everything": accepts_everything,
    "all-401": all_401,
    "all-500": all_500,
    "required-ignored": required_ignored,
    "stream-ignored": stream_ignored,
}
"""By the names that `serve --fault` takes."""


def _altered(answer: Answer, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Answer:
    """Answers as if the body had been another."""

    def altered(request: Request) -> Script:
        body = asked.body(request)
        return answer(request if body is None else _with(request, change(body)))

    return altered


def _with(request: Request, body: dict[str, Any]) -> Request:
    return replace(request, body=json.dumps(body).encode())
