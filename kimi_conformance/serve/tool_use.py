"""Which calls an answer makes: by simple rules, so that a test knows what comes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.serve.asking import calls, member
from kimi_conformance.serve.examples import example
from kimi_conformance.upstream.reply import ToolCall
from kimi_conformance.upstream.script import compact

if TYPE_CHECKING:
    from kimi_conformance.serve.asking import Asked

CITIES: Final = {
    "Paris": "巴黎",
    "Beijing": "北京",
    "London": "伦敦",
    "Tokyo": "东京",
    "Berlin": "柏林",
    "Shanghai": "上海",
    "New York": "纽约",
    "Moscow": "莫斯科",
}


def tool_calls(asked: Asked, *, exact: bool) -> tuple[ToolCall, ...]:
    """The calls of the answer.

    `required` and a named function are obeyed. With `auto` the model calls where the user spoke last and did not ask
    for an `exact` text. One call for each city that the user names, one where there is none.
    """
    choice, functions = asked.body.get("tool_choice"), asked.functions
    named = member(member(choice, "function"), "name")
    wanted = [function for function in functions if function["name"] == named] if named else functions
    asks = asked.last.get("role") == "user" and not exact
    if not wanted or choice == "none" or not (asks or named or choice == "required"):
        return ()
    function = _fitting(wanted, asked.said)
    cities = _cities(asked.said) or [None]
    earlier = sum(len(calls(message)) for message in asked.messages)
    return tuple(
        ToolCall(f"{function['name']}_{earlier + at}", function["name"], _arguments(function.get("parameters"), city))
        for at, city in enumerate(cities)
    )


def _fitting(functions: list[dict[str, Any]], said: str) -> dict[str, Any]:
    """The function with a word of its name in what was said; else the first."""
    words = set(re.findall(r"[a-z]{3,}", said.lower()))
    return next((one for one in functions if words & set(re.findall(r"[a-z]{3,}", one["name"].lower()))), functions[0])


def _cities(said: str) -> list[str | None]:
    """The cities named, in their order, each once: in Latin letters where it stands so anywhere."""
    named = [city if city in said else han for city, han in CITIES.items() if city in said or han in said]
    return [*sorted(named, key=said.index)]


def _arguments(schema: Any, city: str | None) -> str:
    """Arguments after the schema; the city stands in its first member of free text."""
    values = example(schema, schema) or {}
    properties = member(schema, "properties")
    for name in values if city and isinstance(values, dict) else ():
        property_ = member(properties, name)
        if member(property_, "type") == "string" and member(property_, "enum") is None:
            values[name] = city
            break
    return compact(values).decode("utf-8", "replace")
