"""Tools, calls and results, on their way from /v1/messages to an upstream: findings whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from suites.selftest.plays import ask, in_brief, onward, sentences, trip
from suites.selftest.test_judge_messages_request import call, result
from suites.selftest.test_judge_messages_texts_whole import AREA, AT, HELLO, made, says, talked, translated

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

TOOLS, CHOICE = f"{AREA}tools-translated", f"{AREA}tool-choice-translated"
CALLS, RESULTS = f"{AREA}tool-use-ids-kept", f"{AREA}tool-results-translated"
FAIL, WARN = Verdict.FAIL, Verdict.WARN

SCHEMA: Final = {"type": "object", "properties": {}}
TOOL: Final = {"name": "get", "description": "Gets.", "input_schema": SCHEMA}
BARE: Final = {"name": "get", "input_schema": SCHEMA}


def function(**members: Any) -> dict[str, Any]:
    """A tool of the chat wire; a member that is None is left out."""
    said = {"name": "get", "description": "Gets.", "parameters": SCHEMA, **members}
    return {"type": "function", "function": {name: value for name, value in said.items() if value is not None}}


# tools-translated


def tooled(tool: dict[str, Any], *seen: dict[str, Any], **choice: Any) -> Trip:
    """A request with a tool, and the tools that arrive."""
    return translated({"tools": [tool], **choice}, {"tools": [*seen]})


@pytest.mark.parametrize(
    ("tool", "seen", "due"),
    [
        pytest.param(TOOL, function(description="Puts."), ('"Gets."', '"Puts."'), id="another"),
        pytest.param(TOOL, function(description=None), ('"Gets."', "absent"), id="none"),
        pytest.param(BARE, function(), ("absent", '"Gets."'), id="added"),
    ],
)
def test_a_tool_that_is_described_otherwise_is_told_with_both(
    tool: dict[str, Any], seen: dict[str, Any], due: tuple[str, str]
) -> None:
    assert in_brief(TOOLS, tooled(tool, seen)) == [(FAIL, *due, "upstream request /tools")]
    assert sentences(TOOLS, tooled(tool, seen)) == ["get is described otherwise"]


def test_another_schema_is_told_with_its_place() -> None:
    where = "upstream request /tools get /parameters"
    assert in_brief(TOOLS, tooled(TOOL, function(parameters=None))) == [(FAIL, json.dumps(SCHEMA), "absent", where)]
    one = tooled(TOOL, function(parameters={"type": "text", "properties": {}}))
    assert in_brief(TOOLS, one) == [(FAIL, '"object"', '"text"', f"{where}/type")]
    assert sentences(TOOLS, one) == ["get has another schema"]


def test_tools_that_may_not_be_called_are_told_right_or_not_at_all() -> None:
    none = {"tool_choice": {"type": "none"}}
    assert in_brief(TOOLS, tooled(TOOL, **none)) == []
    assert in_brief(TOOLS, tooled(TOOL, function(), **none)) == []
    assert in_brief(TOOLS, tooled(TOOL, function(name="put"), **none)) == [
        (FAIL, '["get"]', '["put"]', "upstream request /tools")
    ]
    assert in_brief(TOOLS, tooled(TOOL, function(description="Puts."), **none))[0][1:3] == ('"Gets."', '"Puts."')


def test_no_tools_stay_none() -> None:
    assert in_brief(TOOLS, translated({}, {})) == []
    assert in_brief(TOOLS, translated({}, {"tools": [function()]})) == [
        (FAIL, "[]", '["get"]', "upstream request /tools")
    ]


# tool-choice-translated


@pytest.mark.parametrize(
    ("choice", "seen", "due"),
    [
        pytest.param({"type": "auto"}, "none", ("auto, or absent", '"none"'), id="auto"),
        pytest.param({"type": "none"}, "auto", ("none, or no tools", '"auto"'), id="none"),
        pytest.param({"type": "any"}, "any", ("required", '"any"'), id="any"),
        pytest.param({"type": "tool", "name": "get"}, "get", ("the function get", '"get"'), id="a-name"),
    ],
)
def test_another_choice_is_told_with_what_was_due(choice: dict[str, str], seen: str, due: tuple[str, str]) -> None:
    one = translated({"tools": [TOOL], "tool_choice": choice}, {"tools": [function()], "tool_choice": seen})
    assert in_brief(CHOICE, one) == [(FAIL, *due, "upstream request /tool_choice")]
    assert sentences(CHOICE, one) == [f"{choice['type']} went out as {json.dumps(seen)}"]


# tool-use-ids-kept


def uses(**inputs: Any) -> dict[str, Any]:
    """A turn of calls of `get`, by their ids."""
    calls = [{"type": "tool_use", "id": id_, "name": "get", "input": given} for id_, given in inputs.items()]
    return {"role": "assistant", "content": calls}


def called(given: Any, *calls: Any) -> Trip:
    """A call with this input, and the calls that arrive."""
    return talked([HELLO, uses(get_0=given)], [HELLO, {"role": "assistant", "content": None, "tool_calls": [*calls]}])


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        pytest.param("[]", '"[]"', id="a-list"),
        pytest.param("{", '"{"', id="cut"),
        pytest.param("null", '"null"', id="null"),
        pytest.param({"n": 1}, '{"n": 1}', id="an-object"),
        pytest.param(None, "null", id="nothing"),
    ],
)
def test_arguments_that_are_no_text_of_an_object_are_all_that_is_told(arguments: Any, seen: str) -> None:
    one = called({"n": 1}, call("get_0", "get", arguments))
    assert in_brief(CALLS, one) == [(FAIL, json.dumps('{"n": 1}'), seen, AT)]
    assert sentences(CALLS, one) == ["the arguments of get_0 are no text of a JSON object"]


def test_arguments_that_nobody_can_read_are_no_object() -> None:
    (found,) = in_brief(CALLS, called({}, call("get_0", "get", '{"a":' * 100_000)))
    assert found[:2] == (FAIL, '"{}"')


def test_a_call_that_lacks_both_is_told_twice() -> None:
    assert in_brief(CALLS, called({}, {"id": "get_0", "function": {}})) == [
        (FAIL, "get", "absent", AT),
        (FAIL, '"{}"', "absent", AT),
    ]
    other = called({}, call("get_0", "put", "{}"))
    assert in_brief(CALLS, other) == [(FAIL, "get", '"put"', AT)]
    assert sentences(CALLS, other) == ["get_0 calls another function"]


def test_each_place_where_arguments_differ_is_told() -> None:
    one = called({"n": 0.6, "at": [1, 2]}, call("get_0", "get", '{"n": 0.60000002384, "at": [1, 3]}'))
    assert in_brief(CALLS, one) == [
        (WARN, "0.6", "0.60000002384", f"{AT}, arguments /n"),
        (FAIL, "2", "3", f"{AT}, arguments /at/1"),
    ]
    assert sentences(CALLS, one) == ["get_0 has another input"] * 2


# tool-results-translated

TWO: Final = (uses(get_0={}, get_1={}), made("get_0", "get_1"))


def answering(*texts: str, id_: str = "get_0", **more: Any) -> dict[str, Any]:
    """A result of these texts."""
    return {"type": "tool_result", "tool_use_id": id_, "content": says("user", *texts)["content"], **more}


def resulting(*blocks: dict[str, Any], seen: list[Any], then: tuple[Any, ...] = ()) -> Trip:
    """A call, the blocks of the user's turn that follows, and what arrives behind the call; `then` on both sides."""
    sent = [HELLO, uses(get_0={}), {"role": "user", "content": [*blocks]}, *then]
    return talked(sent, [HELLO, made("get_0"), *seen, *then])


