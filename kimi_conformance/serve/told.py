"""What a request can ask for that no request brings about: the header `x-serve`, or a trigger of the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.serve.limits import AGENTS_ONLY, too_many
from kimi_conformance.serve.reading import body_of
from kimi_conformance.serve.refusals_messages import exceeded
from kimi_conformance.serve.shapes import CONTENT_FILTER, refuse
from kimi_conformance.upstream.kimi_problems import (
    NOT_OPEN,
    OVERLOADED,
    QUOTA,
    UNAVAILABLE,
    UNEXPECTED_OUTPUT,
    gateway_timeout,
)
from kimi_conformance.upstream.kimi_wire import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.serve.call import Call
    from kimi_conformance.upstream.script import Script

HEADER: Final = "x-serve"
RPM: Final = 3
"""Of an account of tier 0."""

PROBLEMS: Final[Mapping[str, Problem]] = {
    "overload": OVERLOADED,
    "quota": QUOTA,
    "content_filter": Problem(400, CONTENT_FILTER, "The request was rejected because it was considered high risk"),
    "403": NOT_OPEN,
    "agents-only": AGENTS_ONLY,
    "500": UNEXPECTED_OUTPUT,
    "503": UNAVAILABLE,
}


def forced(call: Call, said: str) -> Script | None:
    """What `x-serve` asks for, or the first trigger that stands in what the user `said`. Unknown names do nothing."""
    name = call.request.header(HEADER) or next(
        (name for words, name in call.config.triggers.items() if words in said), None
    )
    if name == "504":
        return gateway_timeout()
    if name == "rate":
        return too_many(call, call.account.rpm or RPM)
    problem = _too_long(call) if name == "too_long" else PROBLEMS.get(name or "")
    return refuse(problem, call.face, call.host) if problem else None


def _too_long(call: Call) -> Problem | None:
    """What a prompt that exceeds the model's context by a token is told; nothing, where the context is not known."""
    model = call.config.catalogue.find(str((body_of(call.request) or {}).get("model")))
    return exceeded(model.context, model.context + 1) if model and model.context else None
