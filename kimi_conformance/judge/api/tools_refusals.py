"""Tools in requests: which are refused, which are taken, and what a choice of them comes to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.catalogue import PREDICATES
from kimi_conformance.judge.api.acceptance import acceptance, judged
from kimi_conformance.judge.api.chat import ANSWER, CUT, served
from kimi_conformance.judge.api.chat_refusals import messages
from kimi_conformance.judge.api.known_good import keeps
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import calls, choices, shown
from kimi_conformance.judge.api.refusal import model_of, refusal, thinking_off
from kimi_conformance.judge.api.tools import declared
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

WORDS: Final = frozenset({"auto", "none", "required"})
TYPES: Final = ("function", "builtin_function", "plugin", "_plugin")
BAD_NAME: Final = re.compile(r"[0-9].*|.*[^\w-].*|.{257,}", re.DOTALL)


def _tools(asked: dict[str, Any]) -> list[dict[str, Any]]:
    found = asked.get("tools")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _functions(asked: dict[str, Any]) -> list[dict[str, Any]]:
    found = [each.get("function") for each in _tools(asked) if each.get("type") == "function"]
    return [each for each in found if isinstance(each, dict)]


def _choice(s: Sight) -> Any:
    return s.asked.get("tool_choice")


def _chosen(s: Sight) -> str | None:
    """The function that the choice names, where it is among the tools."""
    choice = _choice(s)
    function = choice.get("function") if isinstance(choice, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) and name in declared(s.asked) else None


def _holds(predicate: str, s: Sight, c: Contract) -> bool:
    model = model_of(s, c)
    return model is not None and PREDICATES[predicate](model)


def _required(s: Sight, _c: Contract) -> bool:
    return _choice(s) == "required" and bool(declared(s.asked)) and not s.partial and any(choices(s))


def _required_while_thinking(s: Sight, c: Contract) -> bool:
    asked = _choice(s) == "required" and bool(_tools(s.asked)) and not thinking_off(s)
    return asked and _holds("no-required-tool-while-thinking", s, c)


def _named_while_thinking(s: Sight, c: Contract) -> bool:
    model = model_of(s, c)
    rules = model.tool_choice if model else None
    return _chosen(s) is not None and not thinking_off(s) and rules is not None and "named" not in rules.thinking


def _named_without_thinking(s: Sight, c: Contract) -> bool:
    able = _chosen(s) is not None and thinking_off(s) and _holds("thinking-can-be-disabled", s, c)
    return able and s.face == "chat" and judged(s) and not s.partial and (s.ok or keeps(s, c))


def _unknown_choice(s: Sight, _c: Contract) -> bool:
    return isinstance(_choice(s), str) and bool(_choice(s)) and _choice(s) not in WORDS and bool(_tools(s.asked))


def _required_of_none(s: Sight, _c: Contract) -> bool:
    return _choice(s) == "required" and s.asked.get("tools") in (None, []) and not declared(s.asked)


def _choice_of_none(s: Sight, c: Contract) -> bool:
    return _choice(s) in ("auto", "none") and not s.asked.get("tools") and keeps(s, c)


def _unknown_type(s: Sight, _c: Contract) -> bool:
    return any(each.get("type") not in TYPES for each in _tools(s.asked))


def _bad_name(s: Sight, _c: Contract) -> bool:
    names = [each["name"] for each in _functions(s.asked) if isinstance(each.get("name"), str)]
    return len(set(names)) < len(names) or any(BAD_NAME.fullmatch(name) for name in names)


def _rootless(s: Sight, _c: Contract) -> bool:
    """A root of properties without `type`, or of another type. Empty schemas and alternatives are left alone."""
    schemas = [schema for each in _functions(s.asked) if isinstance(schema := each.get("parameters"), dict)]
    untyped = any("type" not in schema and "properties" in schema and "$ref" not in schema for schema in schemas)
    return untyped or any(isinstance(schema.get("type"), str) and schema["type"] != "object" for schema in schemas)


def _lost_result(s: Sight, _c: Contract) -> bool:
    known: set[Any] = set()
    for each in messages(s.asked):
        found = each.get("tool_calls")
        known |= {str(call.get("id")) for call in (found if isinstance(found, list) else ()) if isinstance(call, dict)}
        if each.get("role") == "tool" and (not each.get("tool_call_id") or str(each["tool_call_id"]) not in known):
            return True
    return False


def _in_messages(asked: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in messages(asked) if each.get("tools")]


def _brought(s: Sight, c: Contract) -> bool:
    """Tools that system messages bring, as they may."""
    return bool(_in_messages(s.asked)) and _holds("dynamic-tools", s, c) and keeps(s, c, bringing=True)


def _misplaced(s: Sight, c: Contract) -> bool:
    bringing = _in_messages(s.asked)
    names = [name for each in (s.asked, *bringing) for name in sorted(declared({"tools": each.get("tools")}))]
    wrong = any(each.get("role") != "system" or each.get("content") for each in bringing)
    return bool(bringing) and (wrong or len(set(names)) < len(names)) and _holds("dynamic-tools", s, c)


refusal("api.tools.required-refused-while-thinking", _required_while_thinking, names=r"tool_choice.*required.*thinking")
refusal("api.tools.named-refused-while-thinking", _named_while_thinking, names=r"specified.*thinking")
refusal("api.tools.unknown-choice-refused", _unknown_choice, names=".")
refusal("api.tools.required-without-tools-refused", _required_of_none, names=".")
refusal("api.tools.unknown-type-refused", _unknown_type, names=r"\btype\b")
refusal("api.tools.function-name-checked", _bad_name, names=r"\bname\b")
refusal("api.tools.schema-flavour-checked", _rootless, names="parameters")
refusal("api.tools.tool-call-id-needed", _lost_result, names="tool_call_id")
refusal("api.tools.dynamic-tools-placed", _misplaced, names=".")
acceptance("api.tools.auto-without-tools-accepted", _choice_of_none)
acceptance("api.tools.dynamic-tools", _brought)


@law("api.tools.required-is-obeyed", *ANSWER, when=_required)
def required_is_obeyed(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Who requires a call gets one, unless the answer was cut."""
    for at, message, reason in choices(s):
        if not calls(message) and reason not in CUT:
            yield Flaw("a call", "none", f"{at}/message/tool_calls", "a call was required, and none is there")


@law("api.tools.named-works-without-thinking", when=_named_without_thinking)
def named_works_without_thinking(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Who names a function, and lets nobody think, gets a call of it."""
    yield from served(s)
    for at, message, reason in choices(s):
        functions = [call.get("function") for call in calls(message) if isinstance(call, dict)]
        names = [each.get("name") for each in functions if isinstance(each, dict)]
        if _chosen(s) not in names and reason not in CUT:
            where = f"{at}/message/tool_calls"
            yield Flaw(f"a call of {_chosen(s)}", shown(names), where, "the function that was named is not called")
