"""What a request can ask for that no request brings about: the header `x-serve`, or a trigger of the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.serve.limits import AGENTS_ONLY, QUOTA, too_many
from kimi_conformance.serve.reading import body_of
from kimi_conformance.serve.refusals_messages import exceeded
from kimi_conformance.serve.shapes import CONTENT_FILTER, refuse
from kimi_conformance.upstream.kimi_wire import Problem, headers
from kimi_conformance.upstream.script import Script, Send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.serve.call import Call

HEADER: Final = "x-serve"
RPM: Final = 3
"""Of an account of tier 0."""

PROBLEMS: Final[Mapping[str, Problem]] = {
    "overload": Problem(429, "engine_overloaded_error", "The engine is currently overloaded, please try again later"),
    "quota": QUOTA,
    "content_filter": Problem(400, CONTENT_FILTER, "The request was rejected because it was considered high risk"),
    "403": Problem(403, "permission_denied_error", "The API you are accessing is not open"),
    "agents-only": AGENTS_ONLY,
    "500": Problem(500, "unexpected_output", "invalid state transition"),
    # modelled: the text of a 503 is published nowhere
    "503": Problem(503, "server_unavailable", "The server is temporarily unavailable, please try again later"),
}

GATEWAY_TIMEOUT: Final = b"<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 \
Gateway Time-out</h1></center>\r\n</body>\r\n</html>\r\n"


def forced(call: Call, said: str) -> Script | None:
    """What `x-serve` asks for, or the first trigger that stands in what the user `said`. Unknown names do nothing."""
    name = call.request.header(HEADER) or next(
        (name for words, name in call.config.triggers.items() if words in said), None
    )
    if name == "504":
        return Script(504, headers("text/html"), (Send(GATEWAY_TIMEOUT),))
    if name == "rate":
        return too_many(call, call.account.rpm or RPM)
    problem = _too_long(call) if name == "too_long" else PROBLEMS.get(name or "")
    return refuse(problem, call.face, call.host) if problem else None


def _too_long(call: Call) -> Problem | None:
    """What a prompt that exceeds the model's context by a token is told; nothing, where the context is not known."""
    model = call.config.catalogue.find(str((body_of(call.request) or {}).get("model")))
    return exceeded(model.context, model.context + 1) if model and model.context else None
