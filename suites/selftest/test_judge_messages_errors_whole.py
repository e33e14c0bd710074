"""Errors on their way back to a client of /v1/messages: findings whole, and what stands behind those that are right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from suites.selftest.answered import data, message, streaming
from suites.selftest.plays import CHAT, MESSAGES, arrived, ask, in_brief, sentences, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Arrival, Trip

AREA: Final = "router.messages."
STATUS, SHAPE, MESSAGE = f"{AREA}error-status-kept", f"{AREA}error-shape", f"{AREA}error-message-kept"
APART, TOLD = f"{AREA}rate-limits-told-apart", f"{AREA}stream-error-told"
FAIL, WARN, UNSEEN = Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED
MODEL: Final = "kimi-k3.1-pro"
CLOSED: Final = "closed: the router hung up"
JSON: Final = (("Content-Type", "application/json"),)

BUSY: Final = {"message": 'The "engine" is busy', "type": "engine_overloaded_error"}
SPENT: Final = {"message": "Your budget is spent", "type": "exceeded_current_quota_error"}


def anthropics(error: Any) -> dict[str, Any]:
    """An error in Anthropic's shape."""
    return {"type": "error", "error": error}


def refusing(error: Any = BUSY, status: int | None = 429, path: str = CHAT) -> Arrival:
    """A request that an upstream refused with this error; status None: it gave no answer."""
    answer = json.dumps({"error": error}).encode()
    return arrived("moonshot", {"model": MODEL}, path=path, status=status, answer=answer)


def told(*arrivals: Arrival, status: int | None = 429, body: Any = None, error: str | None = None) -> Trip:
    """What came to the client of what these upstreams said; without a `body`, the error as it should be."""
    answer = json.dumps(anthropics(BUSY) if body is None else body).encode()
    asked = ask(MODEL, surface="messages")
    return trip(asked, *arrivals, status=status, answer=answer, headers=JSON, error=error)


LOST: Final = told(status=404)
UNTOLD: Final = told(refusing(), status=200, body={"type": "message"})
"""An error that the client hears nothing of."""
HELD: Final = told(refusing(), status=None, error=CLOSED)
SERVED: Final = told(arrived("moonshot", {}), status=500, body={})
"""An answer of success; what the router makes of it is no matter of errors."""
SECOND: Final = told(refusing(), arrived("moonshot", {}), status=200, body={})
"""An error, and an answer of success to the second attempt."""
SILENT: Final = told(refusing(status=None), status=502, body={})

OTHER: Final = told(refusing(SPENT))
BOTH_TOLD: Final = {STATUS: [UNTOLD], SHAPE: [UNTOLD], MESSAGE: [UNTOLD], APART: [told(refusing()), OTHER]}


@pytest.mark.parametrize("requirement", BOTH_TOLD)
def test_a_request_that_reached_nobody_shows_no_error_and_hides_none_behind_it(requirement: str) -> None:
    none = (UNSEEN, "an upstream request", "none; the client got status 404", "upstream")
    assert in_brief(requirement, LOST) == [none]
    assert [one[0] for one in in_brief(requirement, LOST, *BOTH_TOLD[requirement])][:1] == [UNSEEN]
    assert len(in_brief(requirement, LOST, *BOTH_TOLD[requirement])) == len([LOST, UNTOLD])


@pytest.mark.parametrize("requirement", BOTH_TOLD)
@pytest.mark.parametrize("other", [SERVED, SECOND, SILENT], ids=["served", "second", "silent"])
def test_what_was_not_refused_at_every_attempt_is_no_error_and_hides_none_behind_it(
    requirement: str, other: Trip
) -> None:
    assert in_brief(requirement, other) == []
    assert in_brief(requirement, other, *BOTH_TOLD[requirement]) == in_brief(requirement, *BOTH_TOLD[requirement])


# error-status-kept


