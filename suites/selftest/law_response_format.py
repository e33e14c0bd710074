"""The laws of partial mode and of response formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.selftest.sights import HELLO, asking, chat, error, invalid, page, stream, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

BEGUN = asking(messages=[*HELLO, {"role": "assistant", "content": "The moon", "partial": True}])
SHORT = asking(messages=[*HELLO, {"role": "assistant", "content": "{", "partial": True}])
MIXED = {**SHORT, "response_format": {"type": "json_object"}}
OBJECT = asking(response_format={"type": "json_object"})
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
NAMED = {"type": "json_schema", "json_schema": {"name": "moon", "schema": SCHEMA}}
KEPT = asking(response_format=NAMED)
CONTENT = "response /choices/0/message/content"
CHUNK = {"id": "chatcmpl-6a5a", "object": "chat.completion.chunk", "created": 1784330879, "model": "kimi-k3"}
IS_JSON, IS_KEPT = "api.response-format.json-object-is-json", "api.response-format.json-schema-is-kept"
COMPACT, FAULTY = "api.response-format.strict-is-compact", "api.response-format.json-schema-needs-name"
UNKNOWN = "api.response-format.unknown-type-refused"
EVERY_KEYWORD = {
    **SCHEMA,
    "additionalProperties": False,
    "default": {"name": "Io"},
    "description": "a moon",
    "enum": [{"name": "Io"}],
    "items": {"type": "string"},
    **dict.fromkeys(("maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum"), 9),
}
DEEP = "[" * 100_000


def schema(**named: object) -> dict[str, object]:
    return asking(response_format={"type": "json_schema", "json_schema": named})


def said(text: str) -> Sight:
    choices = [
        {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": "stop"},
    ]
    return stream(*({**CHUNK, "choices": [choice]} for choice in choices), asked={**OBJECT, "stream": True})


FINE = [
    ("api.partial.prefix-not-repeated", chat(whole(" is far."), BEGUN)),
    ("api.partial.not-with-json-object", chat(whole('"a": 1}'), MIXED)),
    ("api.partial.not-with-json-object", invalid("no", MIXED)),
    (IS_JSON, chat(whole('{"name": "Europa"}'), OBJECT)),
    (IS_JSON, said('{"name": "Europa"}')),
    (IS_KEPT, chat(whole('{"name":"Europa"}'), KEPT)),
    (COMPACT, chat(whole('{"name":"Eu\\nropa\t"}'), KEPT)),
    (FAULTY, invalid("Invalid request: name is required", schema(schema=SCHEMA))),
    (UNKNOWN, invalid("Invalid request: no such type", asking(response_format={"type": "yaml"}))),
]
WRONG = [
    ("api.partial.prefix-not-repeated", chat(whole("The moon is far."), BEGUN), CONTENT),
    ("api.partial.not-with-json-object", page(500, MIXED), "response"),
    ("api.partial.not-with-json-object", error(400, "bad_request", "no", MIXED), "response /error/type"),
    (IS_JSON, chat(whole("Here it is: {}"), OBJECT), CONTENT),
    (IS_JSON, chat(whole("[]"), OBJECT), CONTENT),
    (IS_JSON, chat(whole(DEEP), OBJECT), CONTENT),
    (IS_JSON, said("```json\n{}```"), "response, folded, /choices/0/message/content"),
    (IS_KEPT, chat(whole("no"), KEPT), CONTENT),
    (IS_KEPT, chat(whole('{"name":1}'), KEPT), f"{CONTENT}, $.name"),
    (IS_KEPT, chat(whole("no"), schema(name="moon", schema=EVERY_KEYWORD)), CONTENT),
    (COMPACT, chat(whole('{\n"name":"Europa"}'), KEPT), CONTENT),
    (FAULTY, chat(whole(), schema(schema=SCHEMA)), "response"),
    (FAULTY, chat(whole(), schema(name="", schema=SCHEMA)), "response"),
    (FAULTY, chat(whole(), schema(name=5, schema=SCHEMA)), "response"),
    (FAULTY, chat(whole(), schema(name="moon", schema=[])), "response"),
    (FAULTY, chat(whole(), schema(name="moon", schema=SCHEMA, strict="yes")), "response"),
    (UNKNOWN, chat(whole(), asking(response_format={"type": "yaml"})), "response"),
]
SILENT = [
    ("api.partial.prefix-not-repeated", chat(whole('{"a": 1}'), SHORT)),
    ("api.partial.not-with-json-object", chat(whole(), OBJECT)),
    (IS_JSON, chat(whole('{"na', finish="length"), OBJECT)),
    (IS_JSON, chat(whole('"a": 1}'), MIXED)),
    (IS_JSON, chat(whole("no"), {**OBJECT, "stop": "a"})),
    (IS_JSON, chat(whole("no"), OBJECT, partial=True)),
    (IS_JSON, chat({**whole(), "choices": [{"message": {"content": None}, "finish_reason": "stop"}]}, OBJECT)),
    (IS_KEPT, chat(whole('"name":1}'), {**SHORT, "response_format": NAMED})),
    (IS_KEPT, chat(whole("no"), {**KEPT, "stop": "a"})),
    (IS_KEPT, chat(whole("no"), KEPT, partial=True)),
    (IS_KEPT, chat(whole("no", finish="length"), KEPT)),
    (IS_KEPT, chat(whole("no"), asking(response_format={**NAMED, "type": "text"}))),
    (IS_KEPT, chat(whole("no"), schema(name="moon", schema=SCHEMA, strict=False))),
    (IS_KEPT, chat(whole("no"), schema(name="moon", schema={"$ref": "https://example.com/schema"}))),
    (
        IS_KEPT,
        chat(
            whole("no"), schema(name="moon", schema={**SCHEMA, "properties": {"a": {"type": "null"}}, "required": "a"})
        ),
    ),
    (COMPACT, chat(whole("{\n}"), OBJECT)),
    (FAULTY, chat(whole("{}"), KEPT)),
    (UNKNOWN, chat(whole("{}"), OBJECT)),
    (UNKNOWN, chat(whole("{}"), KEPT)),
    (UNKNOWN, chat(whole(), asking(response_format={"type": "text"}))),
]