def told(*texts: str, id_: str = "get_0") -> dict[str, Any]:
    """The same result on the chat wire."""
    return result(id_, says("tool", *texts)["content"])


def test_another_result_is_told_whole() -> None:
    one = resulting(answering("clear", "and warm"), seen=[told("clear", "and cold")])
    assert in_brief(RESULTS, one) == [(FAIL, '"clearand warm"', '"clearand cold"', AT)]
    assert sentences(RESULTS, one) == ["the result of get_0 is not what was sent"]


def test_an_error_may_be_named_around_its_texts() -> None:
    failed = answering("No such", "city", is_error=True)
    assert in_brief(RESULTS, resulting(failed, seen=[told("Error: No s", "uchcity!")])) == []
    assert in_brief(RESULTS, resulting(failed, seen=[told("Error: No such town!")]))[0][0] is FAIL


def test_a_result_of_empty_texts_may_be_put_into_words() -> None:
    assert in_brief(RESULTS, resulting(answering("", ""), seen=[told("(no output)")])) == []


ASIDE: Final = {"type": "text", "text": "And"}, {"type": "text", "text": "tomorrow?"}


def test_what_stands_between_calls_and_results_is_told_once() -> None:
    one = resulting(answering("clear"), seen=[says("user", "And"), says("user", "so?"), told("clear")])
    assert in_brief(RESULTS, one) == [(FAIL, "a result", "user", f"{AT}/2")]
    assert sentences(RESULTS, one) == ["something stands between calls and their results"]


