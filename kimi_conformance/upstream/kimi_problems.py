"""The errors of Kimi that a request does not bring about by itself, word for word (facts, section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.upstream.kimi_wire import Problem, anthropic_error, error, headers
from kimi_conformance.upstream.script import Script, Send

if TYPE_CHECKING:
    from kimi_conformance.exchange import Headers

ORG, KEY_ID = "org-0123456789abcdef0123456789abcdef", "ak-abcdefghij0123456789"
"""Made up; as long as real ones."""

WAIT_S: Final = "1"
"""In every capture, whatever was left of the minute (evidence 106)."""

COOLDOWN: Headers = (("Retry-After", WAIT_S), ("X-Retry-After", WAIT_S), ("Msh-Cooldown-Seconds", WAIT_S))
"""With a rate limit only: the captures of an overloaded engine and of an empty account have none of them."""

NO_KEY = Problem(401, "incorrect_api_key_error", "Incorrect API key provided")
WRONG_KEY = Problem(401, "invalid_authentication_error", "Invalid Authentication")

NOT_OPEN = Problem(403, "permission_denied_error", "The API you are accessing is not open")

ONLY_ONE_TEMPERATURE = Problem(400, "invalid_request_error", "invalid temperature: only 1 is allowed for this model")

OVERLOADED = Problem(429, "engine_overloaded_error", "The engine is currently overloaded, please try again later")

QUOTA = Problem(
    429,
    "exceeded_current_quota_error",
    f"Your account {ORG} <{KEY_ID}> is suspended due to insufficient balance, please recharge your account or check "
    "your plan and billing details",
)

TOO_MANY_TOKENS = Problem(
    429,
    "rate_limit_reached_error",
    f"Your account {ORG}<{KEY_ID}> request reached organization TPM rate limit, current:1501880, limit:1500000",
)
"""Documented, and never captured: with no header that anybody has seen."""

CLIENT_CLOSED = Problem(499, "client_closed_request", "The client closed the request")
"""The text is modelled, as it is published nowhere."""

SERVER_ERROR = Problem(500, "server_error", "Failed to extract file: the file could not be read")
UNEXPECTED_OUTPUT = Problem(500, "unexpected_output", "invalid state transition")

UNAVAILABLE = Problem(503, "server_unavailable", "The server is temporarily unavailable, please try again later")
"""The text is modelled, as it is published nowhere."""

GATEWAY_TIMEOUT: Final = b"<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 \
Gateway Time-out</h1></center>\r\n</body>\r\n</html>\r\n"


def unknown_model(model: object) -> Problem:
    """404 to a model that is not there, or not for this account."""
    return Problem(404, "resource_not_found_error", f"Not found the model {model} or Permission denied")


def too_many(rpm: int) -> Problem:
    """The rate limit on the chat face (evidence 106): no blank before `<`, unlike in the words of `QUOTA`."""
    reached = f"request reached organization max RPM: {rpm}, please try again after {WAIT_S} seconds"
    return Problem(429, "rate_limit_reached_error", f"Your account {ORG}<{KEY_ID}> {reached}")


def too_many_messages() -> Problem:
    """The rate limit on the Anthropic face (evidence 024)."""
    words = f"Organization Rate limit exceeded, please try again after {WAIT_S} seconds"
    return Problem(429, "rate_limit_reached_error", words)


def on_messages(problem: Problem, more: Headers = ()) -> Script:
    """An error of the platform's Anthropic face: OpenAI's shape but for 400 and 404 (facts 1.23).

    That it is so for 403 and 5xx is modelled.
    """
    return anthropic_error(problem) if problem.status in (400, 404) else error(problem, more)


def gateway_timeout() -> Script:
    """What stands before the platform, after 900 s of silence behind it: a page of HTML."""
    return Script(504, headers("text/html"), (Send(GATEWAY_TIMEOUT),))
