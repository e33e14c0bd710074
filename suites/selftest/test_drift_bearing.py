"""Which requirements a difference bears on, and which pairs can be compared: the small decisions, one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.faults.wire.edit import drop, put
from kimi_conformance.judge.drift.bearing import FEW, OF_REQUEST, OF_SHAPE, Affair, affair, bearing
from kimi_conformance.judge.drift.change import Change
from kimi_conformance.judge.drift.compare import why_not
from kimi_conformance.registry.contracts import drift_rules, requirements
from suites.selftest.drifted import body_of, edited, pair, with_body
from suites.selftest.sights import contract
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

CHAT, TEMPERATURE = SPECIMENS["chat"], SPECIMENS["refused/api.sampling.temperature-fixed"]
ABOUT: Final = Affair(("api.lost.one",), ("api.asked.one", "api.asked.two"))


def bears(
    kind: Any, class_: Any = "breaking", *, shape: Any = "chat.completion", alone: bool = False, topic: str = ""
) -> Any:
    """What bears on a change of that kind."""
    return bearing(Change(kind, class_, "/a", "b", "c", "d", topic), shape, drift_rules(), ABOUT, alone=alone)


@pytest.mark.parametrize("kind", sorted(OF_SHAPE))
def test_a_member_is_an_affair_of_its_shape(kind: str) -> None:
    assert bears(kind) == ("api.chat.shape",)
    assert bears(kind, shape="models") == ("api.models.shape",)
    assert bears(kind, shape="responses") == bears(kind, shape=None) == ("api.responses.answer",)


@pytest.mark.parametrize("kind", sorted(OF_REQUEST))
def test_a_refusal_is_an_affair_of_what_was_asked(kind: str) -> None:
    assert bears(kind) == ("api.lost.one", "api.asked.one", "api.asked.two")
    assert bears(kind, "wording") == ("api.asked.one", "api.asked.two")


def test_what_alone_breaks_something_has_broken_what_does_not_hold_any_more() -> None:
    assert bears("value", alone=True) == ("api.lost.one", "api.chat.shape")
    assert bears("value", "additive", alone=True) == ("api.chat.shape",)


def test_other_kinds_have_their_requirements_by_topic() -> None:
    assert bears("header", topic="content-type") == ("api.headers.json-content-type",)
    assert bears("header", topic="sunset") == ()
    assert FEW == 2
    assert bears("model", topic="models") == ("api.models.live-listed", "api.models.dead-not-listed")
    assert bears("order", topic="messages") == ("api.messages.event-order",)


def test_a_kind_of_which_the_rules_say_nothing_has_no_requirement() -> None:
    none = drift_rules().model_copy(update={"requirements": {}})
    order = Change("order", "additive", "event order", "b", "c", "d", "chat")
    assert bearing(order, "chat.completion.chunk", none, ABOUT, alone=False) == ()


def about(before: Sight, after: Sight, *judged: str) -> Affair:
    """What a pair is about."""
    return affair(pair("a/a", before, after), requirements("api"), contract(), judged)


def test_what_held_and_does_not_any_more_is_lost() -> None:
    assert "api.usage.present" in about(CHAT, edited("chat", drop("usage"))).lost
    assert about(CHAT, CHAT).lost == ()
    assert about(edited("chat", drop("usage")), edited("chat", drop("usage"))).lost == ()
    assert about(edited("chat", drop("usage")), CHAT).lost == ()
    lost = about(CHAT, edited("chat", drop("usage"))).lost
    assert lost == tuple(name for name in requirements("api") if name in lost)


def test_what_is_asked_is_the_rule_that_the_request_breaks_or_else_what_judges_it() -> None:
    assert about(TEMPERATURE, TEMPERATURE, "api.x.y").asked == ("api.sampling.temperature-fixed",)
    judged = tuple(f"api.x.n{n}" for n in range(FEW))
    assert about(CHAT, CHAT, *judged).asked == judged
    assert about(CHAT, CHAT, *judged, "api.x.more").asked == ()
    request = TEMPERATURE.exchange.request
    others = b'"top_p":0.5,"n":2,"presence_penalty":1,"frequency_penalty":1,"temperature"'
    body = request.body.replace(b'"temperature"', others)
    both = replace(TEMPERATURE, exchange=replace(TEMPERATURE.exchange, request=replace(request, body=body)))
    fixed = ("frequency-penalty", "n", "presence-penalty", "temperature", "top-p")
    assert about(both, both).asked == tuple(f"api.sampling.{name}-fixed" for name in fixed)


RATE, QUOTA = SPECIMENS["limit/platform-rate"], replace(SPECIMENS["limit/platform-quota"], key="drained")
WRONG = SPECIMENS["key/wrong"]
SILENT = replace(CHAT, exchange=replace(CHAT.exchange, response=None))
TORN = replace(with_body(CHAT, b'{"id":'), partial=True)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        pytest.param(CHAT, CHAT, None, id="the same"),
        pytest.param(CHAT, TEMPERATURE, None, id="a 400 is an answer"),
        pytest.param(RATE, RATE, None, id="429 on both sides"),
        pytest.param(SILENT, CHAT, "no answer is recorded", id="nothing recorded"),
        pytest.param(CHAT, SILENT, "no answer: none was kept", id="nothing seen"),
        pytest.param(CHAT, TORN, "the seen answer was cut short: its source shows only a part", id="a part seen"),
        pytest.param(
            TORN, CHAT, "the recorded answer was cut short: its source shows only a part", id="a part recorded"
        ),
        pytest.param(
            CHAT,
            RATE,
            "answered 429 rate_limit_reached_error: that is over soon, and says nothing of this request",
            id="limited",
        ),
        pytest.param(
            RATE, CHAT, "the recorded answer is 429 rate_limit_reached_error, which was over soon", id="was limited"
        ),
        pytest.param(CHAT, QUOTA, None, id="no funds, on purpose"),
        pytest.param(QUOTA, CHAT, None, id="funds again"),
        pytest.param(CHAT, with_body(CHAT, b"{}", 401), None, id="401, and the key is good elsewhere"),
    ],
)
def test_two_answers_can_be_compared_or_not(before: Sight, after: Sight, why: str | None) -> None:
    assert why_not(before, after) == why


@pytest.mark.parametrize(
    ("status", "key", "told"),
    [(401, "own", True), (403, "own", False), (401, "wrong", False), (401, "drained", False)],
)
def test_a_key_that_is_refused_in_every_call_says_nothing(status: int, key: Any, *, told: bool) -> None:
    after = replace(with_body(CHAT, body_of(WRONG), status), key=key)
    why = "the host refused the key in every call: nothing is known of its answers"
    assert why_not(CHAT, after, key_refused=True) == (why if told else None)
    assert why_not(CHAT, after) is None


@pytest.mark.parametrize(
    ("status", "over"),
    [
        *((status, True) for status in (408, 429, 500, 502, 503, 504, 520, 530)),
        *((status, False) for status in (409, 428, 501, 505, 519, 531)),
    ],
)
def test_what_is_over_soon_says_nothing(status: int, *, over: bool) -> None:
    assert (why_not(CHAT, with_body(CHAT, b"{}", status)) is not None) == over
    assert (why_not(with_body(CHAT, b"{}", status), CHAT) is not None) == over


def test_a_refused_request_whose_text_alone_changed_is_an_affair_of_its_rule() -> None:
    after = edited("refused/api.sampling.temperature-fixed", put("error/message", "no"))
    assert about(TEMPERATURE, after).asked == ("api.sampling.temperature-fixed",)
