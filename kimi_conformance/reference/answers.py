"""What the router answers itself: errors, in the shape of the surface that was asked, and its list of models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.reference.call import Answer

if TYPE_CHECKING:
    from kimi_conformance.reference.call import Fields, Refusal
    from kimi_conformance.reference.config import Config

ERROR_TYPES: Final = {
    401: "authentication_error",
    404: "not_found_error",
    405: "method_not_allowed",
    413: "request_too_large",
    502: "api_error",
    504: "timeout_error",
}


def refuse(refusal: Refusal, surface: str | None, headers: Fields = ()) -> Answer:
    """An error: Anthropic's on /v1/messages, OpenAI's everywhere else."""
    error = {"type": ERROR_TYPES.get(refusal.status, "invalid_request_error"), "message": refusal.message}
    if surface == "messages":
        return json_answer(refusal.status, {"type": "error", "error": error}, headers)
    return json_answer(refusal.status, {"error": {**error, "param": None, "code": None}}, headers)


def list_models(config: Config) -> Answer:
    """The models that the table registers, as OpenAI lists them. When each was made, the table does not say."""
    data = [
        {"id": model, "object": "model", "created": 0, "owned_by": route.name} for model, route in config.models.items()
    ]
    return json_answer(200, {"object": "list", "data": data})


def json_answer(status: int, value: Any, headers: Fields = ()) -> Answer:
    """An answer that is JSON."""
    body = json.dumps(value).encode()
    own = ((b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)))
    return Answer(status, (*own, *headers), body)
