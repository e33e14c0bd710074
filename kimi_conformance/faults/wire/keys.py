"""Refusals of keys that are not told as they should be."""

from __future__ import annotations

from typing import Any, Final

from kimi_conformance.faults.wire.accepting import KEYS
from kimi_conformance.faults.wire.edit import change, put
from kimi_conformance.faults.wire.whole import answer, entire, page, status
from kimi_conformance.faults.wire.wire_fault import wire

OTHER: Final = {
    "invalid_authentication_error": "incorrect_api_key_error",
    "incorrect_api_key_error": "invalid_authentication_error",
}
SHAPE: Final = "api.auth.401-shape"


def anthropics(found: dict[str, Any]) -> dict[str, Any]:
    """An error of the chat wire as the Anthropic face has its other errors."""
    return {"type": "error", "error": found["error"], "request_id": "3f84e9cd-b0d1-11f1-9c1d-000000000000"}


FAULTS: Final = (
    wire(
        "401-types-swapped",
        "A wrong key is told as a missing one, and a missing one as wrong.",
        answer(change("error/type", OTHER.__getitem__)),
        *KEYS,
        on="key/*",
    ),
    wire("401-as-400", "A key that is not good is a bad request.", status(400), *KEYS, on="key/*"),
    wire(
        "401-no-envelope",
        "A 401 has message and type at its top.",
        entire(lambda found: found["error"]),
        SHAPE,
        "api.errors.envelope",
        on="key/wrong",
    ),
    wire("401-html", "A 401 is a page.", page(401), SHAPE, "api.errors.envelope", on="key/wrong"),
    wire(
        "401-of-openai",
        "A 401 has a type of OpenAI's.",
        answer(put("error/type", "authentication_error")),
        SHAPE,
        "api.errors.status-fits-type",
        on="key/wrong",
    ),
    wire(
        "401-says-nothing",
        "A 401 has an empty message.",
        answer(put("error/message", "")),
        SHAPE,
        on="key/wrong-responses",
    ),
    wire(
        "401-with-code",
        "A 401 of the Responses face has a code.",
        answer(put("error/code", "invalid_api_key")),
        "api.responses.401-as-chat",
        on="key/wrong-responses",
    ),
    wire(
        "401-in-anthropics-shape",
        "A 401 of the Anthropic face has Anthropic's shape.",
        entire(anthropics),
        "api.messages.openai-error-on-401-429",
        on="key/wrong-messages",
    ),
    wire(
        "401-in-other-words",
        "A 401 of the coding host is told in other words.",
        answer(put("error/message", "Unauthorized")),
        "api.coding.401-wording",
        on="key/platform-on-coding",
    ),
)
