"""The schema of a stream. OpenAPI 3.1 has no word for events; tools take a stream's schema for that of each event."""

from __future__ import annotations

from typing import Any, Final

from kimi_conformance.contract.endpoints import JSON

DONE: Final = {"const": "[DONE]", "description": "The end of the stream, which has no other."}
NAME: Final = {"type": "string", "description": "The `type` in the data."}


def stream_schema(shape: str | None, data: dict[str, Any]) -> dict[str, Any]:
    """The schema of an event whose data are JSON of a shape, with the schema `data`. The whole as a text fits, too.

    The chat wire ends with `[DONE]` and names no event; the other faces name each, and have an event that is the last.
    """
    inside = {"type": "string", "contentMediaType": JSON, "contentSchema": data}
    named = shape != "chat.completion.chunk"
    event = {
        "type": "object",
        "required": ["event", "data"] if named else ["data"],
        "properties": {"event": NAME, "data": inside} if named else {"data": {"anyOf": [inside, DONE]}},
        "description": "One event.",
    }
    return {"anyOf": [event, {"type": "string", "description": "The whole stream as a text."}]}