@pytest.mark.parametrize(
    ("due", "seen"),
    [
        pytest.param([503], 500, id="the-least-of-its-like"),
        pytest.param([500], 599, id="of-the-least"),
        pytest.param([429, 504], 502, id="of-the-last"),
        pytest.param([504, 429], 502, id="of-the-first"),
    ],
)
def test_an_error_of_a_server_may_become_one_of_its_like(due: list[int], seen: int) -> None:
    assert in_brief(STATUS, told(*(refusing(SPENT, status) for status in due), status=seen)) == []


def test_anthropics_own_status_is_for_what_was_overloaded_at_any_attempt() -> None:
    assert in_brief(STATUS, told(refusing(BUSY), refusing(SPENT), status=529)) == []
    assert in_brief(STATUS, told(refusing(SPENT), refusing(BUSY), status=529)) == []
    assert in_brief(STATUS, told(refusing(SPENT), status=529)) == [(FAIL, "429", "529", "client response")]


def test_another_status_is_told_with_all_that_were_right() -> None:
    one = told(refusing(status=504), refusing(status=429), status=418)
    assert in_brief(STATUS, one) == [(FAIL, "429 or 504", "418", "client response")]
    assert sentences(STATUS, one) == ["the upstream's 429 or 504 became 418"]


def test_a_client_without_an_answer_is_told_with_what_it_met() -> None:
    assert in_brief(STATUS, HELD) == [(FAIL, "429", CLOSED, "client response")]
    assert sentences(STATUS, HELD) == [f"the upstream's 429 became {CLOSED}"]
    assert in_brief(SHAPE, HELD, UNTOLD) == [
        (FAIL, "an error", CLOSED, "client response"),
        *in_brief(SHAPE, UNTOLD),
    ]
    assert sentences(SHAPE, HELD) == ["the client got no answer"]


# error-shape


def test_what_the_anthropic_face_said_is_right_as_it_is_and_hides_none_behind_it() -> None:
    own = {"error": BUSY}
    kept = told(refusing(path=MESSAGES), body=own)
    seen = f"the client got 429: {json.dumps(own)}"
    wanted = '{"type": "error", "error": {"type": …, "message": …}}'
    assert in_brief(SHAPE, kept) == []
    assert in_brief(SHAPE, kept, told(refusing(), body=own)) == [(FAIL, wanted, seen, "client response")]


# error-message-kept


def test_an_upstream_that_says_nothing_shows_nothing_and_hides_none_behind_it() -> None:
    mute = told(refusing({"type": "x", "message": None}), refusing({"message": 7}))
    lost = told(refusing(), body={"error": "no"})
    found = (UNSEEN, "a message", "[null, 7]", "upstream response")
    assert in_brief(MESSAGE, mute) == [found]
    assert in_brief(MESSAGE, mute, lost) == [
        found,
        (FAIL, BUSY["message"], 'the client got 429: {"error": "no"}', "client response"),
    ]


def test_what_any_of_the_attempts_met_may_be_read() -> None:
    for error in (BUSY, SPENT):
        assert in_brief(MESSAGE, told(refusing(BUSY), refusing(SPENT), body=anthropics(error))) == []
        assert in_brief(MESSAGE, told(refusing({"message": None}), refusing(error), body=anthropics(error))) == []


BURIED: Final = json.dumps({"message": BUSY["message"], "metadata": {}})


@pytest.mark.parametrize(
    ("text", "due"),
    [
        pytest.param(BURIED, [], id="json-in-a-text"),
        pytest.param(f"429: {BURIED} (7)", [], id="json-amidst-a-text"),
        pytest.param(json.dumps({"error": json.dumps({"error": BURIED})}), [], id="three-deep"),
        pytest.param(BURIED[:-1], [FAIL], id="json-that-is-cut"),
        pytest.param('{"a":' * 100_000, [FAIL], id="too-deep"),
        pytest.param("no words 7", [FAIL], id="other-words"),
    ],
)
def test_what_an_upstream_says_may_stand_in_json_within_a_text(text: str, due: list[Verdict]) -> None:
    one = told(refusing(), body=anthropics({"type": "api_error", "message": text}))
    assert [found[0] for found in in_brief(MESSAGE, one)] == due


