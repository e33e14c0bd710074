"""Refusals and breakdowns where an answer belongs."""

from __future__ import annotations

from typing import Final

from kimi_conformance.faults.wire.whole import failing, holding, page, response
from kimi_conformance.faults.wire.wire_fault import wire

TAKEN: Final = (
    "api.chat.answered",
    "api.chat.inline-image-accepted",
    "api.chat.max-tokens-accepted",
    "api.chat.unknown-members-accepted",
    "api.chat.kimi-members-accepted",
    "api.chat.prediction-accepted",
    "api.sampling.fixed-value-accepted",
    "api.thinking.disabled-is-honoured",
    "api.thinking.efforts-accepted",
    "api.thinking.unknown-effort-accepted",
    "api.thinking.effort-ignored",
    "api.thinking.keep",
    "api.thinking.reasoning-may-be-left-out",
    "api.tools.auto-without-tools-accepted",
    "api.tools.dynamic-tools",
    "api.tools.named-works-without-thinking",
    "api.coding.chat-answered",
    "api.messages.answered",
    "api.messages.temperature-not-refused",
    "api.messages.thinking-disabled-honoured",
    "api.messages.unknown-effort-accepted",
    "api.messages.version-header-accepted",
    "api.responses.thinking-accepted",
)
"""What requires an answer."""


def _error(kind: str, message: str) -> dict[str, dict[str, str]]:
    return {"error": {"message": message, "type": kind}}


FAULTS: Final = (
    wire(
        "refuse-everything",
        "Every request is refused as invalid.",
        failing(400, _error("invalid_request_error", "Invalid request: no")),
        *TAKEN,
        on="taken/*",
    ),
    wire(
        "all-500",
        "Everything fails inside.",
        failing(500, _error("server_error", "internal error")),
        "api.chat.answered",
        on="taken/plain",
    ),
    wire(
        "all-500-on-messages",
        "Everything fails inside on the Anthropic face.",
        failing(500, {"type": "error", **_error("server_error", "internal error")}),
        "api.messages.answered",
        on="taken/message",
    ),
    wire(
        "all-500-of-openai",
        "Everything fails inside, in words of OpenAI's.",
        failing(500, _error("api_error", "internal error")),
        *TAKEN,
        on="taken/*",
    ),
    wire("all-html", "Everything is a page, and 200.", page(200), *TAKEN, on="taken/*"),
    wire(
        "all-401",
        "No key is good.",
        failing(401, _error("invalid_authentication_error", "Invalid Authentication")),
        "api.auth.own-key-accepted",
        on="taken/*",
    ),
    wire(
        "x-api-key-ignored",
        "A key in x-api-key is not looked at.",
        failing(401, _error("incorrect_api_key_error", "Incorrect API key provided")),
        "api.auth.x-api-key-on-messages",
        on="taken/message-with-version",
    ),
    wire(
        "live-model-404",
        "A model that is served is answered 404.",
        failing(404, _error("resource_not_found_error", "Not found the model kimi-k3 or Permission denied")),
        "api.lifecycle.live-served",
        on="chat",
    ),
    wire(
        "models-need-funds",
        "An account without funds does not get the list of models.",
        failing(429, _error("exceeded_current_quota_error", "Your account is suspended due to insufficient balance")),
        "api.models.answers-without-funds",
        on="models-drained",
    ),
    wire(
        "body-empty",
        "200, and nothing else.",
        response(lambda found: holding(found, b"")),
        "api.chat.shape",
        "api.chat.answered",
        on="taken/plain",
    ),
)
