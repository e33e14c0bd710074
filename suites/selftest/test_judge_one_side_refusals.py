"""The judge where it sees the client's side alone: what must be refused, beside an ordinary request that is served."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from suites.selftest.plays import SECTIONS, ask, trip
from suites.selftest.test_judge_one_side import JSON, NON_STRING, SERVED, alone

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Ask, Trip

MALFORMED: Final = "router.request.malformed-json-refused"
FAIL, UNSEEN = Verdict.FAIL, Verdict.NOT_OBSERVED

Told = list[tuple[Verdict, str, str, str]]

ASSUMED: Final[dict[str, Any]] = {"assumed": True}
FORWARDS: Final[dict[str, Any]] = {"policy": {**SECTIONS["policy"], "non_string_model": "forward"}}
UNPROMISED: Final = [pytest.param(ASSUMED, id="assumed"), pytest.param(FORWARDS, id="forwards")]

YES: Final = f"the client got 200: {SERVED.decode()}"
REFUSED: Final = "refused: nobody listens"


def answered(asked: Ask, status: int | None = 200, answer: bytes = SERVED, error: str | None = None) -> Trip:
    return trip(asked, status=status, answer=answer, headers=JSON, error=error)


def told(requirement: str, *trips: Trip, **sections: Any) -> Told:
    """The findings, each of which is about the client's response."""
    found = alone(requirement, *trips, **sections)
    assert {one.where for one in found} <= {"client response"}
    return [(one.verdict, one.expected, one.actual, one.message) for one in found]


def unseen(*messages: str) -> Told:
    return [(UNSEEN, "what the client's side shows", message, message) for message in messages]


def unrefused(what: str) -> tuple[Verdict, str, str, str]:
    return FAIL, "4xx", YES, f"{what} was not refused"


TWIN: Final = answered(ask())
REFUSALS: Final = [
    pytest.param(status, f"refused with {status}; whether it reached an upstream before is not seen", id=str(status))
    for status in (400, 404, 413, 422)
]
OTHERS: Final = [
    pytest.param(
        status, f"neither refused nor answered, which may be an upstream's doing: the client got {status}: {{}}"
    )
    for status in (200, 302, 401, 408, 429, 500, 503)
]
"""What is no refusal of the request, and no answer of a model."""


@pytest.mark.parametrize(("status", "message"), [*REFUSALS, *OTHERS])
def test_what_is_not_answered_is_neither_a_pass_nor_a_failure(status: int, message: str) -> None:
    broken = answered(ask(body=b"{"), status, b"{}")
    assert told(MALFORMED, TWIN, broken) == unseen(message)
    assert told(NON_STRING, TWIN, answered(ask(3), status, b"{}"), TWIN) == unseen(message)


@pytest.mark.parametrize("requirement", [MALFORMED, NON_STRING])
def test_beside_an_ordinary_request_that_is_not_served_nothing_is_said(requirement: str) -> None:
    twin = answered(ask(), 502, b"no")
    odd = answered(ask(3, body=b"{"))
    assert told(requirement, twin, odd, answered(ask(), None, error=REFUSED)) == unseen(
        "the client was not served, which shows nothing here: the client got 502: no"
    )


# malformed-json-refused

NO_JSON: Final = "a body that is no JSON object"
READ: Final = f"{NO_JSON} was answered; an upstream may have read it: {YES}"
BREAKS_OFF: Final = [b"", b"{", b'{"model":', b'{"model":"kimi-k3",', b'{"\xff":1,']
GOES_ON: Final = [b"3", b"[]", b'{"model":3}x', b'{"model":"kimi-k3",}', b"\xff{}"]


@pytest.mark.parametrize("body", BREAKS_OFF + GOES_ON)
def test_a_router_that_has_promised_to_refuse_has_to(body: bytes) -> None:
    assert told(MALFORMED, TWIN, answered(ask(body=body))) == [unrefused(NO_JSON)]


@pytest.mark.parametrize("sections", UNPROMISED)
def test_one_that_has_not_must_refuse_what_nobody_can_read(sections: dict[str, Any]) -> None:
    for body in BREAKS_OFF:
        assert told(MALFORMED, TWIN, answered(ask(body=body)), **sections) == [unrefused(NO_JSON)]
    for body in GOES_ON:
        assert told(MALFORMED, TWIN, answered(ask(body=body)), **sections) == unseen(READ)


def test_every_body_is_looked_at() -> None:
    refused, served = answered(ask(body=b"{"), 400, b"{}"), answered(ask(body=b"{"))
    found = told(MALFORMED, TWIN, refused, served, refused, served)
    assert [verdict for verdict, *_ in found] == [UNSEEN, FAIL, UNSEEN, FAIL]


# non-string-model-is-refused

NO_STRING: Final = "a model that is not a string"


def test_a_model_that_is_no_string_must_be_refused_where_that_was_promised() -> None:
    odd = answered(ask(3))
    assert told(NON_STRING, TWIN, odd, TWIN) == [unrefused(NO_STRING)]
    for sections in (ASSUMED, FORWARDS):
        assert told(NON_STRING, TWIN, odd, TWIN, **sections) == unseen(
            f"{NO_STRING} was answered; the router may forward it: {YES}"
        )


@pytest.mark.parametrize(
    ("after", "due"),
    [
        pytest.param(TWIN, [], id="served"),
        pytest.param(
            answered(ask(), None, error=REFUSED),
            [
                (
                    FAIL,
                    "the next request is answered",
                    REFUSED,
                    "nobody accepted the next connection: this request ended the router",
                )
            ],
            id="nobody-there",
        ),
        pytest.param(
            answered(ask(), None, error="reset: refused: by peer"),
            unseen(
                "the ordinary request after it was not served, for whatever reason: "
                "the client got no answer: reset: refused: by peer"
            ),
            id="reset",
        ),
        pytest.param(
            answered(ask(), 429, json.dumps({"error": "slow down"}).encode()),
            unseen(
                "the ordinary request after it was not served, for whatever reason: "
                'the client got 429: {"error": "slow down"}'
            ),
            id="limited",
        ),
    ],
)
def test_a_router_that_is_gone_after_it_has_ended_by_it(after: Trip, due: Told) -> None:
    refused = unseen("refused with 400; whether it reached an upstream before is not seen")
    assert told(NON_STRING, TWIN, answered(ask(3), 400, b"{}"), after) == refused + due
