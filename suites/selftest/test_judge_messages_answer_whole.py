"""Answers on their way back to a client of /v1/messages: findings whole, and what none hides."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import shown
from suites.selftest.answered import answered, chunk, data, streaming
from suites.selftest.answered import message as message_events
from suites.selftest.plays import ask, in_brief, profile, sentences, trip
from suites.selftest.test_judge_messages_answer import TEXT, THINKING, completion, message, use

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

AREA: Final = "router.messages."
SAID, THOUGHT, CALLED = f"{AREA}text-returned", f"{AREA}reasoning-becomes-thinking", f"{AREA}tool-calls-become-tool-use"
ENDED, SPENT, NAMED = f"{AREA}stop-reason-translated", f"{AREA}usage-translated", f"{AREA}model-named"
SHAPE: Final = f"{AREA}answer-shape"
FAIL, WARN, UNSEEN = Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED


def both(said: dict[str, Any], told: Any, **how: Any) -> Trip:
    """An answer of the chat wire, and what the client is told of it."""
    return answered(said, told, surface="messages", wire="chat", **how)


def passed_on(said: dict[str, Any], told: dict[str, Any]) -> Trip:
    """The same of an upstream that was asked on its Anthropic face."""
    return answered(said, told, surface="messages")


NOTHING: Final[dict[str, Any]] = {"type": "message"}
FAULTY: Final = {each: both(completion(), NOTHING) for each in (SAID, THOUGHT, ENDED, SPENT, NAMED, SHAPE)}
LOST: Final = trip(ask(surface="messages"), status=404)


@pytest.mark.parametrize("requirement", FAULTY)
def test_an_answer_that_was_not_given_is_told_and_hides_none_behind_it(requirement: str) -> None:
    first, *rest = in_brief(requirement, LOST, FAULTY[requirement])
    assert (first[0], first[1], first[3]) == (UNSEEN, "an answer of the upstream", "upstream")
    assert rest == in_brief(requirement, FAULTY[requirement]) != []


# what is read of both wires


def test_what_the_anthropic_face_of_an_upstream_said_is_read_as_such() -> None:
    own = message(THINKING, TEXT, use("a", "b", {}), stop_reason="tool_calls")
    for requirement in (SAID, THOUGHT, CALLED, ENDED, SPENT, NAMED):
        assert in_brief(requirement, passed_on(own, own)) == []
    nothing = passed_on(own, NOTHING)
    assert in_brief(SAID, nothing) == [(FAIL, '"Hello."', '""', "client response, text")]
    assert in_brief(THOUGHT, nothing) == [(WARN, '"Greet."', '""', "client response, thinking")]
    assert in_brief(CALLED, nothing) == [(FAIL, '[["a", "b"]]', "[]", "client response, tool_use")]
    assert in_brief(ENDED, nothing) == [(FAIL, '"tool_calls"', "null", "client response /stop_reason")]


def test_streams_of_both_wires_are_put_together() -> None:
    chunks = [data(chunk({"content": "Hel"})), data(chunk({"content": "lo."})), data(chunk(finish="stop"))]
    for texts, due in (("Hello.",), []), (("Hello",), [(FAIL, '"Hello."', '"Hello"', "client response, text")]):
        one = streaming(chunks, message_events(*texts), surface="messages", wire="chat")
        assert in_brief(SAID, one) == due
        assert in_brief(ENDED, one) == []


THOUGHTS: Final = [{"type": "thinking", "thinking": each} for each in ("Gre", None, "et.")]
TEXTS: Final = [{"type": "text", "text": each} for each in ("Hel", None, "lo.")]


@pytest.mark.parametrize("aside", [{"type": "aside", "text": "By the way", "thinking": "Hm."}, None, 7, []], ids=repr)
def test_texts_and_thoughts_are_read_from_their_own_blocks_alone(aside: Any) -> None:
    one = both(completion(), message(*THOUGHTS, aside, *TEXTS))
    assert in_brief(SAID, one) == in_brief(THOUGHT, one) == []


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"content": None, "reasoning_content": None}, id="null"),
        pytest.param({"content": "", "reasoning_content": ""}, id="empty"),
    ],
)
def test_an_upstream_that_says_nothing_becomes_no_text(said: dict[str, Any]) -> None:
    assert in_brief(SAID, both(completion(**said), message())) == []
    assert in_brief(THOUGHT, both(completion(**said), message())) == []
    assert in_brief(SAID, both(completion(**said), message(TEXT))) == [
        (FAIL, '""', '"Hello."', "client response, text")
    ]


@pytest.mark.parametrize("choices", [None, [], [7], [{}], [{"message": 7}], {"0": {}}], ids=repr)
def test_an_upstream_without_a_message_says_nothing(choices: Any) -> None:
    said = {**completion(), "choices": choices}
    assert in_brief(SAID, both(said, message())) == in_brief(THOUGHT, both(said, message())) == []


# tool-calls-become-tool-use


def calling(**calls: str) -> dict[str, Any]:
    """Calls of `get` by their ids, with these arguments."""
    made = [
        {"id": id_, "type": "function", "function": {"name": "get", "arguments": told}} for id_, told in calls.items()
    ]
    return completion("tool_calls", content=None, tool_calls=made)


TWO: Final = calling(get_0="{}", get_1="{}")
DUE: Final = '[["get_0", "get"], ["get_1", "get"]]'


@pytest.mark.parametrize(
    ("uses", "seen"),
    [
        pytest.param([("get_0", "get"), ("get_9", "get")], '[["get_0", "get"], ["get_9", "get"]]', id="second-id"),
        pytest.param([("get_0", "got"), ("get_1", "get")], '[["get_0", "got"], ["get_1", "get"]]', id="first-name"),
        pytest.param([("get_0", "get")], '[["get_0", "get"]]', id="one-only"),
    ],
)
def test_each_call_has_its_id_and_its_name(uses: list[tuple[str, str]], seen: str) -> None:
    one = both(TWO, message(*(use(id_, name, {}) for id_, name in uses)))
    assert in_brief(CALLED, one) == [(FAIL, DUE, seen, "client response, tool_use")]
    assert sentences(CALLED, one) == ["the calls are not the upstream's"]


@pytest.mark.parametrize("id_", ["get:0", "get_0", "get-0", "get0"])
def test_an_id_may_lose_the_characters_that_anthropic_forbids(id_: str) -> None:
    assert in_brief(CALLED, both(calling(**{"get:0": "{}"}), message(use(id_, "get", {})))) == []


def test_an_id_that_is_no_text_comes_back_as_it_was() -> None:
    assert in_brief(CALLED, passed_on(message(use(7, "get", {})), message(use(7, "get", {})))) == []
    assert in_brief(CALLED, passed_on(message(use(7, "get", {})), message(use("7", "get", {})))) == [
        (FAIL, '[[7, "get"]]', '[["7", "get"]]', "client response, tool_use")
    ]


def test_each_place_where_an_input_differs_is_told() -> None:
    where = "client response, tool_use, /input/"
    said = calling(get_0='{"n": 0.6, "at": [1, 2]}', get_1='{"n": 0.6}')
    one = both(said, message(use("get_0", "get", {"n": 0.60000002384, "at": [1, 3]}), use("get_1", "get", {"n": 6})))
    assert in_brief(CALLED, one) == [
        (WARN, "0.6", "0.60000002384", f"{where}n"),
        (FAIL, "2", "3", f"{where}at/1"),
        (FAIL, "0.6", "6", f"{where}n"),
    ]
    assert sentences(CALLED, one) == [f"{id_} has another input" for id_ in ("get_0", "get_0", "get_1")]


# stop-reason-translated


def test_a_reason_that_nobody_knows_comes_back_as_it_was() -> None:
    assert in_brief(ENDED, both(completion("insufficient"), message(stop_reason="insufficient"))) == []
    one = both(completion("insufficient"), message())
    assert in_brief(ENDED, one) == [(FAIL, '"insufficient"', '"end_turn"', "client response /stop_reason")]
    assert sentences(ENDED, one) == ["the upstream ended with insufficient"]


@pytest.mark.parametrize("later", ["end_turn", "tool_use", "pause_turn"])
def test_what_was_filtered_is_not_to_be_taken_for_whole(later: str) -> None:
    where = "client response /stop_reason"
    one, other = (both(completion("content_filter"), message(stop_reason=each)) for each in (later, "filtered"))
    assert in_brief(ENDED, one) == [(FAIL, '"refusal"', json.dumps(later), where)]
    assert in_brief(ENDED, other) == [(WARN, '"refusal"', '"filtered"', where)]


# model-named


def test_a_request_that_should_have_been_refused_names_its_model_all_the_same() -> None:
    policy = {"models": {}, "prefixes": {}, "plan_agents": {}}
    one = both(completion(), message(TEXT, model="another"))
    found = in_brief(NAMED, one, of=profile(policy=policy))
    assert found == [(FAIL, '"kimi-k2.6" or "kimi-k3.1-pro"', '"another"', "client response /model")]


# answer-shape

TYPE: Final = "client response content-type"


def as_kind(kind: str | None, told: Any) -> Trip:
    """A whole answer under this media type."""
    one = both(completion(), told)
    response = replace(one.client.response, headers=() if kind is None else (("Content-Type", kind),))
    return replace(one, client=replace(one.client, response=response))


def test_a_media_type_has_no_case_and_may_have_parameters() -> None:
    for kind in ("application/json", "Application/JSON", " application/json ; charset=utf-8; a=b"):
        assert in_brief(SHAPE, as_kind(kind, message(TEXT))) == []


@pytest.mark.parametrize(
    ("kind", "seen"),
    [("text/plain", "text/plain"), ("text/event-stream; a=b", "text/event-stream; a=b"), (None, "none")],
)
def test_another_form_is_all_that_is_told(kind: str | None, seen: str) -> None:
    assert in_brief(SHAPE, as_kind(kind, NOTHING)) == [(FAIL, "application/json", seen, TYPE)]


def test_a_member_that_has_not_its_form_is_told_with_it() -> None:
    odd = {"id": 7, "type": "x", "role": "user", "model": 7, "content": 7, "stop_reason": 7, "usage": 7}
    due = ["a text", "message", "assistant", "a text", "a list of blocks", "a text", "both counters"]
    for told in (odd, {}):
        one = both(completion(), told)
        assert in_brief(SHAPE, one) == [
            (FAIL, wanted, json.dumps(told.get(member)), f"client response /{member}")
            for member, wanted in zip(odd, due, strict=True)
        ]
        assert sentences(SHAPE, one) == [f"`{member}` has not the form of Anthropic's message" for member in odd]


def test_two_counters_are_enough_and_one_is_not() -> None:
    used = {"input_tokens": 1, "output_tokens": 1}
    assert in_brief(SHAPE, both(completion(), message(TEXT, usage=used))) == []
    for name in used:
        (found,) = in_brief(SHAPE, both(completion(), message(TEXT, usage={name: 1, "other": 1})))
        assert found[1] == "both counters"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "text"},
        {"type": "text", "text": 7},
        {"type": "thinking", "thinking": None},
        {"type": "thinking", "text": "Hm."},
        use(7, "get", {}),
        use("get_0", None, {}),
        use("get_0", "get", "{}"),
        {"type": 7},
        "Hello.",
    ],
    ids=repr,
)
def test_one_block_that_cannot_be_read_spoils_the_content(block: Any) -> None:
    content = [TEXT, THINKING, block, use("get_0", "get", {}), {"type": "some_new_block"}]
    assert in_brief(SHAPE, both(completion(), message(*content))) == [
        (FAIL, "a list of blocks", shown(content), "client response /content")
    ]
