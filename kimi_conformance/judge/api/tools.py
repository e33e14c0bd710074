"""Tools: calls in answers, whole ones and folded ones alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.chat import ANSWER, CUT
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import calls, choices, shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

LONGEST_ID: Final = 64
NUMBERED: Final = 16
"""What an id may have beyond the name of its function, which has a length of its own."""
KINDS: Final = ("function", "builtin_function")
"""The second is that of `$web_search`."""


def _called(sight: Sight, _contract: Contract) -> bool:
    return any(message.get("tool_calls", []) != [] for _, message, _ in choices(sight))


def _whole_calls(sight: Sight, contract: Contract) -> bool:
    return _called(sight, contract) and not sight.partial


def declared(asked: dict[str, Any]) -> set[str]:
    """The names of the functions that a request offers, in its tools and in those of system messages."""
    said = asked.get("messages")
    messages = said if isinstance(said, list) else ()
    groups = [asked.get("tools"), *(each.get("tools") for each in messages if isinstance(each, dict))]
    found = [tool for group in groups if isinstance(group, list) for tool in group if isinstance(tool, dict)]
    functions = [tool.get("function") for tool in found]
    return {str(function["name"]) for function in functions if isinstance(function, dict) and "name" in function}


def _offered(sight: Sight, contract: Contract) -> bool:
    return _called(sight, contract) and bool(declared(sight.asked))


def _each(sight: Sight) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Each call with where it stands, and its function (empty where it has none)."""
    for at, message, _ in choices(sight):
        for index, call in enumerate(calls(message)):
            function = call.get("function") if isinstance(call, dict) else None
            yield f"{at}/message/tool_calls/{index}", call, function if isinstance(function, dict) else {}


@law("api.tools.call-shape", *ANSWER, when=_called)
def call_shape(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A call has an id, the type `function`, and a function with name and arguments."""
    for at, message, _ in choices(s):
        if "tool_calls" in message and not isinstance(message["tool_calls"], list):
            yield Flaw("a list", shown(message["tool_calls"]), f"{at}/message/tool_calls", "the calls are no list")
    for at, call, function in _each(s):
        named = call.get("id") if isinstance(call, dict) else None
        longest = max(LONGEST_ID, len(str(function.get("name"))) + NUMBERED)
        if not isinstance(named, str) or not 0 < len(named) <= longest:
            expected = f"a string of 1 to {longest} characters"
            yield Flaw(expected, shown(named), f"{at}/id", "a call without a usable id")
        kind = call.get("type") if isinstance(call, dict) else None
        if kind not in KINDS:
            yield Flaw("function", shown(kind), f"{at}/type", "a call of no known type")
        if not isinstance(function.get("name"), str) or not function["name"]:
            yield Flaw("a name", shown(function.get("name")), f"{at}/function/name", "a call of nothing")
        if not isinstance(function.get("arguments"), str):
            seen = shown(function.get("arguments"))
            yield Flaw("a string", seen, f"{at}/function/arguments", "a call without arguments")


@law("api.tools.arguments-are-json", *ANSWER, when=_whole_calls)
def arguments_are_json(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Arguments are a string that holds a JSON object; a call that was cut may hold half of one."""
    cut = {at for at, _, reason in choices(s) if reason in CUT}
    for at, _, function in _each(s):
        arguments, where = function.get("arguments"), f"{at}/function/arguments"
        if not isinstance(arguments, str):
            yield Flaw("a string", shown(arguments), where, "arguments are no string")
        elif not any(at.startswith(choice) for choice in cut) and not _is_object(arguments):
            yield Flaw("a JSON object in a string", shown(arguments), where, "arguments hold no JSON object")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


@law("api.tools.ids-unique", *ANSWER, when=_called)
def ids_unique(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """No two calls of one choice have the same id."""
    for at, message, _ in choices(s):
        ids = [call.get("id") for call in calls(message) if isinstance(call, dict)]
        for twice in sorted({str(each) for each in ids if ids.count(each) > 1}):
            yield Flaw("an id of its own for each call", twice, f"{at}/message/tool_calls", "two calls have one id")


@law("api.tools.name-is-declared", *ANSWER, when=_offered)
def name_is_declared(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Only tools are called that the request offers."""
    names = declared(s.asked)
    for at, _, function in _each(s):
        if str(function.get("name")) not in names:
            expected = " or ".join(sorted(names))
            where = f"{at}/function/name"
            yield Flaw(expected, shown(function.get("name")), where, "a tool is called that nobody offered")


@law("api.tools.index-outside-streams", "chat.completion", when=_called)
def index_outside_streams(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Calls of a whole answer have an index, too."""
    for number, (at, call, _) in enumerate(_each(s)):
        index = call.get("index") if isinstance(call, dict) else None
        if index != number:
            yield Flaw(str(number), shown(index), f"{at}/index", "a call without its index")


def _several(sight: Sight, _contract: Contract) -> bool:
    return any(len(calls(message)) > 1 for _, message, _ in choices(sight))


@law("api.tools.parallel-calls", *ANSWER, when=_several)
def parallel_calls(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Several calls in one answer are told apart by index."""
    for at, message, _ in choices(s):
        found = calls(message)
        indices = [call.get("index") for call in found if isinstance(call, dict) and "index" in call]
        if indices and indices != list(range(len(found))):
            where = f"{at}/message/tool_calls"
            yield Flaw("0, 1, 2 …", shown(indices), where, "the calls of one answer are not told apart by index")
