"""The laws of requests to the Anthropic face, and of its errors."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from suites.selftest.law_messages import START, TEXT, begin, end, last, piece
from suites.selftest.sights import DAY, HELLO, ID, MESSAGES, asking, chat, error, events, page, seen, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

REQUEST_ID = "3f84e9cd-a660-11f1-88e1-eaf9ba74c120"
BODY = {
    "id": ID,
    "type": "message",
    "role": "assistant",
    "content": [{"type": "text", "text": "Hello!"}],
    "model": "kimi-k3",
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 5, "output_tokens": 3},
}
THINKING = {"type": "thinking", "thinking": "Hm.", "signature": ""}
TOOL = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
OFF = {"type": "disabled"}
VERSION = {"anthropic-version": "2023-06-01"}
SPECIFIED = "tool_choice 'specified' is incompatible with thinking enabled"
ANSWERED, TEMPERED = "api.messages.answered", "api.messages.temperature-not-refused"
EFFORT, VERSIONED = "api.messages.unknown-effort-accepted", "api.messages.version-header-accepted"
SILENCED, NAMED, LOST = (
    "api.messages.thinking-disabled-honoured",
    "api.messages.named-tool-refused",
    "api.messages.unknown-model-404",
)
OPENAIS, ANTHROPICS = "api.messages.openai-error-on-401-429", "api.messages.anthropic-error-on-400-404"
WORDS = "api.messages.error-words"


ROUTED = {"path": f"https://router.test{MESSAGES}", "host": None}


def said(
    body: object = BODY, sent: dict[str, str] | None = None, *, known: dict[str, Any] | None = None, **members: object
) -> Sight:
    return seen(
        200, body, asked=asking(**{"max_tokens": 64, **members}), sent=sent, **{"path": MESSAGES, **(known or {})}
    )


def refused(
    message: str = "no",
    *,
    status: int = 400,
    kind: str = "invalid_request_error",
    leave: str = "",
    sent: dict[str, str] | None = None,
    known: dict[str, object] | None = None,
    **members: object,
) -> Sight:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": REQUEST_ID}
    asked = asking(**{"max_tokens": 64, **members})
    kept = {name: value for name, value in body.items() if name != leave}
    return seen(status, kept, asked=asked, path=MESSAGES, sent=sent, **(known or {}))


def openai(status: int, kind: str) -> Sight:
    return error(status, kind, "no", asking(max_tokens=64), path=MESSAGES)


CHOICE = {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "get_weather"}}
EFFORTS = {"output_config": {"effort": "bogus"}}
EVERYTHING = {
    "system": "Be brief.",
    "stream": False,
    "thinking": OFF,
    "output_config": {"effort": "low"},
    "tools": [TOOL],
    "temperature": 0.5,
    "top_k": 1,
}
GATEWAY = {"code": 5, "error": "url.not_found", "scode": "0x5"}
STREAM = {"content-type": "text/event-stream"}
MUTE = asking(max_tokens=64, thinking=OFF)
TURBO = {"status": 404, "kind": "resource_not_found_error", "model": "kimi-k2-turbo"}
NOT_FOUND = "Not found the model kimi-k2-turbo or Permission denied"

FINE = [
    (ANSWERED, said(tools=[TOOL], system="Be brief.")),
    (ANSWERED, said(**EVERYTHING)),
    (TEMPERED, said(temperature=0.5, top_k=1)),
    (EFFORT, said(**EFFORTS)),
    (VERSIONED, said(sent=VERSION)),
    (SILENCED, said(thinking=OFF)),
    (SILENCED, said({**BODY, "content": [{**THINKING, "thinking": ""}, *BODY["content"]]}, thinking=OFF)),
    (SILENCED, events(START, begin(0, TEXT), piece(0, "text", text="Hi."), end(0), last(), asked=MUTE)),
    (NAMED, refused(SPECIFIED, **CHOICE)),
    (LOST, refused(NOT_FOUND, **TURBO)),
    (OPENAIS, openai(401, "incorrect_api_key_error")),
    (ANTHROPICS, refused(SPECIFIED)),
    (WORDS, refused(SPECIFIED)),
    (WORDS, openai(429, "rate_limit_reached_error")),
]
WRONG = [
    (LOST, seen(200, BODY, asked=asking("kimi-k2.5", messages=HELLO), path=MESSAGES, on=DAY), "response"),  # retired
    (ANSWERED, refused(), "response"),
    (ANSWERED, page(500, asking(max_tokens=64), path=MESSAGES, key="unknown"), "response"),
    (TEMPERED, refused("invalid temperature: only 1 is allowed for this model", temperature=0.5), "response"),
    (EFFORT, refused(**EFFORTS), "response"),
    (VERSIONED, refused(sent=VERSION), "response"),
    (SILENCED, refused(thinking=OFF), "response"),
    (SILENCED, said({**BODY, "content": [THINKING]}, thinking=OFF), "response /content/0"),
    (
        SILENCED,
        seen(200, {**BODY, "content": [THINKING]}, asked=MUTE, path=MESSAGES, headers=STREAM),
        "response body",
    ),
    (NAMED, said(**CHOICE), "response"),
    (NAMED, refused("no", **CHOICE), "response /error/message"),
    (LOST, said(model="kimi-k2-turbo"), "response"),
    (LOST, said(model="kimi-for-coding"), "response"),
    (LOST, refused("no", **TURBO), "response /error/message"),
    (LOST, refused(NOT_FOUND, **{**TURBO, "kind": "not_found_error"}), "response /error/type"),
    (OPENAIS, refused("no", status=401, kind="invalid_authentication_error"), "response /type"),
    (OPENAIS, page(429, path=MESSAGES), "response body"),
    (ANTHROPICS, openai(400, "invalid_request_error"), "response /type, response /request_id"),
    (ANTHROPICS, refused(leave="request_id"), "response /request_id"),
    (ANTHROPICS, page(400, path=MESSAGES), "response body"),
    (ANTHROPICS, seen(400, GATEWAY, asked=asking(), path=MESSAGES), "response /type, response /error"),
    (WORDS, refused(kind="not_found_error"), "response /error/type"),
]
SILENT = [
    (ANSWERED, refused(known={"key": "unknown"})),
    (ANSWERED, refused(known={"host": "coding"})),
    (ANSWERED, refused(stop_sequences=["a"])),
    *((ANSWERED, refused(max_tokens=bound)) for bound in (None, 0, True, 64.5, 1048576)),
    *((ANSWERED, refused(system=text)) for text in ("", [], 5)),
    *((ANSWERED, refused(**{name: 2})) for name in ("temperature", "top_k", "stream", "thinking", "output_config")),
    *((ANSWERED, refused(tools=tools)) for tools in ([], 7, [7])),
    *((ANSWERED, refused(model="moonshot-v1-8k", thinking={"type": kind})) for kind in ("adaptive", "disabled")),
    (ANSWERED, refused(model="kimi-latest")),
    (ANSWERED, refused(messages=[{"role": "system", "content": "Be brief."}, *HELLO])),
    (ANSWERED, error(400, "invalid_request_error", "no", asking(max_tokens=64))),
    (ANSWERED, refused(model="kimi-k9")),
    (ANSWERED, refused(logit_bias={})),
    (NAMED, refused(**CHOICE, model="kimi-k9")),
    (NAMED, refused(**CHOICE, model="kimi-for-coding", known={"host": "coding"})),
    (WORDS, error(400, "odd", "no")),
    (WORDS, seen(200, {**BODY, "error": {"type": "odd"}}, asked=asking(), path=MESSAGES)),
    (ANTHROPICS, seen(404, GATEWAY, asked=asking(), path=MESSAGES)),
    (LOST, refused(model="kimi-k2-turbo", max_tokens=None)),
    (LOST, refused(model="kimi-k2-turbo", metadata={})),
    (ANSWERED, refused(messages=[{"role": "user", "content": ""}])),
    (ANSWERED, openai(429, "rate_limit_reached_error")),
    (TEMPERED, refused(temperature=2)),
    (TEMPERED, error(400, "invalid_request_error", "no", asking(temperature=0.5, max_tokens=64))),
    (EFFORT, refused(output_config={"effort": "bogus"}, logit_bias={})),
    (TEMPERED, said()),
    *((EFFORT, said(output_config={"effort": effort})) for effort in ("low", "high", "max")),
    ("api.messages.model-echoed", said(model="moonshotai/kimi-k3", known=ROUTED)),
    (EFFORT, said()),
    (VERSIONED, said()),
    (VERSIONED, refused(sent=VERSION, logit_bias={})),
    (SILENCED, said()),
    (SILENCED, error(429, "rate_limit_reached_error", "no", MUTE, path=MESSAGES)),
    (SILENCED, refused(thinking=OFF, model="kimi-k2.7-code")),
    (NAMED, said(**CHOICE, thinking=OFF)),
    (NAMED, said(tools=[TOOL], tool_choice={"type": "auto"})),
    (NAMED, said(tool_choice=CHOICE["tool_choice"])),
    (LOST, said(model="kimi-k9")),
    (LOST, said(model="kimi-k2.5")),
    (LOST, seen(404, GATEWAY, asked=asking("kimi-k2-turbo"), path=MESSAGES)),
    (LOST, said(model="kimi-k2.5", known={"on": date(2026, 8, 31)})),  # the day on which it goes
    (LOST, said(model="kimi-k2-turbo", known={"host": None})),
    (LOST, chat(whole(), asking("kimi-k2-turbo"))),
    (LOST, refused(model="kimi-k2-turbo", messages=[])),
    (OPENAIS, refused()),
    (OPENAIS, error(429, "rate_limit_reached_error", "no")),
    (OPENAIS, refused("no", status=401, kind="a", known={"host": "coding"})),
    (ANTHROPICS, refused(known={"host": "coding"}, leave="request_id")),
    (ANTHROPICS, openai(401, "incorrect_api_key_error")),
    (WORDS, refused(kind="authentication_error", known={"host": "coding"})),
    (WORDS, said()),
    (WORDS, page(500, path=MESSAGES)),
]
