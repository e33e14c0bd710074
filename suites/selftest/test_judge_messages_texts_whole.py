"""What is said, on its way from /v1/messages to an upstream: findings whole, and what none hides."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from suites.selftest.plays import CHAT, SECTIONS, arrived, ask, in_brief, onward, profile, sentences, trip
from suites.selftest.test_judge_messages_request import call, result

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Arrival, Trip

AREA: Final = "router.messages."
SYSTEM, TEXT, THOUGHT = f"{AREA}system-translated", f"{AREA}text-translated", f"{AREA}thinking-becomes-reasoning"
IMAGES, BOUND, STOPS, SAMPLING = (
    AREA + name for name in ("images-translated", "max-tokens-kept", "stop-sequences-translated", "sampling-kept")
)
FAIL, WARN, UNSEEN = Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED
MODEL: Final = "kimi-k3.1-pro"
FREE: Final = "llama-4"
"""A model whose sampling nobody fixes."""
DIRECT: Final = profile(policy={"default": "direct"})
AT: Final = "upstream request /messages"


def on_chat(**seen: Any) -> Arrival:
    """A request as it reaches an upstream on the chat wire."""
    return arrived("moonshot", {"model": MODEL, **seen}, path=CHAT)


def translated(sent: dict[str, Any], *seen: dict[str, Any], model: str = MODEL) -> Trip:
    """A request with these members, and what reaches upstreams of it on the chat wire."""
    return trip(ask(model, surface="messages", members=sent), *(on_chat(**each) for each in seen))


def talked(sent: list[Any], seen: list[Any], **more: Any) -> Trip:
    """The same of a conversation."""
    return translated({"messages": sent, **more}, {"messages": seen})


def says(role: str, *texts: Any) -> dict[str, Any]:
    """A message of these texts, on either wire."""
    return {"role": role, "content": [{"type": "text", "text": text} for text in texts]}


HELLO: Final = says("user", "Hello.")

# whatever the member


def test_requests_to_an_anthropic_face_are_each_looked_at_once() -> None:
    asked = ask("kimi-k3", surface="messages", members={"messages": [HELLO]})
    kept, other = onward("kimi", asked), onward("kimi", asked, messages=[says("user", "Hi.")])
    found = (FAIL, '"Hello."', '"Hi."', f"{AT}/0/content/0/text")
    assert in_brief(TEXT, trip(asked, kept), trip(asked, other), trip(asked, kept)) == [found]
    assert in_brief(TEXT, trip(asked, kept, other)) == [found]
    chat = on_chat(messages=[says("user", "Hi.")])
    assert in_brief(TEXT, trip(asked, kept, chat)) == [(FAIL, '"Hello."', '"Hi."', AT)]


CARRIED: Final = [
    (SYSTEM, "system"),
    (SYSTEM, "messages"),
    (TEXT, "messages"),
    (THOUGHT, "messages"),
    (IMAGES, "messages"),
    (BOUND, "max_tokens"),
    (STOPS, "stop_sequences"),
    (SAMPLING, "temperature"),
    (SAMPLING, "top_p"),
]


@pytest.mark.parametrize(("requirement", "member"), CARRIED)
def test_an_anthropic_face_gets_each_member_as_it_was(requirement: str, member: str) -> None:
    asked = ask("kimi-k3", surface="messages", members={member: ["as it was"]})
    assert in_brief(requirement, trip(asked, onward("kimi", asked))) == []
    other = onward("kimi", asked, **{member: ["otherwise"]})
    found = [(one[0] is not UNSEEN, *one[1:]) for one in in_brief(requirement, trip(asked, other))]
    assert found == [(True, '"as it was"', '"otherwise"', f"upstream request /{member}/0")]


# system-translated

PROMPT: Final = [{"type": "text", "text": "Be terse."}, {"type": "text", "text": "Be kind."}]


@pytest.mark.parametrize(
    ("system", "seen", "due"),
    [
        pytest.param(
            PROMPT,
            [says("system", "Be loud.", "Be kind."), HELLO],
            [(FAIL, '"Be terse.Be kind."', '"Be loud.Be kind."', AT)],
            id="another",
        ),
        pytest.param(
            [], [says("system", "Be", "kind."), HELLO], [(FAIL, "no system prompt", '"Bekind."', AT)], id="added"
        ),
        pytest.param(
            [], [says("system", ""), HELLO], [(WARN, "no system message", "an empty one", AT)], id="an-empty-one"
        ),
        pytest.param(
            PROMPT,
            [HELLO, says("developer", "Be terse.", "Be kind.")],
            [(FAIL, "before all other messages", "message 1", f"{AT}/1")],
            id="behind",
        ),
        pytest.param(PROMPT, [says("system", "Be terse."), says("developer", "Be kind."), HELLO], [], id="in-two"),
        pytest.param(PROMPT, [says("system", "Be terse.", "Be kind.")], [], id="and-nothing-else"),
    ],
)
def test_a_system_prompt_that_is_not_what_was_sent_is_told_whole(
    system: list[Any], seen: list[Any], due: list[Any]
) -> None:
    assert in_brief(SYSTEM, talked([HELLO], seen, system=system)) == due


# text-translated


def test_other_speakers_are_told_in_their_order() -> None:
    one = talked([HELLO, says("assistant", "Hi."), HELLO], [HELLO, says("assistant", "Hi.")])
    assert in_brief(TEXT, one) == [(FAIL, "user assistant user", "user assistant", AT)]
    assert sentences(TEXT, one) == ["other speakers, or another order of them"]


def test_what_was_said_otherwise_is_told_whole() -> None:
    one = talked([says("user", "One.", "Two.")], [says("user", "One.", "Three.")])
    assert in_brief(TEXT, one) == [(FAIL, '"One.Two."', '"One.Three."', AT)]
    assert sentences(TEXT, one) == ["what the user said is not what was sent"]
    assert in_brief(TEXT, talked([HELLO], [says("user", 7)])) == [(FAIL, "user", "", AT)]


@pytest.mark.parametrize(
    "aside",
    [
        pytest.param([HELLO, says("assistant", "", "")], id="empty-texts"),
        pytest.param([HELLO, {"role": "assistant", "content": None}], id="no-text"),
        pytest.param([says("system", "Be kind."), HELLO], id="system"),
        pytest.param([HELLO, {"role": "tool", "tool_call_id": "x", "content": "clear"}], id="result"),
        pytest.param([says("user", 7, "Hello.")], id="a-part-without-a-text"),
    ],
)
def test_what_says_nothing_is_no_speaker(aside: list[Any]) -> None:
    assert in_brief(TEXT, talked([HELLO], aside)) == []


# thinking-becomes-reasoning


def thought(*thoughts: str, ids: tuple[str, ...] = ("get_0",)) -> dict[str, Any]:
    """A turn of calls, and what was thought before them."""
    blocks = [{"type": "thinking", "thinking": text, "signature": ""} for text in thoughts]
    uses = [{"type": "tool_use", "id": id_, "name": "get", "input": {}} for id_ in ids]
    return {"role": "assistant", "content": [*blocks, *uses]}


def made(*ids: str, **more: Any) -> dict[str, Any]:
    """The same turn on the chat wire."""
    return {"role": "assistant", "content": None, "tool_calls": [call(id_, "get", "{}") for id_ in ids], **more}


OPENAI: Final = profile(upstreams={**SECTIONS["upstreams"], "moonshot": {"speaks": ["openai", "kimi"]}})
RIGHT: Final = "First this. Then that."


@pytest.mark.parametrize(
    ("more", "kimi", "openai"),
    [
        pytest.param({"reasoning_content": RIGHT}, None, None, id="as-kimi-reads-it"),
        pytest.param({"reasoning": RIGHT}, "absent", None, id="as-others-read-it"),
        pytest.param({"reasoning": RIGHT, "reasoning_content": "Hm."}, '"Hm."', None, id="one-of-both"),
        pytest.param({"reasoning": "Hm.", "reasoning_content": RIGHT}, None, None, id="the-other-of-both"),
        pytest.param({"reasoning_content": 7}, "absent", "absent", id="no-text"),
        pytest.param({"reasoning_content": "Hm."}, '"Hm."', '"Hm."', id="another"),
        pytest.param({}, "absent", "absent", id="none"),
    ],
)
def test_where_the_reasoning_may_stand_depends_on_the_upstream(
    more: dict[str, Any], kimi: str | None, openai: str | None
) -> None:
    one = talked([HELLO, thought("First this.", " Then that.")], [HELLO, made("get_0", **more)])
    where = f"{AT}/1/reasoning_content"
    whole, first = '"First this. Then that."', '"First this."'
    for seen, names, of in (
        (kimi, "reasoning_content", profile()),
        (openai, "reasoning_content or reasoning", OPENAI),
    ):
        wanted = f"{names}: {first}" if seen == "absent" else whole
        assert in_brief(THOUGHT, one, of=of) == ([(FAIL, wanted, seen, where)] if seen else [])


def test_a_call_that_is_gone_hides_none_behind_it() -> None:
    one = talked([thought("Hm.", ids=("get_0", "get_1"))], [made("get_1")])
    assert in_brief(THOUGHT, one) == [
        (FAIL, "the call get_0", "none", AT),
        (FAIL, 'reasoning_content: "Hm."', "absent", f"{AT}/0/reasoning_content"),
    ]


def test_a_call_that_nothing_was_thought_before_needs_no_reasoning() -> None:
    assert in_brief(THOUGHT, talked([thought()], [made("get_0")])) == []
    assert in_brief(THOUGHT, talked([thought()], [HELLO])) == []


# images-translated


URL: Final = "data:image/png;base64,iVBORw0KGgo="


def test_a_picture_in_a_result_is_none_of_the_user() -> None:
    parts = [{"type": "image_url", "image_url": {"url": URL}}]
    assert in_brief(IMAGES, talked([HELLO, thought()], [HELLO, made("get_0"), result("get_0", parts)])) == []
    assert in_brief(IMAGES, talked([HELLO], [{"role": "user", "content": parts}])) == [
        (WARN, "[]", json.dumps([URL]), AT)
    ]


# max-tokens-kept, stop-sequences-translated, sampling-kept


def test_a_bound_is_right_under_each_of_its_names() -> None:
    seen = {"max_tokens": 64, "max_completion_tokens": 9}
    where = "upstream request /max_tokens"
    assert in_brief(BOUND, translated({}, seen)) == [(FAIL, "64", json.dumps(seen), where)]
    assert in_brief(BOUND, translated({}, {})) == [(FAIL, "64", "{}", where)]


def test_one_stop_may_go_out_as_a_text() -> None:
    where = "upstream request /stop"
    assert in_brief(STOPS, translated({"stop_sequences": ["ab"]}, {"stop": "ab"})) == []
    assert in_brief(STOPS, translated({"stop_sequences": ["ab"]}, {"stop": "a"})) == [(FAIL, '["ab"]', '"a"', where)]
    assert in_brief(STOPS, translated({"stop_sequences": ["a", "b"]}, {"stop": "ab"})) == [
        (FAIL, '["a", "b"]', '"ab"', where)
    ]
    assert in_brief(STOPS, translated({"stop_sequences": ["ab"]}, {})) == [(FAIL, '["ab"]', "absent", where)]


@pytest.mark.parametrize(
    ("sent", "seen", "free", "fixed"),
    [
        pytest.param(0.6, 0.60000002384, (WARN, "0.6", "0.60000002384"), (WARN, "0.6", "0.60000002384"), id="widened"),
        pytest.param(0.6, 0.7, (FAIL, "0.6", "0.7"), (FAIL, "0.6", "0.7"), id="another"),
        pytest.param(0.6, None, (FAIL, "0.6", "absent"), None, id="left-out"),
        pytest.param(None, 0.6, (FAIL, "absent", "0.6"), (FAIL, "absent", "0.6"), id="added"),
        pytest.param(None, None, None, None, id="neither"),
    ],
)
def test_sampling_may_be_left_out_only_where_it_is_fixed(
    sent: float | None, seen: float | None, free: tuple[Any, ...] | None, fixed: tuple[Any, ...] | None
) -> None:
    for name, (model, due) in product(("temperature", "top_p"), ((FREE, free), ("kimi-k3", fixed))):
        members, told = ({} if value is None else {name: value} for value in (sent, seen))
        one = translated(members, told, model=model)
        assert in_brief(SAMPLING, one, of=DIRECT) == ([(*due, f"upstream request /{name}")] if due else [])
        assert sentences(SAMPLING, one, of=DIRECT) == ([f"{name} was {due[1]} and became {due[2]}"] if due else [])
