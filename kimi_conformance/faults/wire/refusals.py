"""Refusals that are not told as they should be."""

from __future__ import annotations

from typing import Final

from kimi_conformance.faults.wire.accepting import GONE, RULES
from kimi_conformance.faults.wire.edit import change, drop, put
from kimi_conformance.faults.wire.whole import answer, failing, status
from kimi_conformance.faults.wire.wire_fault import WireFault, wire

ANY_WORDS: Final = frozenset(
    {
        "api.chat.remote-image-refused",
        "api.tools.unknown-choice-refused",
        "api.tools.required-without-tools-refused",
        "api.tools.dynamic-tools-placed",
        "api.response-format.json-schema-needs-name",
        "api.response-format.unknown-type-refused",
        "api.responses.tool-choice-only-auto",
    }
)
"""What may be refused in any words, if only in some."""
MESSAGE: Final = "error/message"
UNKNOWN: Final = "api.responses.unknown-model-400"
ON_RESPONSES: Final = "refused/api.responses.effort-checked"
ON_MESSAGES: Final = "refused/api.messages.named-tool-refused"
ANTHROPICS: Final = "api.messages.anthropic-error-on-400-404"
BROKEN: Final = {"error": {"message": "internal error", "type": "server_error"}}


def _names_nothing(rule: str) -> WireFault:
    _, area, name = rule.split(".", 2)
    return wire(
        f"names-nothing-{area}-{name}",
        f"The refusal that {rule} requires does not say what is wrong.",
        answer(put(MESSAGE, "Bad request")),
        rule,
        on=f"refused/{rule}",
    )


FAULTS: Final = (
    *(_names_nothing(rule) for rule in RULES if rule not in ANY_WORDS),
    wire("refusal-500", "What breaks a rule breaks the server.", failing(500, BROKEN), *RULES, on="refused/*"),
    wire("refusal-422", "What breaks a rule is refused with 422.", status(422), *RULES, on="refused/*"),
    wire("refusal-says-nothing", "Refusals have an empty message.", answer(put(MESSAGE, "")), *RULES, on="refused/*"),
    wire(
        "refusal-of-another-type",
        "Refusals have a type of their own.",
        answer(put("error/type", "bad_request")),
        *RULES,
        on="refused/*",
    ),
    wire(
        "context-names-no-limit",
        "A prompt that is too long is not told the limit.",
        answer(put(MESSAGE, "Your request exceeded model token limit")),
        "api.chat.context-bounded",
        on="context",
    ),
    wire(
        "context-500",
        "A prompt that is too long is refused with another status.",
        status(413),
        "api.chat.context-bounded",
        on="context",
    ),
    wire(
        "refusal-was-worked-on",
        "A refused temperature has a usage: the request was worked on.",
        answer(put("usage", {"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9})),
        "api.sampling.refused-before-inference",
        on="refused/api.sampling.temperature-fixed",
    ),
    wire(
        "partial-breaks",
        "Partial mode with json_object breaks the server.",
        failing(500, BROKEN),
        "api.partial.not-with-json-object",
        on="partial-with-json",
    ),
    wire(
        "partial-of-another-type",
        "Partial mode with json_object is refused with a type of its own.",
        answer(put("error/type", "bad_request")),
        "api.partial.not-with-json-object",
        on="partial-with-json",
    ),
    wire("gone-400", "A model that is not there is a bad request.", status(400), *GONE, on="gone/model-*"),
    wire(
        "gone-of-another-type",
        "The 404 of a model has a type of OpenAI's.",
        answer(put("error/type", "model_not_found")),
        *GONE,
        on="gone/model-*",
    ),
    wire(
        "gone-unnamed",
        "The 404 of a model does not name it.",
        answer(put(MESSAGE, "Not found the model or Permission denied")),
        "api.lifecycle.404-names-model",
        "api.messages.unknown-model-404",
        on="gone/model-messages",
    ),
    wire(
        "gone-without-permission",
        "The 404 of a model does not say that permission may be missing.",
        answer(change(MESSAGE, lambda said: said.replace(" or Permission denied", ""))),
        "api.lifecycle.404-names-model",
        on="gone/model-retired",
    ),
    wire(
        "responses-as-chat",
        "A refusal of the Responses face has neither code nor param.",
        answer(drop("error/code", "error/param")),
        "api.responses.error-shape",
        on=ON_RESPONSES,
    ),
    wire(
        "responses-param-missing",
        "A refusal of the Responses face has no param.",
        answer(drop("error/param")),
        "api.responses.error-shape",
        on=ON_RESPONSES,
    ),
    wire(
        "responses-code-missing",
        "A refusal of the Responses face has no code.",
        answer(drop("error/code")),
        "api.responses.error-shape",
        on=ON_RESPONSES,
    ),
    wire(
        "responses-unknown-model-404",
        "The Responses face answers a model that is not there as chat does.",
        status(404),
        UNKNOWN,
        on="responses-unknown-model",
    ),
    wire(
        "responses-unknown-model-code",
        "The Responses face gives the refusal of a model another code.",
        answer(put("error/code", "invalid_request_error")),
        UNKNOWN,
        on="responses-unknown-model",
    ),
    wire(
        "responses-unknown-model-param",
        "The Responses face gives the refusal of a model no param.",
        answer(put("error/param", None)),
        UNKNOWN,
        on="responses-unknown-model",
    ),
    wire(
        "responses-unknown-model-unnamed",
        "The Responses face does not name the model that is not there.",
        answer(put(MESSAGE, "No such model")),
        UNKNOWN,
        on="responses-unknown-model",
    ),
    wire(
        "messages-400-as-chat",
        "A 400 of the Anthropic face has the chat wire's shape.",
        answer(drop("type", "request_id")),
        ANTHROPICS,
        on=ON_MESSAGES,
    ),
    wire(
        "messages-404-as-chat",
        "A 404 of the Anthropic face has the chat wire's shape.",
        answer(drop("type", "request_id")),
        ANTHROPICS,
        on="gone/model-messages",
    ),
    wire(
        "messages-400-without-request-id",
        "A 400 of the Anthropic face does not say which request it was.",
        answer(drop("request_id")),
        ANTHROPICS,
        on=ON_MESSAGES,
    ),
    wire(
        "messages-error-in-anthropics-words",
        "An error of the Anthropic face has a type of Anthropic's.",
        answer(put("error/type", "not_found_error")),
        "api.messages.error-words",
        on="gone/model-messages",
    ),
)
