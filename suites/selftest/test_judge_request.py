"""The judge on the members of a request: what the client sent, against what the upstream saw."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge import verdict
from kimi_conformance.judge.cooldown import COOLDOWN
from suites.selftest.plays import MESSAGES, arrived, ask, fails, findings, onward, trip

REQUEST: Final = "router.request."
TEMPERATURE: Final = REQUEST + "temperature-untouched"
SAMPLING: Final = REQUEST + "sampling-untouched"
UNKNOWN: Final = REQUEST + "unknown-fields-kept"
HISTORY: Final = REQUEST + "history-kept"
SYSTEM: Final = REQUEST + "system-prompt-kept"
TOOLS: Final = REQUEST + "tools-untouched"
NAME: Final = REQUEST + "model-name-untouched"

FREE: Final = "kimi-nobodys"
"""A model that the catalogue does not know, on the default route: nothing about it is fixed."""

SAID: Final = [{"role": "user", "content": "月 [%MARK%]"}]
CALL: Final = {"id": "get_0", "type": "function", "function": {"name": "get", "arguments": '{"n":  1.0}'}}
ANSWERED: Final = {"role": "assistant", "content": "", "reasoning_content": "First.", "tool_calls": [CALL]}
THOUGHT: Final = [*SAID, ANSWERED]
TOOL: Final = {"type": "function", "function": {"name": "get", "parameters": {"type": "object"}, "strict": False}}

KEPT = [
    pytest.param(TEMPERATURE, {"temperature": 0.6}, id="temperature"),
    pytest.param(TEMPERATURE, {}, id="no-temperature"),
    pytest.param(SAMPLING, {"top_p": 0.95, "n": 1, "stop": ["\n", "完"], "seed": 7, "max_tokens": 3}, id="sampling"),
    pytest.param(UNKNOWN, {"thinking": {"type": "enabled"}, "x_nobody": [1, {"a": None}]}, id="unknown"),
    pytest.param(HISTORY, {"messages": THOUGHT}, id="history"),
    pytest.param(SYSTEM, {"messages": [{"role": "system", "content": "Be terse."}, *SAID]}, id="system"),
    pytest.param(TOOLS, {"tools": [TOOL], "tool_choice": "auto"}, id="tools"),
    pytest.param(NAME, {}, id="name"),
]


def seen(requirement: str, sent: dict[str, Any], changes: dict[str, Any], **more: Any) -> tuple[Finding, ...]:
    """The findings where `sent` went out with some members changed, on the default route."""
    asked = ask(FREE, members=sent, **more)
    return findings(requirement, trip(asked, onward("default", asked, **changes)))


@pytest.mark.parametrize(("requirement", "sent"), KEPT)
def test_what_arrives_as_it_was_sent_is_right(requirement: str, sent: dict[str, Any]) -> None:
    assert seen(requirement, sent, {}) == ()


@pytest.mark.parametrize(("requirement", "sent"), KEPT)
def test_what_arrives_nowhere_is_never_right(requirement: str, sent: dict[str, Any]) -> None:
    asked = ask(FREE, members=sent)
    expected, where, message = "an upstream request", "upstream", "no upstream was called"
    assert findings(requirement, trip(asked, status=404)) == (
        fails(requirement, expected, "none; the client got status 404", where, message),
    )
    assert findings(requirement, trip(asked, status=503)) == (
        fails(requirement, expected, "none; the client got status 503", where, COOLDOWN),
    )
    assert findings(requirement, trip(asked, status=None, error="timeout: 15 s")) == (
        fails(requirement, expected, "none; the client got timeout: 15 s", where, message),
    )


@pytest.mark.parametrize(
    ("body", "expected", "actual", "message"),
    [
        pytest.param(b'{"a":', "a JSON body", "Expecting value", "the upstream got a body that is no JSON", id="cut"),
        pytest.param(b"", "a JSON body", "Expecting value", "the upstream got a body that is no JSON", id="empty"),
        pytest.param(b"\xff", "a JSON body", "utf-8", "the upstream got a body that is no JSON", id="no-utf-8"),
        pytest.param(
            b"[" * 100_000, "a JSON body", "recursion", "the upstream got a body that is no JSON", id="too-deep"
        ),
        pytest.param(b"[1]", "a JSON object", "[1]", "the upstream got no JSON object", id="list"),
        pytest.param(b'"{}"', "a JSON object", '"{}"', "the upstream got no JSON object", id="string"),
    ],
)
@pytest.mark.parametrize(("requirement", "sent"), KEPT)
def test_a_body_that_is_no_object_is_never_right(
    requirement: str, sent: dict[str, Any], body: bytes, *, expected: str, actual: str, message: str
) -> None:
    [found] = findings(requirement, trip(ask(FREE, members=sent), arrived("gateway", body)))
    assert found == fails(requirement, expected, found.actual, "upstream request", message)
    assert actual in found.actual


CHANGED = [
    pytest.param(TEMPERATURE, {"temperature": 0.6}, {"temperature": 0.36}, "0.6", "0.36", "", id="scaled"),
    pytest.param(TEMPERATURE, {"temperature": 1.5}, {"temperature": 1}, "1.5", "1", "", id="clamped"),
    pytest.param(TEMPERATURE, {"temperature": 0}, {"temperature": None}, "0", "null", "", id="nulled"),
    pytest.param(TEMPERATURE, {"temperature": 1}, {"temperature": "1"}, "1", '"1"', "", id="made-a-string"),
    pytest.param(TEMPERATURE, {"temperature": 1}, {"temperature": True}, "1", "true", "", id="made-true"),
    pytest.param(TEMPERATURE, {"temperature": 0}, {"temperature": ABSENT}, "0", "absent", "", id="dropped"),
    pytest.param(TEMPERATURE, {}, {"temperature": 0.6}, "absent", "0.6", "", id="added"),
    pytest.param(SAMPLING, {"top_p": 0.95}, {"top_p": 1}, "0.95", "1", "", id="top_p"),
    pytest.param(SAMPLING, {"stop": ["a", "b"]}, {"stop": ["a"]}, '"b"', "absent", "/1", id="stop-cut"),
    pytest.param(SAMPLING, {"stop": ["a"]}, {"stop": "a"}, '["a"]', '"a"', "", id="stop-unwrapped"),
    pytest.param(SAMPLING, {}, {"seed": 0}, "absent", "0", "", id="seed-added"),
    pytest.param(SAMPLING, {"n": 1}, {"n": ABSENT}, "1", "absent", "", id="n-dropped"),
    pytest.param(SAMPLING, {"presence_penalty": 0}, {"presence_penalty": ABSENT}, "0", "absent", "", id="zero-dropped"),
    pytest.param(SAMPLING, {"frequency_penalty": 0.25}, {"frequency_penalty": 0}, "0.25", "0", "", id="penalty"),
    pytest.param(SAMPLING, {"max_tokens": 333}, {"max_tokens": 64}, "333", "64", "", id="bound-lowered"),
    pytest.param(SAMPLING, {}, {"max_tokens": None}, "absent", "null", "", id="null-bound-added"),
    pytest.param(SAMPLING, {"max_tokens": None}, {"max_tokens": ABSENT}, "null", "absent", "", id="null-bound-dropped"),
    pytest.param(
        UNKNOWN, {"tools": [TOOL]}, {"reasoning_effort": "auto"}, "absent", '"auto"', "", id="auto-of-something-else"
    ),
    pytest.param(UNKNOWN, {"x": 1}, {"x": 2}, "1", "2", "", id="unknown-changed"),
    pytest.param(UNKNOWN, {"x~y/z": 1}, {"x~y/z": 2}, "1", "2", "", id="a-name-that-is-escaped"),
    pytest.param(UNKNOWN, {"x": {"a/b": {"~": 1}}}, {"x": {"a/b": {}}}, "1", "absent", "/a~1b/~0", id="deep-dropped"),
    pytest.param(UNKNOWN, {"x": None}, {"x": ABSENT}, "null", "absent", "", id="null-dropped"),
    pytest.param(UNKNOWN, {"x": []}, {"x": {}}, "[]", "{}", "", id="list-made-an-object"),
    pytest.param(UNKNOWN, {"x": "é"}, {"x": "e\u0301"}, '"\\u00e9"', '"e\\u0301"', "", id="decomposed"),
    pytest.param(TOOLS, {"tools": [TOOL]}, {"tools": ABSENT}, None, "absent", "", id="tools-dropped"),
    pytest.param(TOOLS, {"tools": [TOOL]}, {"tool_choice": "none"}, "absent", '"none"', "", id="choice-added"),
    pytest.param(TOOLS, {}, {"tool_choice": "auto"}, "absent", '"auto"', "", id="choice-without-tools-added"),
    pytest.param(TOOLS, {"tool_choice": "required"}, {"tool_choice": "auto"}, '"required"', '"auto"', "", id="choice"),
]


@pytest.mark.parametrize(("requirement", "sent", "changes", "was", "now", "below"), CHANGED)
def test_a_member_that_changed_is_shown_before_and_after(
    requirement: str, sent: dict[str, Any], changes: dict[str, Any], *, was: str | None, now: str, below: str
) -> None:
    [found] = seen(requirement, sent, changes)
    at = f"/{next(iter(changes)).replace('~', '~0').replace('/', '~1')}{below}"
    before = found.expected if was is None else was
    message = f"{at} was {before} and became {now}"
    assert found == fails(requirement, before, now, f"upstream request {at}", message)


def arrived_history(change: Any) -> dict[str, Any]:
    """The history of a tool call with its second message changed."""
    return {"messages": [{"role": "user", "content": "月 [kc1]"}, ANSWERED | change]}


@pytest.mark.parametrize(
    ("change", "at"),
    [
        pytest.param({"reasoning_content": ""}, "/reasoning_content", id="reasoning-emptied"),
        pytest.param({"content": None}, "/content", id="content-nulled"),
        pytest.param({"partial": True}, "/partial", id="partial-added"),
        pytest.param({"role": "model"}, "/role", id="role-renamed"),
        pytest.param({"tool_calls": [CALL | {"id": "call_x"}]}, "/tool_calls/0/id", id="id-rewritten"),
        pytest.param(
            {"tool_calls": [CALL | {"function": {"name": "get", "arguments": '{"n": 1.0}'}}]},
            "/tool_calls/0/function/arguments",
            id="arguments-spelled-again",
        ),
        pytest.param({"tool_calls": [CALL, CALL]}, "/tool_calls/1", id="call-doubled"),
    ],
)
def test_a_history_is_kept_to_the_letter(change: dict[str, Any], at: str) -> None:
    [found] = seen(HISTORY, {"messages": THOUGHT}, arrived_history(change))
    assert found.where == f"upstream request /messages/1{at}"
    assert found.verdict is Verdict.FAIL


def test_a_message_that_was_lost_moved_or_added_is_found_where_it_stands() -> None:
    first, second = arrived_history({})["messages"]
    lost = seen(HISTORY, {"messages": THOUGHT}, {"messages": [first]})
    assert [one.where for one in lost] == ["upstream request /messages/1"]
    moved = seen(HISTORY, {"messages": THOUGHT}, {"messages": [second, first]})
    assert {one.where.split("/")[2] for one in moved} == {"0", "1"}
    added = seen(HISTORY, {"messages": THOUGHT}, {"messages": [first, second, first]})
    assert [(one.where, one.expected) for one in added] == [("upstream request /messages/2", "absent")]


def test_a_system_prompt_is_kept_in_either_form() -> None:
    on_messages: dict[str, Any] = {"surface": "messages"}
    assert seen(SYSTEM, {"system": "Be terse."}, {}, **on_messages) == ()
    for change, now in (("Be terse. ", '"Be terse. "'), (ABSENT, "absent"), ([{"text": "Be terse."}], '[{"text"')):
        [found] = seen(SYSTEM, {"system": "Be terse."}, {"system": change}, **on_messages)
        assert found.where == "upstream request /system"
        assert found.actual.startswith(now)
    [moved] = seen(SYSTEM, {}, {"system": "Be terse."})
    assert (moved.expected, moved.actual) == ("absent", '"Be terse."')
    prompt = {"role": "system", "content": "Be terse."}
    [improved] = seen(SYSTEM, {"messages": [prompt]}, {"messages": [prompt | {"content": "Be nice."}]})
    assert (improved.where, improved.actual) == ("upstream request /messages/0/content", '"Be nice."')
    [dropped] = seen(SYSTEM, {"messages": [prompt]}, {"messages": []})
    assert (dropped.where, dropped.actual) == ("upstream request /messages/0", "absent")


def test_of_a_long_value_only_the_beginning_is_shown() -> None:
    [found] = seen(UNKNOWN, {"x": "a" * 1000}, {"x": ABSENT})
    assert found.expected == f'"{"a" * 159}… (1002 characters)'


def test_other_members_are_other_requirements_matter() -> None:
    assert seen(TEMPERATURE, {"temperature": 1, "seed": 7}, {"seed": 8, "x": 1, "messages": []}) == ()
    assert seen(SAMPLING, {"seed": 7}, {"temperature": 0, "messages": []}) == ()
    assert seen(TOOLS, {"tools": [TOOL]}, {"temperature": 0, "messages": []}) == ()
    assert seen(UNKNOWN, {"x": 1}, {"a_member_that_the_router_added": 1, "model": "other"}) == ()


@pytest.mark.parametrize("member", ["thinking", "reasoning_effort", "response_format", "tools", "tool_choice"])
def test_a_member_that_changes_the_answer_is_never_added(member: str) -> None:
    message = f"/{member} was absent and became 1"
    where = f"upstream request /{member}"
    assert seen(UNKNOWN, {"x": 1}, {member: 1}) == (fails(UNKNOWN, "absent", "1", where, message),)
    assert len(seen(UNKNOWN, {member: 1}, {member: 2})) == 1


def test_every_arrival_of_every_trip_is_compared() -> None:
    asked = ask(FREE, members={"temperature": 1})
    broken = trip(asked, arrived("gateway", b"[]"), onward("default", asked, temperature=2))
    found = findings(TEMPERATURE, broken, trip(asked), trip(asked, onward("default", asked, temperature=3)))
    assert [one.actual for one in found] == ["none; the client got status 200", "[]", "2", "3"]


def test_members_cannot_be_compared_where_the_surface_was_translated() -> None:
    asked = ask(FREE, members={"temperature": 1})
    found = findings(TEMPERATURE, trip(asked, arrived("shortcut", {}, path="/x/v1/messages?beta=1")))
    message = "the router translates this surface into another: members cannot be compared one by one"
    path = "/x/v1/messages?beta=1"
    assert found == (
        Finding(TEMPERATURE, Verdict.NOT_OBSERVED, "the client's surface", path, "upstream path", message),
    )
    assert verdict(found) is Verdict.NOT_OBSERVED


def test_a_path_of_the_same_surface_may_have_anything_before_it() -> None:
    asked = ask(FREE, members={"temperature": 1})
    path = "https://openrouter.ai/api/v1/chat/completions?x=/v1/messages"
    assert findings(TEMPERATURE, trip(asked, onward("default", asked, path=path))) == ()
    assert MESSAGES not in path.split("?", maxsplit=1)[0]


def test_what_asks_for_the_same_in_other_words_is_a_warning() -> None:
    [default] = seen(TOOLS, {"tools": [TOOL]}, {"tool_choice": "auto"})
    assert (default.verdict, default.expected, default.actual) == (Verdict.WARN, "absent", '"auto"')
    without = {key: value for key, value in ANSWERED.items() if key != "content"}
    [left_out] = seen(HISTORY, {"messages": [ANSWERED | {"content": None}]}, {"messages": [without]})
    assert (left_out.verdict, left_out.where) == (Verdict.WARN, "upstream request /messages/0/content")
