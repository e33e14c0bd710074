"""The laws of chat requests that are refused whatever the model."""

from __future__ import annotations

from suites.selftest.sights import DAY, HELLO, asking, chat, error, invalid, page, seen, whole

EMPTY = asking(messages=[])
HOLLOW = asking(messages=[*HELLO, {"role": "assistant", "content": ""}, *HELLO])
STOPS = asking(stop=["a", "b", "c", "d", "e", "f"])
REMOTE = asking(
    messages=[
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/moon.png"}}]}
    ]
)
LONG = asking("kimi-k2.6", messages=[{"role": "user", "content": "moon " * 262_145}])
AT_8 = "Invalid request: the message at position 8 with role 'assistant' must not be empty"
SIX = "stop array too long. Expected an array with maximum length 5, but got 6"
FULL = asking("kimi-k2.6", messages=[{"role": "user", "content": "a " * 262_144}])
IN_PARTS = asking("kimi-k2.6", messages=[{"role": "user", "content": [{"type": "text", "text": "a " * 131_072}]}])
LIMIT = "Invalid request: Your request exceeded model token limit: 262144 (requested: 269030)"


def ended(**members: object) -> dict[str, object]:
    """A request whose last message is one of the assistant, empty but for these members."""
    return asking(messages=[*HELLO, {"role": "assistant", "content": "", **members}])


def pictured(url: object, kind: str = "image_url") -> dict[str, object]:
    return asking(messages=[{"role": "user", "content": [{"type": kind, "text": "a", "image_url": url}]}])


FINE = [
    ("api.chat.empty-messages-refused", invalid("Invalid request: messages must not be empty", EMPTY)),
    ("api.chat.empty-assistant-refused", invalid(AT_8, HOLLOW)),
    ("api.chat.stop-at-most-five", invalid(SIX, STOPS)),
    ("api.chat.remote-image-refused", invalid("unsupported image url", REMOTE)),
    ("api.chat.context-bounded", invalid(LIMIT, LONG)),
    ("api.chat.context-bounded", invalid(LIMIT)),
    ("api.chat.context-bounded", invalid("Input token length too long", LONG)),
    ("api.chat.empty-messages-refused", invalid(SIX, asking(messages=[], stop=["a"] * 6))),
]
WRONG = [
    ("api.chat.empty-messages-refused", chat(whole(), EMPTY), "response"),
    ("api.chat.empty-messages-refused", page(500, EMPTY), "response"),
    ("api.chat.empty-messages-refused", error(400, "bad_request", "messages", EMPTY), "response /error/type"),
    ("api.chat.empty-messages-refused", invalid("no", EMPTY), "response /error/message"),
    ("api.chat.empty-assistant-refused", chat(whole(), HOLLOW), "response"),
    ("api.chat.empty-assistant-refused", invalid("no", HOLLOW), "response /error/message"),
    ("api.chat.stop-at-most-five", chat(whole(), STOPS), "response"),
    ("api.chat.stop-at-most-five", invalid("stop array too long", STOPS), "response /error/message"),
    ("api.chat.remote-image-refused", chat(whole(), REMOTE), "response"),
    ("api.chat.remote-image-refused", invalid("", REMOTE), "response /error/message"),
    *(
        ("api.chat.remote-image-refused", chat(whole(), pictured(url)), "response")
        for url in ("http://example.com/moon.png", "HTTPS://EXAMPLE.COM/MOON.PNG")
    ),
    ("api.chat.context-bounded", chat(whole(), LONG), "response"),
    ("api.chat.context-bounded", invalid("Your request exceeded model token limit", LONG), "response /error/message"),
    (
        "api.chat.empty-messages-refused",
        error(400, "resource_not_found_error", "no", EMPTY),
        "response /error/type, response /error/message",
    ),
    (
        "api.chat.empty-messages-refused",
        seen(400, {"error": {"type": "invalid_request_error", "message": 5}}, asked=EMPTY),
        "response /error/message",
    ),
    ("api.chat.empty-messages-refused", invalid("", asking(messages=[], stop=["a"] * 6)), "response /error/message"),
    ("api.chat.empty-messages-refused", error(413, "a", "b", EMPTY), "response"),
]
SILENT = [
    ("api.chat.empty-messages-refused", chat(whole())),
    *(
        ("api.chat.empty-assistant-refused", chat(whole(), ended(**members)))
        for members in ({"content": "Hi."}, {"reasoning_content": "Hm."}, {"partial": True})
    ),
    ("api.chat.stop-at-most-five", chat(whole(), asking(stop=["a", "b", "c", "d", "e", 6]))),
    ("api.chat.remote-image-refused", chat(whole(), pictured("https://example.com/moon.png", "text"))),
    *(("api.chat.remote-image-refused", chat(whole(), pictured(url))) for url in (5, {"url": 5}, {})),
    ("api.chat.context-bounded", chat(whole(), FULL)),
    ("api.chat.context-bounded", chat(whole(), IN_PARTS)),
    ("api.chat.empty-messages-refused", error(429, "engine_overloaded_error", "overloaded", EMPTY)),
    ("api.chat.empty-messages-refused", error(401, "invalid_authentication_error", "no", EMPTY)),
    ("api.chat.empty-messages-refused", error(404, "resource_not_found_error", "no such model", EMPTY)),
    ("api.chat.empty-messages-refused", page(503, EMPTY)),
    (
        "api.chat.empty-assistant-refused",
        chat(whole(), asking(messages=[*HELLO, {"role": "assistant", "content": "", "tool_calls": [{"id": "a"}]}])),
    ),
    ("api.chat.stop-at-most-five", chat(whole(), asking(stop=["a"] * 5))),
    (
        "api.chat.remote-image-refused",
        chat(whole(), asking(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": "ms://1"}]}])),
    ),
    ("api.chat.context-bounded", invalid("max_tokens is above the token limit")),
    ("api.chat.context-bounded", chat(whole(), asking("kimi-k3", messages=LONG["messages"]))),
    *(("api.chat.empty-messages-refused", page(each, EMPTY)) for each in (401, 402, 403, 408, 429, 499, 503, 504)),
    (
        "api.chat.empty-messages-refused",
        chat(whole(), EMPTY, host=None, path="https://router.example/v1/chat/completions"),
    ),
    ("api.chat.empty-messages-refused", error(400, "content_filter", "considered high risk", EMPTY)),
    ("api.chat.empty-messages-refused", chat(whole(), EMPTY, on=DAY.replace(year=2025))),
]
