"""Counters on their way back to a client of /v1/messages: what comes to the same, and findings whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from suites.selftest.plays import in_brief, sentences
from suites.selftest.test_judge_messages_answer import TEXT, completion, message
from suites.selftest.test_judge_messages_answer_whole import both, passed_on

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

FAIL, WARN, UNSEEN = Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED
SPENT: Final = "router.messages.usage-translated"
USAGE: Final = "client response /usage"
INCLUSIVE, OTHERS = "what came from the cache is counted among the input", "the prompt's tokens are others"


def using(said: dict[str, Any], told: dict[str, Any], *, wire: str = "chat") -> Trip:
    """An answer with these counters, and those that the client is told."""
    if wire == "messages":
        return passed_on(message(TEXT, usage=said), message(TEXT, usage=told))
    return both({**completion(), "usage": said}, message(TEXT, usage=told))


def prompting(prompt: int, **more: Any) -> dict[str, Any]:
    """Counters of the chat wire."""
    return {"prompt_tokens": prompt, "completion_tokens": 7, **more}


def reading(plain: Any, **more: Any) -> dict[str, Any]:
    """Counters of the messages wire."""
    return {"input_tokens": plain, "output_tokens": 7, **more}


CACHED: Final = prompting(118, cached_tokens=93)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param(prompting(118), reading(118), id="no-cache"),
        pytest.param(prompting(118), reading(118.0, cache_read_input_tokens=0), id="as-a-fraction"),
        pytest.param(CACHED, reading(25, cache_read_input_tokens=93), id="cached"),
        pytest.param(
            prompting(118, prompt_tokens_details={"cached_tokens": 93}),
            reading(25, cache_read_input_tokens=93),
            id="in-details",
        ),
        pytest.param(
            prompting(118, cached_tokens=93, prompt_tokens_details=None),
            reading(25, cache_read_input_tokens=93),
            id="without-details",
        ),
        pytest.param(
            CACHED,
            reading(20, cache_read_input_tokens=93, cache_creation_input_tokens=5),
            id="what-was-written-to-the-cache-aside",
        ),
    ],
)
def test_counters_that_come_to_the_same_are_right(said: dict[str, Any], told: dict[str, Any]) -> None:
    assert in_brief(SPENT, using(said, told)) == []


READ: Final = {"input_tokens": 25, "cache_read_input_tokens": 93, "cache_creation_input_tokens": 5}


def test_counters_of_the_anthropic_face_are_read_as_such() -> None:
    said = {**READ, "output_tokens": 7}
    assert in_brief(SPENT, using(said, said, wire="messages")) == []
    assert in_brief(SPENT, using(said, {**READ, "output_tokens": 8}, wire="messages")) == [
        (FAIL, "7", "8", f"{USAGE}/output_tokens")
    ]
    assert in_brief(SPENT, using(READ, said, wire="messages")) == [
        (UNSEEN, "counters", json.dumps(READ), "upstream response")
    ]


@pytest.mark.parametrize(
    ("told", "due", "message_due"),
    [
        pytest.param(reading(118), WARN, INCLUSIVE, id="the-cache-among-the-input"),
        pytest.param(reading(118, cache_read_input_tokens=93), WARN, INCLUSIVE, id="the-cache-twice"),
        pytest.param(reading(25), FAIL, OTHERS, id="the-cache-left-out"),
        pytest.param(reading("25", cache_read_input_tokens=93), FAIL, OTHERS, id="no-number"),
        pytest.param(reading(None, cache_read_input_tokens=118), FAIL, OTHERS, id="no-input"),
    ],
)
def test_another_prompt_is_told_with_all_that_was_counted(told: dict[str, Any], due: Verdict, message_due: str) -> None:
    one = using(CACHED, told)
    wanted = "25 input_tokens and 93 cache_read_input_tokens"
    assert in_brief(SPENT, one) == [(due, wanted, json.dumps(told), USAGE)]
    assert sentences(SPENT, one) == [message_due]


def test_true_is_no_number() -> None:
    one = using(prompting(2, cached_tokens=1), reading(1, cache_read_input_tokens=True))
    assert [(found[0], found[3]) for found in in_brief(SPENT, one)] == [(FAIL, USAGE)]
    assert in_brief(SPENT, using(prompting(2) | {"prompt_tokens": True}, reading(1)))[0][0] is UNSEEN
    one = using(prompting(2) | {"completion_tokens": 1}, reading(2, output_tokens=True))
    assert in_brief(SPENT, one) == [(FAIL, "1", "true", f"{USAGE}/output_tokens")]


def test_other_tokens_of_the_answer_are_told_beside_those_of_the_prompt() -> None:
    told = {"input_tokens": 25}
    one = using(CACHED, told)
    assert in_brief(SPENT, one) == [
        (FAIL, "7", "null", f"{USAGE}/output_tokens"),
        (FAIL, "25 input_tokens and 93 cache_read_input_tokens", json.dumps(told), USAGE),
    ]
    assert sentences(SPENT, one) == ["the tokens of the answer are not the upstream's", OTHERS]
    other = using(CACHED, reading(25, cache_read_input_tokens=93, output_tokens=8))
    assert in_brief(SPENT, other) == [(FAIL, "7", "8", f"{USAGE}/output_tokens")]
