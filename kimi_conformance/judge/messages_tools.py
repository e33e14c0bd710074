"""Messages: tools, calls and results, on their way to the upstream."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import shown, shown_apart
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.json_diff import differences
from kimi_conformance.judge.messages import Object, Translated, Turn, carried, harmed, says, turns_seen, turns_sent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.oracle import World

MESSAGES: Final = "upstream request /messages"
TOOLS: Final = "upstream request /tools"
CHOICE: Final = "upstream request /tool_choice"


def tools_translated(of: Translated, _world: World) -> Iterator[Flaw]:
    """Each tool is a function of the same name, description and schema, and no other is there."""
    functions = {str(function.get("name")): function for function in _functions(of.seen)}
    sent = of.sent.get("tools", [])
    names = [tool["name"] for tool in sent], [str(function.get("name")) for function in _functions(of.seen)]
    forbidden = of.sent.get("tool_choice") == {"type": "none"} and not names[1]
    if not forbidden and Counter(names[0]) != Counter(names[1]):
        yield Flaw(shown(names[0]), shown(names[1]), TOOLS, "the tools are not those that were sent")
        return
    for tool in () if forbidden else sent:
        function = functions[tool["name"]]
        told = function.get("description")
        if (tool.get("description") or "") != (told or ""):
            texts = shown_apart(tool.get("description", ABSENT), ABSENT if told is None else told)
            yield Flaw(*texts, TOOLS, f"{tool['name']} is described otherwise")
        for difference in differences(tool["input_schema"], function.get("parameters", ABSENT), "/parameters"):
            was, now = shown_apart(difference.sent, difference.seen)
            yield Flaw(was, now, f"{TOOLS} {tool['name']} {difference.at}", f"{tool['name']} has another schema")


def _functions(body: Object) -> list[Object]:
    tools = body.get("tools")
    found = [tool.get("function") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    return [function for function in found if isinstance(function, dict)]


def tool_choice_translated(of: Translated, _world: World) -> Iterator[Flaw]:
    """`auto`, `any`, a name and `none` go out as the chat wire has them."""
    choice, seen = of.sent["tool_choice"], of.seen.get("tool_choice", ABSENT)
    match choice:
        case {"type": "auto"}:
            right = seen in ("auto", ABSENT)
            wanted = "auto, or absent"
        case {"type": "none"}:
            right = seen == "none" or not _functions(of.seen)
            wanted = "none, or no tools"
        case {"type": "any"}:
            right, wanted = seen == "required", "required"
        case _:
            right, wanted = _names(seen) == choice["name"], f"the function {choice['name']}"
            if seen == "required":
                message = "a named tool goes out as any tool; Kimi refuses a name while it thinks"
                yield Flaw(wanted, shown(seen), CHOICE, message, Verdict.WARN)
                return
    if not right:
        yield Flaw(wanted, shown(seen), CHOICE, f"{choice['type']} went out as {shown(seen)}")


def _names(choice: Any) -> Any:
    function = choice.get("function") if isinstance(choice, dict) else None
    return function.get("name") if isinstance(function, dict) else None


def calls_translated(of: Translated, _world: World) -> Iterator[Flaw]:
    """Each call keeps its id, its function and its input, in order."""
    sent = [call for turn in turns_sent(of.sent) for call in turn.calls]
    seen = [call for turn in turns_seen(of.seen) for call in turn.calls]
    ids = [call["id"] for call in sent], [call.get("id") for call in seen]
    if ids[0] != ids[1]:
        yield Flaw(shown(ids[0]), shown(ids[1]), MESSAGES, "the calls do not have the ids that were sent")
        return
    for call, made in zip(sent, seen, strict=True):
        given = made.get("function")
        function: Object = given if isinstance(given, dict) else {}
        if function.get("name") != call["name"]:
            message = f"{call['id']} calls another function"
            yield Flaw(call["name"], shown(function.get("name", ABSENT)), MESSAGES, message)
        yield from _arguments(call, function.get("arguments", ABSENT))


def _arguments(call: Object, arguments: Any) -> Iterator[Flaw]:
    try:
        told = json.loads(arguments) if isinstance(arguments, str) else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        message = f"the arguments of {call['id']} are no text of a JSON object"
        yield Flaw(shown(json.dumps(call["input"])), shown(arguments), MESSAGES, message)
        return
    for difference in differences(call["input"], told):
        was, now = shown_apart(difference.sent, difference.seen)
        verdict = Verdict.WARN if difference.widened else Verdict.FAIL
        yield Flaw(was, now, f"{MESSAGES}, arguments {difference.at}", f"{call['id']} has another input", verdict)


def results_translated(of: Translated, _world: World) -> Iterator[Flaw]:
    """Each result goes out once, as a message of the role tool, right behind its calls; what else was said, after."""
    sent = [result for turn in turns_sent(of.sent) for result in turn.results]
    turns = turns_seen(of.seen)
    seen = [result for turn in turns for result in turn.results]
    ids = [id_ for id_, _ in sent], [id_ for id_, _ in seen]
    if Counter(ids[0]) != Counter(shown(id_) if not isinstance(id_, str) else id_ for id_ in ids[1]):
        yield Flaw(shown(ids[0]), shown(ids[1]), MESSAGES, "the results do not have the ids that were sent")
        return
    if ids[0] != ids[1]:
        message = "the results stand in another order; their ids tell them apart"
        yield Flaw(shown(ids[0]), shown(ids[1]), MESSAGES, message, Verdict.WARN)
    told = dict(seen)
    failed = _failed(of.sent)
    for id_, texts in sent:
        wrapped = id_ in failed and "".join(texts) in "".join(told[id_])
        verdict = harmed(texts, told[id_])
        if "".join(texts) and not wrapped and verdict:
            message = f"the result of {id_} is not what was sent"
            yield Flaw(*shown_apart("".join(texts), "".join(told[id_])), MESSAGES, message, verdict)
    yield from _behind(turns)
    yield from _beside(turns_sent(of.sent), turns)


def _failed(body: Object) -> frozenset[str]:
    """The ids of the results that are errors: a router may say that in the text, the chat wire has no other place."""
    blocks = [block for message in body["messages"] for block in message["content"] if isinstance(block, dict)]
    return frozenset(block["tool_use_id"] for block in blocks if block.get("is_error"))


def _behind(turns: list[Turn]) -> Iterator[Flaw]:
    """Calls and their results have nothing between them: Kimi refuses it (`tool_call_id is not found`)."""
    waiting: set[Any] = set()
    for turn in turns:
        if turn.role == "tool":
            waiting -= {id_ for id_, _ in turn.results}
        elif waiting:
            where = f"{MESSAGES}/{turn.at}"
            yield Flaw("a result", turn.role, where, "something stands between calls and their results")
            return
        else:
            waiting = {str(call.get("id")) for call in turn.calls}


def _beside(sent: list[Turn], seen: list[Turn]) -> Iterator[Flaw]:
    """What a user said beside results is said after them."""
    for turn in sent:
        if not turn.results or not turn.texts:
            continue
        last = max(each.at for each in seen if each.role == "tool")
        after = [text for each in seen if each.role == "user" and each.at > last for text in each.texts]
        if not says(turn.texts, after):
            message = "what the user said beside the results does not stand behind them"
            yield Flaw(shown("".join(turn.texts)), shown("".join(after)), MESSAGES, message)


check("router.messages.tools-translated")(carried(["tools"], tools_translated))
check("router.messages.tool-choice-translated")(carried(["tools", "tool_choice"], tool_choice_translated))
check("router.messages.tool-use-ids-kept")(carried(["messages"], calls_translated))
check("router.messages.tool-results-translated")(carried(["messages"], results_translated))
