"""Errors of every family, limits, keys that do not fit, and models that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Piece, Response
from suites.selftest.specimen_parts import (
    CHAT,
    HELLO,
    IDS,
    MESSAGES,
    RESPONSES,
    asking,
    chat_body,
    error,
    error_of_messages,
    listing,
    request,
    sight,
)

if TYPE_CHECKING:
    from kimi_conformance.contract.calls import Host
    from kimi_conformance.judge.api.sight import Key, Sight

MODELS, SPEAK = "/v1/models", {"model": "kimi-k3", "max_tokens": 512, "messages": HELLO}
PAGE = b"<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body></body>\r\n</html>\r\n"
UNKNOWN_KEY = error("Invalid Authentication", "invalid_authentication_error")
NO_KEY = error("Incorrect API key provided", "incorrect_api_key_error")
EXPIRED = error(
    "The API Key appears to be invalid or may have expired. Please verify your credentials and try again.",
    "invalid_authentication_error",
)
WHOSE = "org-0123456789abcdef0123456789abcdef<ak-abcdefghij0123456789>"
RATE = error(
    f"Your account {WHOSE} request reached organization max RPM: 3, please try again after 1 seconds",
    "rate_limit_reached_error",
)
QUOTA = error(
    f"Your account {WHOSE} is suspended due to insufficient balance, please recharge your account or check your plan "
    "and billing details",
    "exceeded_current_quota_error",
)
OVERLOAD = error("The engine is currently overloaded, please try again later", "engine_overloaded_error")
WAIT = (("retry-after", "1"), ("x-retry-after", "1"), ("msh-cooldown-seconds", "1"))


def gateway(url: str, code: int = 5, said: str = "url.not_found", method: str = "GET") -> dict[str, Any]:
    """An error of the gateway."""
    words = {"message": "没找到对象", "method": method, "scode": hex(code), "status": False, "ua": "", "url": url}
    return {"code": code, "error": said, **words}


def _gone(name: str) -> dict[str, Any]:
    return error(f"Not found the model {name} or Permission denied", "resource_not_found_error")


def _keyed(path: str, key: Key, host: Host = "platform-ai", said: Any = UNKNOWN_KEY) -> Sight:
    if path == MODELS:
        return listing(path, said, status=401, host=host, key=key)
    return asking(path, chat_body(), 401, said, host=host, key=key)


def _away() -> Sight:
    answered = Response(504, (("content-type", "text/html"), *IDS), (Piece(900_100.0, PAGE),), 900_100.0)
    return sight(request("POST", CHAT, chat_body()), answered, timed=True, end_ms=900_101.0)


KEYS: dict[str, Sight] = {
    "key/wrong": _keyed(CHAT, "wrong"),
    "key/wrong-messages": _keyed(MESSAGES, "wrong"),
    "key/wrong-responses": _keyed(RESPONSES, "wrong"),
    "key/ai-on-cn": _keyed(MODELS, "other-host", "platform-cn"),
    "key/cn-on-ai": _keyed(MODELS, "other-host"),
    "key/coding-on-platform": _keyed(MODELS, "coding"),
    "key/platform-on-coding": _keyed("/coding/v1/chat/completions", "other-host", "coding", EXPIRED),
    "key/none": _keyed(CHAT, "none", said=NO_KEY),
    "key/none-models": _keyed(MODELS, "none", "platform-cn", NO_KEY),
    "key/none-messages": _keyed(MESSAGES, "none", said=NO_KEY),
}

LIMITS: dict[str, Sight] = {
    "limit/platform-rate": asking(CHAT, chat_body(), 429, RATE, *WAIT),
    "limit/messages": asking(MESSAGES, SPEAK, 429, RATE, *WAIT),
    "limit/platform-quota": asking(CHAT, chat_body(), 429, QUOTA),
    "limit/platform-overload": asking(CHAT, chat_body(), 429, OVERLOAD),
    "limit/coding": asking("/coding/v1/chat/completions", chat_body(), 429, RATE, host="coding"),
}

MISSING: dict[str, Sight] = {
    "gone/model-retired": asking(CHAT, chat_body(model="kimi-k2.5"), 404, _gone("kimi-k2.5")),
    "gone/model-never": asking(CHAT, chat_body(model="kimi-k2-turbo"), 404, _gone("kimi-k2-turbo")),
    "gone/model-coding-id": asking(CHAT, chat_body(model="kimi-for-coding"), 404, _gone("kimi-for-coding")),
    "gone/model-messages": asking(
        MESSAGES,
        {**SPEAK, "model": "kimi-k2.5"},
        404,
        error_of_messages("Not found the model kimi-k2.5 or Permission denied", "resource_not_found_error"),
    ),
    "gone/path-embeddings": listing("/v1/embeddings", gateway("/v1/embeddings"), status=404),
    "gone/path-messages-models": listing("/anthropic/v1/models", gateway("/anthropic/v1/models"), status=404),
    "gone/path-method": listing(
        MODELS, gateway(MODELS, 12, "method.not_allowed", "DELETE"), status=405, method="DELETE"
    ),
}

ERRORS: dict[str, Sight] = {
    "error/risky": asking(
        CHAT,
        chat_body(),
        400,
        error(
            "The request was rejected because it was considered high risk", "content_filter", code=400, param="prompt"
        ),
    ),
    "error/403": asking(
        CHAT, chat_body(), 403, error("The API you are accessing is not open", "permission_denied_error")
    ),
    "error/403-coding": asking(
        "/coding/v1/chat/completions",
        chat_body(model="kimi-for-coding"),
        403,
        error("Kimi For Coding is currently only available for Coding Agents", "access_terminated_error"),
        host="coding",
    ),
    "error/500": asking(CHAT, {"messages": HELLO}, 500, error("invalid state transition", "unexpected_output")),
    "error/503": asking(CHAT, chat_body(), 503, error("The server is away for a moment", "server_unavailable")),
    "error/504": _away(),
    "error/tokens": asking(
        "/v1/tokenizers/estimate-token-count",
        {"model": "kimi-k3", "messages": []},
        400,
        gateway("/v1/tokenizers/estimate-token-count", 3, "messages must not be empty", "POST"),
    ),
}
