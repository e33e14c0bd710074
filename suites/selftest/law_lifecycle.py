"""The laws of lifecycles, of the coding host and of the Responses face."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.selftest.sights import DAY, MESSAGES, asking, chat, error, invalid, page, seen, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

RESPONSES = "/v1/responses"
CODING = {"path": "/coding/v1/chat/completions", "host": "coding"}
KIMI = asking("kimi-for-coding")
SIGNED = {"authorization": "Bearer <scrubbed>"}
KEY = {"x-api-key": "<scrubbed>"}
AGENTS = (
    "Kimi For Coding is currently only available for Coding Agents such as Kimi CLI, Claude Code, Roo Code, "
    "Kilo Code, etc."
)
EXPIRED = "The API Key appears to be invalid or may have expired. Please verify your credentials and try again."
FAST = "We're receiving too many requests at the moment. Please wait a moment and try again."
EFFORT = 'invalid_request_error: invalid_request_error: reasoning.effort value "none" is not supported'
NAMES, SERVED, SOON = "api.lifecycle.404-names-model", "api.lifecycle.live-served", "api.lifecycle.ends-soon"
SHAPE, NO_MODEL = "api.responses.error-shape", "api.responses.unknown-model-400"
RETIRED, AGENTS_ONLY = "api.lifecycle.retired-404", "api.coding.agents-only-403"
EARLY = DAY.replace(month=8, day=30)
ESTIMATE = "/v1/tokenizers/estimate-token-count"
PLAIN = asking(max_tokens=64, max_completion_tokens=64, stream=False, stream_options={})
QUOTAS = {"method": "GET", "path": "/coding/v1/usages", "host": "coding"}


def gone(
    model: str = "kimi-k2.5", *, named: str | None = None, kind: str = "resource_not_found_error", **known: object
) -> Sight:
    message = f"Not found the model {named or model} or Permission denied"
    return error(404, kind, message, asking(model), **{"on": DAY, **known})


def there(model: str = "kimi-k3", **known: object) -> Sight:
    return chat(whole(), asking(model), **{"on": DAY, **known})


def odd(status: int = 400, asked: object = None, leave: str = "", **members: object) -> Sight:
    error_ = {"message": "no", "type": "invalid_request_error", "param": None, "code": "invalid_value", **members}
    body = {"error": {name: value for name, value in error_.items() if name != leave}}
    return seen(status, body, asked=asked or {"model": "kimi-k3", "input": "Hello."}, path=RESPONSES)


def respond(asked: object, **known: object) -> Sight:
    """A request of the Responses face that was answered."""
    return seen(200, {"output": []}, asked=asked, **{"path": RESPONSES, **known})


def thinking(effort: str) -> dict[str, object]:
    return {"model": "kimi-k3", "input": "Hello.", "reasoning": {"effort": effort}}


TURBO = {"model": "kimi-k2-turbo", "input": "Hello."}
CHOICE = {"model": "kimi-k3", "input": "Hello.", "tool_choice": "required"}
WARM = {"model": "kimi-k3", "input": "Hello.", "temperature": 0.5}
GIVEN = {"given": "error.responses"}
ROUTED = {"path": f"http://127.0.0.1:4000{RESPONSES}", "host": None}
LOST = {
    "code": "model_not_found",
    "param": "model",
    "message": "Not found the model kimi-k2-turbo or Permission denied",
}

FINE = [
    ("api.lifecycle.retired-404", gone()),
    ("api.lifecycle.retired-404", gone(path=MESSAGES)),
    ("api.lifecycle.never-404", gone("kimi-k2-turbo", on=None)),
    (SERVED, there()),
    (SERVED, invalid("no", on=DAY)),
    (SERVED, there(on=EARLY)),
    (SERVED, there("kimi-k2.6", on=DAY.replace(month=9, day=1))),
    (RETIRED, gone("kimi-k2-0905-preview", on=EARLY)),
    (AGENTS_ONLY, error(403, "access_terminated_error", AGENTS, KIMI, path=CODING["path"], host=None)),
    (NAMES, gone("kimi-k9")),
    (SOON, there()),
    ("api.coding.ids-only-here", gone("kimi-for-coding", on=None)),
    (
        "api.coding.models-shape",
        seen(
            200,
            {"data": [{"id": "k3", "object": "model", "context_length": 1}]},
            method="GET",
            path="/coding/v1/models",
        ),
    ),
    ("api.coding.usages-shape", seen(200, {"usage": {"limit": "100", "used": "3"}, "limits": []}, **QUOTAS)),
    ("api.coding.401-wording", error(401, "invalid_authentication_error", EXPIRED, KIMI, sent=SIGNED, **CODING)),
    ("api.coding.401-wording", error(401, "invalid_authentication_error", EXPIRED, KIMI, sent=KEY, **CODING)),
    ("api.coding.agents-only-403", error(403, "access_terminated_error", AGENTS, KIMI, **CODING)),
    ("api.coding.chat-answered", chat(whole(), KIMI, **CODING)),
    ("api.coding.429-type", error(429, "rate_limit_reached_error", FAST, KIMI, **CODING)),
    (SHAPE, odd()),
    (SHAPE, seen(400, {"error": {"message": "no", "type": "a", "param": None, "code": "b"}}, **GIVEN)),
    (NO_MODEL, odd(asked=TURBO, **LOST)),
    ("api.responses.effort-checked", odd(asked=thinking("none"), message=EFFORT)),
    ("api.responses.tool-choice-only-auto", odd(asked=CHOICE)),
    (
        "api.responses.temperature-fixed",
        odd(asked=WARM, message="invalid temperature: only 1 is allowed for this model"),
    ),
    ("api.responses.401-as-chat", error(401, "invalid_authentication_error", "Invalid Authentication", path=RESPONSES)),
    (SERVED, invalid("no", PLAIN, on=DAY)),
    (NAMES, gone("Kimi-K9")),
    (SERVED, invalid("no", asking(max_tokens=64), path=MESSAGES, on=DAY)),
    (SOON, there("kimi-k2.6", on=DAY.replace(month=10, day=31))),
]
WRONG = [
    ("api.lifecycle.retired-404", there("kimi-k2.5"), "response"),
    ("api.lifecycle.retired-404", page(500, asking("kimi-k2.5"), on=DAY), "response"),
    ("api.lifecycle.retired-404", gone(kind="not_found_error"), "response /error/type"),
    ("api.lifecycle.never-404", there("kimi-k2-turbo"), "response"),
    (SERVED, gone("kimi-k3"), "response"),
    (SERVED, gone("kimi-for-coding", **CODING), "response"),
    (SERVED, gone("kimi-for-coding", path=CODING["path"], host=None), "response"),
    (NAMES, gone(named="kimi-k3"), "response /error/message"),
    (
        NAMES,
        error(404, "resource_not_found_error", "no kimi-k2.5", asking("kimi-k2.5"), on=DAY),
        "response /error/message",
    ),
    (SOON, there("kimi-k2.6"), "request /model"),
    ("api.coding.ids-only-here", there("kimi-for-coding"), "response"),
    (
        "api.coding.models-shape",
        seen(200, {"data": [{}]}, method="GET", path="/coding/v1/models"),
        "response /data/0/id",
    ),
    ("api.coding.usages-shape", seen(200, {"usage": {"used": 3}}, **QUOTAS), "response /limits, response /usage/used"),
    (
        "api.coding.401-wording",
        error(401, "invalid_authentication_error", "no", KIMI, sent=SIGNED, **CODING),
        "response /error/message",
    ),
    (
        "api.coding.agents-only-403",
        error(403, "permission_denied_error", AGENTS, KIMI, **CODING),
        "response /error/type",
    ),
    ("api.coding.chat-answered", invalid("no", KIMI, **CODING), "response"),
    ("api.coding.chat-answered", error(500, "server_error", "no", KIMI, **CODING), "response"),
    ("api.coding.429-type", error(429, "rate_limit_error", FAST, KIMI, **CODING), "response /error/type"),
    (SHAPE, odd(leave="param"), "response /error/param"),
    (SHAPE, odd(leave="code"), "response /error/code"),
    (SHAPE, seen(400, {"error": {"message": "no", "type": "a", "param": None}}, **GIVEN), "response /error/code"),
    (NO_MODEL, odd(404, TURBO, **LOST), "response"),
    (NO_MODEL, odd(asked=TURBO, **{**LOST, "code": "gone"}), "response /error/code"),
    (NO_MODEL, odd(asked=TURBO, **{**LOST, "param": None}), "response /error/param"),
    (NO_MODEL, odd(asked=TURBO, **{**LOST, "message": "no"}), "response /error/message"),
    ("api.responses.effort-checked", odd(asked=thinking("bogus")), "response /error/message"),
    ("api.responses.effort-checked", seen(200, {}, asked=thinking("none"), path=RESPONSES), "response"),
    ("api.responses.tool-choice-only-auto", seen(200, {}, asked=CHOICE, path=RESPONSES), "response"),
    ("api.responses.temperature-fixed", seen(200, {}, asked=WARM, path=RESPONSES), "response"),
    ("api.responses.temperature-fixed", respond({**WARM, "temperature": 2}), "response"),
    ("api.responses.temperature-fixed", respond({**WARM, "model": "kimi-k2.6", "temperature": 0.6}), "response"),
    ("api.responses.401-as-chat", odd(401), "response /error/code"),
    ("api.responses.401-as-chat", seen(401, {"error": "no"}, path=RESPONSES), "response /error"),
    (NAMES, gone("kimi-k9", named="kimi-k3", on=DAY.replace(year=2025)), "response /error/message"),
]
SILENT = [
    ("api.lifecycle.retired-404", there("kimi-k2.5", on=None)),
    ("api.lifecycle.retired-404", there("kimi-k2.5", host=None)),
    ("api.lifecycle.retired-404", there("kimi-k2.5", on=DAY.replace(month=8, day=31))),
    ("api.lifecycle.retired-404", invalid("messages", asking("kimi-k2.5", messages=[]), on=DAY)),
    ("api.lifecycle.never-404", gone("kimi-k2-turbo", host=None)),
    (SERVED, gone("kimi-k3", on=None)),
    (SERVED, gone("kimi-for-coding", host=None)),
    (SERVED, gone("kimi-k2.6", on=EARLY)),
    (SERVED, gone("kimi-k2.6", on=DAY.replace(year=2024))),
    (SERVED, seen(404, {"code": 5, "error": "url.not_found", "scode": "0x5"}, asked=asking(), on=DAY)),
    (
        NAMES,
        error(
            404,
            "resource_not_found_error",
            "not found the model or permission denied",
            asking(),
            on=DAY.replace(year=2024),
        ),
    ),
    (NAMES, gone(on=None)),
    (SOON, gone("kimi-k2.6")),
    ("api.coding.ids-only-here", there("kimi-for-coding", **CODING)),
    ("api.coding.ids-only-here", there("kimi-k3", **CODING)),
    ("api.coding.ids-only-here", error(429, "rate_limit_reached_error", FAST, KIMI, on=DAY)),
    ("api.coding.usages-shape", error(401, "a", "b", **QUOTAS)),
    ("api.coding.401-wording", error(401, "incorrect_api_key_error", "no key", KIMI, **CODING, key="none")),
    ("api.coding.401-wording", error(401, "incorrect_api_key_error", "no key", KIMI, **CODING, key="unknown")),
    ("api.coding.401-wording", error(401, "invalid_authentication_error", "no", KIMI, sent=SIGNED)),
    ("api.coding.401-wording", error(401, "odd", "no", KIMI, sent=SIGNED, **CODING, key="none")),
    ("api.coding.401-wording", page(401, KIMI, sent=SIGNED, **CODING)),
    (AGENTS_ONLY, error(403, "permission_denied_error", "no")),
    (AGENTS_ONLY, error(403, "permission_denied_error", "no", path=CODING["path"])),
    ("api.coding.chat-answered", chat(whole())),
    ("api.coding.chat-answered", invalid("no", KIMI, **CODING, key="unknown")),
    ("api.coding.chat-answered", invalid("no", {**KIMI, "seed": 7}, **CODING)),
    ("api.coding.chat-answered", error(403, "access_terminated_error", AGENTS, KIMI, **CODING)),
    ("api.coding.chat-answered", error(402, "a", "no membership", KIMI, **CODING)),
    ("api.coding.429-type", error(429, "rate_limit_error", FAST)),
    (SHAPE, invalid("no")),
    (NO_MODEL, odd(asked={"model": "kimi-k9", "input": "Hello."})),
    (NO_MODEL, respond(TURBO, host="coding")),
    (NO_MODEL, odd(429, TURBO)),
    (NO_MODEL, respond({**TURBO, "tool_choice": "required"})),
    ("api.responses.effort-checked", odd(asked=thinking("low"))),
    ("api.responses.effort-checked", odd(asked=thinking("medium"))),
    ("api.responses.tool-choice-only-auto", odd()),
    ("api.responses.tool-choice-only-auto", odd(asked={**CHOICE, "tool_choice": "auto"})),
    ("api.responses.temperature-fixed", odd(asked={**WARM, "temperature": 1})),
    *(
        ("api.responses.temperature-fixed", respond({**WARM, **other}))
        for other in ({"temperature": False}, {"model": "kimi-k9"}, {"model": "kimi-k2.6", "temperature": 1})
    ),
    ("api.responses.401-as-chat", odd()),
    ("api.responses.401-as-chat", error(401, "odd", "no")),
    ("api.responses.401-as-chat", seen(401, {"error": "no"}, **ROUTED)),
    (SERVED, gone("kimi-k3", path=RESPONSES)),
    ("api.lifecycle.never-404", gone("kimi-k3")),
    ("api.lifecycle.never-404", gone("kimi-k9", host=None)),
    (NAMES, error(404, "resource_not_found_error", "no", asking(5), on=DAY)),
    (NAMES, gone("kimi-k9", named="kimi-k3", path=RESPONSES)),
    (NAMES, gone("kimi-k9", named="kimi-k3", host="coding")),
    (NAMES, seen(404, {"code": 5, "error": "url.not_found", "scode": "0x5"}, asked=asking(), on=DAY)),
    (SOON, seen(200, {"data": {"total_tokens": 1}}, asked=asking("kimi-k2.6"), path=ESTIMATE, on=DAY)),
    (SOON, there("kimi-k9")),
    (SOON, there("kimi-k2.6", on=None)),
    ("api.lifecycle.never-404", error(429, "engine_overloaded_error", "overloaded", asking("kimi-k2-turbo"))),
    (SERVED, gone("kimi-k3", on=DAY.replace(month=7, day=16))),
    (NAMES, invalid("no", asking("kimi-k9"), on=DAY)),
]
