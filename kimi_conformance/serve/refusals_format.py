"""The format of the answer: texts are modelled but for the illegal schema (facts, sections 5 and 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.serve.invalid import invalid_request

if TYPE_CHECKING:
    from kimi_conformance.serve.asking import Asked
    from kimi_conformance.upstream.kimi_wire import Problem

TYPES: Final = ("text", "json_object", "json_schema")


def response_format(asked: Asked) -> Problem | None:
    """A known type, and for json_schema a name and a schema."""
    given = asked.body.get("response_format")
    if given is None:
        return None
    type_ = given.get("type") if isinstance(given, dict) else None
    if type_ not in TYPES:
        return invalid_request(f"response_format.type must be one of {', '.join(TYPES)}")
    if type_ != "json_schema":
        return None
    wanted = given.get("json_schema")
    if not isinstance(wanted, dict):
        return invalid_request("response_format.json_schema is required")
    if not isinstance(wanted.get("name"), str) or not wanted["name"]:
        return invalid_request("response_format.json_schema.name is required")
    if not isinstance(wanted.get("schema"), dict):
        return invalid_request("the `response_format.json_schema.schema` field in the request is illegal")
    if not isinstance(wanted.get("strict", True), bool):
        return invalid_request("response_format.json_schema.strict must be a boolean")
    return None
