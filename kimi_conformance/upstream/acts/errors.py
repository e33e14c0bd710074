"""Errors, in the words and the shape of whoever is asked: Kimi on both of its faces, OpenAI, Anthropic."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from kimi_conformance.upstream import anthropic, openai
from kimi_conformance.upstream import kimi_problems as kimi
from kimi_conformance.upstream.acts.act import act
from kimi_conformance.upstream.kimi_wire import Problem, error
from kimi_conformance.upstream.script import Script, Send, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.exchange import Headers
    from kimi_conformance.upstream.acts.act import Heard

RPM: Final = 3
"""Of an account of tier 0 (facts, section 7)."""

RETRY_AFTER: Headers = (("retry-after", kimi.WAIT_S),)


@dataclass(frozen=True, slots=True)
class OpenAi:
    """An error in OpenAI's words."""

    status: int
    message: str
    type: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One error, as each of the three tells it. `waits`: with headers that say when to come again."""

    kimi: Problem
    openai: OpenAi
    anthropic: Problem
    waits: bool = False


OPENAI_DOWN: Final = "The server had an error while processing your request. Sorry about that!"

ERRORS: Final[Mapping[str, Told]] = {
    "400-temperature": Told(
        kimi.ONLY_ONE_TEMPERATURE,
        OpenAi(
            400,
            "Unsupported value: 'temperature' does not support 0.6 with this model. "
            "Only the default (1) value is supported.",
            code="unsupported_value",
            param="temperature",
        ),
        Problem(400, "invalid_request_error", "temperature: range: 0..1"),
    ),
    "401-wrong-key": Told(
        kimi.WRONG_KEY,
        OpenAi(401, "Incorrect API key provided.", code="invalid_api_key"),
        Problem(401, "authentication_error", "invalid x-api-key"),
    ),
    "401-no-key": Told(
        kimi.NO_KEY,
        OpenAi(401, "You didn't provide an API key."),
        Problem(401, "authentication_error", "x-api-key header is required"),
    ),
    "403": Told(
        kimi.NOT_OPEN,
        OpenAi(
            403,
            "Country, region, or territory not supported",
            "request_forbidden",
            "unsupported_country_region_territory",
        ),
        Problem(403, "permission_error", "Your API key does not have permission to use the specified resource."),
    ),
    "429-rate": Told(
        kimi.too_many(RPM),
        OpenAi(429, "Rate limit reached for requests per min (RPM): Limit 3.", "requests", "rate_limit_exceeded"),
        Problem(429, "rate_limit_error", "This request would exceed your account's rate limit."),
        waits=True,
    ),
    "429-tokens": Told(
        kimi.TOO_MANY_TOKENS,
        OpenAi(429, "Rate limit reached for tokens per min (TPM): Limit 1500000.", "tokens", "rate_limit_exceeded"),
        Problem(429, "rate_limit_error", "This request would exceed your account's rate limit of tokens."),
    ),
    "429-overload": Told(
        kimi.OVERLOADED,
        OpenAi(503, "The engine is currently overloaded, please try again later.", "server_error"),
        Problem(529, "overloaded_error", "Overloaded"),
    ),
    "429-quota": Told(
        kimi.QUOTA,
        OpenAi(
            429,
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            "insufficient_quota",
        ),
        Problem(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    ),
    "499": Told(
        kimi.CLIENT_CLOSED,
        OpenAi(499, "Client closed the request.", "client_closed_request"),
        Problem(499, "api_error", "Client disconnected"),
    ),
    "500": Told(
        kimi.SERVER_ERROR,
        OpenAi(500, OPENAI_DOWN, "server_error"),
        Problem(500, "api_error", "Internal server error"),
    ),
    "500-unexpected": Told(
        kimi.UNEXPECTED_OUTPUT,
        OpenAi(500, OPENAI_DOWN, "server_error"),
        Problem(500, "api_error", "Internal server error"),
    ),
    "503": Told(
        kimi.UNAVAILABLE,
        OpenAi(503, OPENAI_DOWN, "server_error"),
        Problem(503, "api_error", "Service temporarily unavailable"),
    ),
}
"""By the names of their acts. The words of Kimi are facts; those of the others are what they are known to say."""


def told(heard: Heard, said: Told) -> Script:
    """`said` in the words of the dialect and the shape of the wire that were asked."""
    if heard.wire == "other":
        return json_answer(said.kimi.status, {"message": said.kimi.message})
    if heard.dialect == "kimi":
        more = kimi.COOLDOWN if said.waits else ()
        if heard.wire == "chat":
            return error(said.kimi, more)
        return kimi.on_messages(kimi.too_many_messages() if said.waits else said.kimi, more)
    more = RETRY_AFTER if said.waits else ()
    if heard.wire == "messages":
        problem = said.anthropic
        return anthropic.error(problem.status, problem.type, problem.message, more)
    words = said.openai
    return openai.error(words.status, words.message, type_=words.type, param=words.param, code=words.code, more=more)


for _name, _said in ERRORS.items():
    act(_name)(partial(told, said=_said))


@act("404-model")
def no_such_model(heard: Heard) -> Script:
    """The model is not there, or not for this account."""
    model = heard.members.get("model")
    unknown = f"The model `{model}` does not exist or you do not have access to it."
    return told(
        heard,
        Told(
            kimi.unknown_model(model),
            OpenAi(404, unknown, code="model_not_found"),
            Problem(404, "not_found_error", f"model: {model}"),
        ),
    )


@act("504-html")
def gateway_timeout(_: Heard) -> Script:
    """The page of HTML that stands before the platform, whoever is asked."""
    return kimi.gateway_timeout()


@act("400-gzip")
def compressed(heard: Heard) -> Script:
    """An error whose body is compressed, unless the request says that it must not be (RFC 9110, 12.5.3)."""
    script = told(heard, ERRORS["400-temperature"])
    accepted = heard.request.header("accept-encoding")
    if accepted is not None and "gzip" not in accepted and "*" not in accepted:
        return script
    headers = (*script.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return replace(script, headers=headers, steps=(Send(gzip.compress(script.body, mtime=0)),))
