"""Tools: what is declared, where, and which choice is allowed (facts, sections 5 and 6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.serve.asking import dynamic_tools, member, objects
from kimi_conformance.serve.invalid import invalid, invalid_request

if TYPE_CHECKING:
    from kimi_conformance.contract.model_rules import Choice
    from kimi_conformance.serve.asking import Asked
    from kimi_conformance.upstream.kimi_wire import Problem

NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,255}")
"""The documents' pattern with the vendor's test of 257 characters as its bound."""
TYPES: Final = ("function", "builtin_function", "plugin")
WORDS: Final = ("auto", "none", "required")
BAD_NAME: Final = (
    "function name is invalid, must start with a letter and can contain letters, numbers, underscores, and dashes"
)
FLAVOUR: Final = "tools.function.parameters is not a valid moonshot flavored json schema, details:"


def placed(asked: Asked) -> Problem | None:
    """Tools in a message: a system message without content, of a model that takes them. The texts are modelled."""
    for index, message in enumerate(asked.messages):
        if message.get("tools") is None:
            continue
        if message.get("role") != "system":
            return invalid_request(f"the message at position {index} must not have tools, only system messages may")
        if message.get("content"):
            return invalid_request(f"the message at position {index} has tools, its content must be empty")
        if asked.model.capabilities.dynamic_tools is False:
            return invalid_request("tools in messages are not supported by this model")
    return None


def declared(asked: Asked) -> Problem | None:
    """Each tool is of a known type, has a good name that no other has, and a schema in Moonshot's flavour."""
    tools = asked.body.get("tools")
    if tools is not None and not isinstance(tools, list):
        return invalid_request("tools must be an array")
    if isinstance(tools, list) and len(objects(tools)) != len(tools):
        return invalid_request("each of the tools must be an object")
    names: set[str] = set()
    for tool in objects(tools) + dynamic_tools(asked.messages):
        if problem := _tool(tool):
            return problem
        name = member(tool.get("function"), "name")
        if isinstance(name, str):
            if name in names:
                return invalid_request(f"function name {name} is duplicated")
            names.add(name)
    return None


def choice(asked: Asked) -> Problem | None:
    """The choice is one that the model allows as it thinks or not; the texts of the last three are modelled."""
    given = asked.body.get("tool_choice")
    if given is None:
        return None
    kind = _kind(given)
    if kind is None:
        return invalid_request("tool_choice must be auto, none, required, or name a function")
    allowed = asked.model.tool_choice
    if allowed and asked.thinks and kind not in allowed.thinking:
        word = "specified" if kind == "named" else kind
        return invalid(f"tool_choice '{word}' is incompatible with thinking enabled")
    names = [function["name"] for function in asked.functions]
    if kind == "required" and not names:
        return invalid_request("tool_choice 'required' needs tools")
    if kind == "named" and member(given["function"], "name") not in names:
        return invalid_request("tool_choice names a function that is not among the tools")
    return None


def _kind(given: Any) -> Choice | None:
    if isinstance(given, dict):
        named = given.get("type") == "function" and isinstance(member(given.get("function"), "name"), str)
        return "named" if named else None
    return given if given in WORDS else None


def _tool(tool: dict[str, Any]) -> Problem | None:
    type_ = tool.get("type")
    if type_ not in TYPES:
        shown = type_ if isinstance(type_, str) else ""
        return invalid_request(f"unknown tool type: {shown}, currently only function and plugin are supported")
    if type_ != "function":
        return None
    function = tool.get("function")
    name = member(function, "name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return invalid_request(BAD_NAME)
    parameters = member(function, "parameters")
    if parameters is not None and member(parameters, "type") != "object":
        return invalid_request(f'{FLAVOUR} <tools.function.parameters.type is required and must be "object">')
    return None