def test_what_was_said_beside_results_stands_behind_the_last_of_them() -> None:
    both = [answering("clear"), answering("rain", id_="get_1"), *ASIDE]
    sent = [HELLO, TWO[0], {"role": "user", "content": both}]
    results = [told("clear"), told("rain", id_="get_1")]
    assert in_brief(RESULTS, talked(sent, [HELLO, TWO[1], *results, says("user", "And", "tomorrow?")])) == []
    assert in_brief(
        RESULTS, talked(sent, [HELLO, TWO[1], results[0], says("user", "And", "tomorrow?"), results[1]])
    ) == [
        (FAIL, "a result", "user", f"{AT}/3"),
        (FAIL, '"Andtomorrow?"', '""', AT),
    ]
    one = talked(sent, [HELLO, TWO[1], *results, says("user", "And", "today?")])
    assert in_brief(RESULTS, one) == [(FAIL, '"Andtomorrow?"', '"Andtoday?"', AT)]
    assert sentences(RESULTS, one) == ["what the user said beside the results does not stand behind them"]


def test_what_is_said_later_is_not_said_beside_results() -> None:
    fine, thanks = says("assistant", "Fine."), says("user", "Thanks.")
    assert in_brief(RESULTS, resulting(answering("clear"), seen=[told("clear")], then=(fine, thanks))) == []
    beside = resulting(answering("clear"), *ASIDE, seen=[told("clear"), says("user", "And", "tomorrow?")], then=(fine,))
    assert in_brief(RESULTS, beside) == []


# on an Anthropic face


@pytest.mark.parametrize(
    ("requirement", "member"),
    [(TOOLS, "tools"), (CHOICE, "tools"), (CHOICE, "tool_choice"), (CALLS, "messages"), (RESULTS, "messages")],
)
def test_what_is_not_translated_must_arrive_as_it_was(requirement: str, member: str) -> None:
    choice = {"tools": [TOOL], "tool_choice": {"type": "any"}}
    seen = {"messages": [HELLO], "tools": [function()], "tool_choice": "required"}
    right = translated({"messages": [HELLO], **choice}, seen)
    asked = ask("kimi-k3", surface="messages", members={"messages": [HELLO], **choice})
    assert in_brief(requirement, right, trip(asked, onward("kimi", asked))) == []
    (found,) = in_brief(requirement, right, trip(asked, onward("kimi", asked, **{member: 7})))
    assert (found[0], found[2], found[3]) == (FAIL, "7", f"upstream request /{member}")
