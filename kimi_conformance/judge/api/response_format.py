"""response_format: JSON where JSON was asked for, in the schema that was given."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator

from kimi_conformance.judge.api import flavour
from kimi_conformance.judge.api.chat import ANSWER
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.partial import begun
from kimi_conformance.judge.api.places import choices, shown
from kimi_conformance.judge.api.refusal import refusal
from kimi_conformance.judge.api.sight import NO_JSON
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

TYPES: Final = frozenset({"text", "json_object", "json_schema"})
STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def _wanted(s: Sight) -> dict[str, Any]:
    found = s.asked.get("response_format")
    return found if isinstance(found, dict) else {}


def _named(s: Sight) -> dict[str, Any]:
    found = _wanted(s).get("json_schema")
    return found if isinstance(found, dict) else {}


def finished(s: Sight) -> Iterator[tuple[str, str]]:
    """The contents that came to their end: not those that were cut, filtered, or left for a call."""
    for at, message, reason in choices(s):
        content = message.get("content")
        if reason == "stop" and isinstance(content, str):
            yield f"{at}/message/content", content


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return NO_JSON


def _objects(s: Sight, _c: Contract) -> bool:
    asked = _wanted(s).get("type") == "json_object" and begun(s.asked) is None and not s.asked.get("stop")
    return asked and not s.partial and any(finished(s))


@law("api.response-format.json-object-is-json", *ANSWER, when=_objects)
def json_object_is_json(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Who asks for a JSON object gets one, and nothing beside it."""
    for at, text in finished(s):
        if not isinstance(_json(text), dict):
            yield Flaw("a JSON object", shown(text), at, "a JSON object was asked for, and something else came")


def _kept(s: Sight, _c: Contract) -> bool:
    strict = _named(s).get("strict", True) is True and begun(s.asked) is None and not s.asked.get("stop")
    asked = _wanted(s).get("type") == "json_schema" and strict and flavour.plain(_named(s).get("schema"))
    return asked and not s.partial and any(finished(s))


@law("api.response-format.json-schema-is-kept", *ANSWER, when=_kept)
def json_schema_is_kept(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Who gives a schema gets JSON that fits it."""
    validator = Draft202012Validator(_named(s)["schema"])
    for at, text in finished(s):
        value = _json(text)
        if value is NO_JSON:
            yield Flaw("JSON", shown(text), at, "JSON was asked for, and something else came")
            continue
        for error in validator.iter_errors(value):
            where = f"{at}, {error.json_path}"
            yield Flaw(f"what fits the schema: {error.validator}", shown(error.instance), where, error.message[:300])


@law("api.response-format.strict-is-compact", *ANSWER, when=_kept)
def strict_is_compact(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Strict JSON has no line feed and no tab between its parts."""
    for at, text in finished(s):
        if re.search(r"[\n\t]", STRING.sub('""', text)):
            yield Flaw("no line feed, no tab", shown(text), at, "strict JSON is not compact")


def _faulty(s: Sight, _c: Contract) -> bool:
    if _wanted(s).get("type") != "json_schema":
        return False
    named = _named(s)
    name = named.get("name")
    whole = isinstance(name, str) and name and isinstance(named.get("schema"), dict)
    return not whole or not isinstance(named.get("strict", True), bool)


def _unknown_type(s: Sight, _c: Contract) -> bool:
    kind = _wanted(s).get("type")
    return isinstance(kind, str) and kind not in TYPES


refusal("api.response-format.json-schema-needs-name", _faulty, names=".")
refusal("api.response-format.unknown-type-refused", _unknown_type, names=".")