# rate-limits-told-apart


def test_errors_are_told_apart_by_their_status_their_type_or_their_words() -> None:
    for body, status in (
        (anthropics({**BUSY, "type": "rate_limit_error"}), 429),
        (anthropics({**BUSY, "message": SPENT["message"]}), 429),
        (None, 402),
    ):
        assert in_brief(APART, told(refusing()), told(refusing(SPENT), body=body, status=status)) == []


def test_errors_that_look_alike_are_told_with_both() -> None:
    busy, spent = json.dumps(BUSY), json.dumps(SPENT)
    seen = json.dumps([429, BUSY["type"], BUSY["message"]])
    both = (told(refusing()), told(refusing(SPENT), refusing(BUSY)))
    assert in_brief(APART, *both) == [(WARN, f"told apart from {busy}", seen, "client response")]
    assert sentences(APART, *both) == [f"{spent} looks like another error"]


# stream-error-told


def broken(*seen: bytes, error: str | None = None, status: int = 200) -> Trip:
    """A stream in whose midst the upstream says that it is busy, and what the client gets of it."""
    sent = [data({"error": {"message": "The engine is busy"}})]
    kind = "text/event-stream" if status == 200 else "application/json"
    return streaming(
        sent, seen, surface="messages", wire="chat", error=error, seen_type=kind, seen_status=status, members={}
    )


def event(text: str) -> bytes:
    """An error as an event of the messages wire."""
    return data(anthropics({"type": "api_error", "message": text}), "error")


def whole(text: str) -> bytes:
    """An error as a body."""
    return json.dumps(anthropics({"type": "api_error", "message": text})).encode()


SWALLOWED: Final = broken(b": ping\n\n")
NO_ERROR: Final = "the upstream's stream has no error"


@pytest.mark.parametrize(
    "right",
    [
        pytest.param(broken(event("The engine is busy")), id="in-the-stream"),
        pytest.param(broken(whole("The engine is busy"), status=502), id="as-an-answer"),
        pytest.param(broken(whole('{"error": "The engine is busy"}'), status=502), id="in-a-text"),
        pytest.param(broken(event("The engine is busy"), error=CLOSED), id="before-the-break"),
    ],
)
def test_an_error_that_was_told_hides_none_behind_it(right: Trip) -> None:
    assert in_brief(TOLD, right) == []
    assert in_brief(TOLD, right, SWALLOWED) == [
        (FAIL, "The engine is busy", "the client got 200: : ping\n\n", "client stream")
    ]
    assert sentences(TOLD, SWALLOWED) == ["the upstream's error was swallowed"]


@pytest.mark.parametrize(
    ("other", "seen"),
    [
        pytest.param(
            broken(event("Sorry")), json.dumps([{"type": "api_error", "message": "Sorry"}]), id="in-the-stream"
        ),
        pytest.param(
            broken(whole("Sorry"), status=502), f"the client got 502: {whole('Sorry').decode()}", id="as-an-answer"
        ),
        pytest.param(
            broken(b": ping\n\n", error=CLOSED), f"the client got 200: : ping\n\n, cut short: {CLOSED}", id="by-a-break"
        ),
    ],
)
def test_a_client_that_hears_of_another_error_is_warned_of(other: Trip, seen: str) -> None:
    assert in_brief(TOLD, other) == [(WARN, "The engine is busy", seen, "client stream")]
    assert sentences(TOLD, other) == ["the client hears of an error, but not of this one"]


def test_a_stream_that_shows_no_error_hides_none_behind_it() -> None:
    quiet = streaming(message("Hello."), message("Hello."), surface="messages")
    unseen = (UNSEEN, "an answer to compare", NO_ERROR, "upstream response")
    assert in_brief(TOLD, quiet, SWALLOWED) == [unseen, *in_brief(TOLD, SWALLOWED)]
    reached_nobody, *rest = in_brief(TOLD, LOST, SWALLOWED)
    assert reached_nobody[0] is UNSEEN
    assert rest == in_brief(TOLD, SWALLOWED)
