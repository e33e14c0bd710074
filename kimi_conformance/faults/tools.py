"""Faults of a router that mends tools."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.bodies import body, each_function, value_of, without
from kimi_conformance.faults.fault import fault

if TYPE_CHECKING:
    from kimi_conformance.faults.bodies import Object

UNTOUCHED: Final = "router.request.tools-untouched"


@fault("request.strict-dropped", each_function, UNTOUCHED)
def strict_dropped(function: Object) -> Object:
    """`strict` does not go out."""
    return without(function, "strict")


@fault("request.strict-injected", each_function, UNTOUCHED)
def strict_injected(function: Object) -> Object:
    """Functions without `strict` go out with it."""
    return {"strict": True, **function}


@fault("request.definitions-inlined", each_function, UNTOUCHED)
def definitions_inlined(function: Object) -> Object:
    """References in a schema are put in place of what they refer to."""
    schema = function.get("parameters", {})
    definitions = schema.get("$defs", {})
    properties = {
        name: definitions.get(str(inner.get("$ref", "")).removeprefix("#/$defs/"), inner)
        for name, inner in schema.get("properties", {}).items()
    }
    return {**function, "parameters": {**without(schema, "$defs"), "properties": properties}}


@fault("request.definitions-dropped", each_function, UNTOUCHED)
def definitions_dropped(function: Object) -> Object:
    """A schema goes out without its definitions."""
    return (
        {**function, "parameters": without(function["parameters"], "$defs")} if "parameters" in function else function
    )


@fault("request.function-names-sanitised", each_function, UNTOUCHED)
def function_names_sanitised(function: Object) -> Object:
    """Names of functions lose the characters that OpenAI's have not."""
    return {**function, "name": re.sub(r"[^\w-]", "", function["name"])}


@fault("request.builtin-dropped", value_of("tools"), UNTOUCHED)
def builtin_dropped(tools: list[Object]) -> list[Object]:
    """Tools that are no functions do not go out."""
    return [tool for tool in tools if tool.get("type", "function") == "function"]


@fault("request.tool-choice-dropped", body, UNTOUCHED)
def tool_choice_dropped(members: Object) -> Object:
    """`tool_choice` does not go out."""
    return without(members, "tool_choice")


@fault("request.tool-choice-weakened", value_of("tool_choice"), UNTOUCHED)
def tool_choice_weakened(choice: Any) -> Any:
    """`required` goes out as `auto`."""
    return "auto" if choice == "required" else choice


@fault("request.tool-choice-injected", body, UNTOUCHED)
def tool_choice_injected(members: Object) -> Object:
    """A request with tools and without tool_choice goes out with `none`."""
    return {"tool_choice": "none", **members} if "tools" in members else members
