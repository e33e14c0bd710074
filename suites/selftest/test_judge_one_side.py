"""The judge where it sees the client's side alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import Play
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge import CHECKS, judge
from kimi_conformance.judge.check import ONE_SIDED, UNSEEN, client_alone
from kimi_conformance.oracle import World
from kimi_conformance.registry.contracts import catalogue, requirements
from suites.selftest.plays import TODAY, ask, profile, trip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.judge.check import Flaw

NOT_404: Final = "router.gate.no-own-404-for-a-registered-model"
NON_STRING: Final = "router.gate.non-string-model-is-refused"
EVENTS: Final = "router.stream.events-equal-in-order"
DONE: Final = "router.stream.done-once-and-last"
SSE: Final = (("content-type", "text/event-stream"),)
JSON: Final = (("content-type", "application/json"),)
SERVED: Final = json.dumps({"choices": [{"index": 0, "message": {"content": "ok"}}]}).encode()
CHUNK: Final = 'data: {"choices":[{"index":0,"delta":{"content":"月"}}]}\n\n'.encode()
END: Final = b"data: [DONE]\n\n"

TELLS: Final = {
    NOT_404,
    DONE,
    "router.ledger.joined-by-trace",
    "router.ledger.one-row-per-call",
    "router.ledger.row-tells-the-truth",
    "router.messages.answer-shape",
    "router.messages.stream-begins",
    "router.messages.stream-blocks-in-order",
    "router.messages.stream-ends",
    "router.messages.stream-event-names",
    "router.models.lists-registered-models",
    "router.models.shape",
    "router.response.content-type-kept",
    "router.secret.client-key-not-echoed",
}
"""What the client's side alone shows whole: that it holds, and that it does not."""
FAILS: Final = {NON_STRING, EVENTS, "router.request.malformed-json-refused"}
"""Of what the client's side alone shows at most that it does not hold."""


def alone(requirement: str, *trips: Trip, **sections: Any) -> tuple[Finding, ...]:
    """What the client's side of these trips comes to."""
    play = Play(f"{requirement}@by=hand", requirement, trips)
    world = World(profile(**sections), catalogue(), TODAY, one_sided=True)
    return judge(requirements("router")[requirement], play, world)


def verdicts(requirement: str, *trips: Trip, **sections: Any) -> list[Verdict]:
    return [finding.verdict for finding in alone(requirement, *trips, **sections)]


def answered(status: int, body: Any) -> Trip:
    return trip(ask(), status=status, answer=json.dumps(body).encode(), headers=JSON)


def streamed(body: bytes, error: str | None = None) -> Trip:
    return trip(ask(stream=True), answer=body, headers=SSE, error=error)


def test_every_check_of_one_side_has_a_twin_of_both() -> None:
    assert ONE_SIDED.keys() < CHECKS.keys()


def test_what_the_client_s_side_shows() -> None:
    shown = {name: alone.says for name, alone in ONE_SIDED.items()}
    assert shown == dict.fromkeys(TELLS, "tells") | dict.fromkeys(FAILS, "fails")


def test_a_requirement_has_one_check_of_one_side() -> None:
    with pytest.raises(ValueError, match="two checks of the client's side alone"):

        @client_alone(NOT_404, says="tells")
        def again(_play: Play, _world: World) -> Iterator[Flaw]:
            yield from ()


def test_nothing_amiss_is_a_pass_only_where_the_client_can_tell() -> None:
    whole = streamed(CHUNK + END)
    assert alone(DONE, whole) == ()
    assert alone(EVENTS, whole) == (
        Finding(EVENTS, Verdict.NOT_OBSERVED, "the upstream's side", "unseen", "upstream", UNSEEN),
    )


@pytest.mark.parametrize(
    ("body", "due"),
    [
        pytest.param({"detail": "Not Found"}, Verdict.FAIL, id="of-a-framework"),
        pytest.param("404 page not found", Verdict.FAIL, id="of-a-mux"),
        pytest.param({"error": {"type": "resource_not_found_error"}}, Verdict.NOT_OBSERVED, id="kimi"),
        pytest.param({"type": "error", "error": {"type": "not_found_error"}}, Verdict.NOT_OBSERVED, id="anthropic"),
        pytest.param({"error": {"code": "model_not_found"}}, Verdict.NOT_OBSERVED, id="openai"),
        pytest.param({"error": {"message": "no endpoint for kimi-k2.6"}}, Verdict.NOT_OBSERVED, id="names-the-model"),
    ],
)
def test_a_404_on_a_model_may_be_an_upstreams(body: Any, due: Verdict) -> None:
    assert verdicts(NOT_404, answered(404, body)) == [due]


@pytest.mark.parametrize(
    ("body", "error", "due"),
    [
        pytest.param(CHUNK + END + END, None, [Verdict.FAIL], id="two-ends"),
        pytest.param(CHUNK + END + CHUNK, None, [Verdict.FAIL], id="goes-on"),
        pytest.param(CHUNK, None, [Verdict.NOT_OBSERVED], id="no-end"),
        pytest.param(CHUNK + END + END, "closed: cut", [Verdict.NOT_OBSERVED], id="cut"),
        pytest.param(
            CHUNK + b'data: {"error":{"message":"no"}}\n\n' + END + END, None, [Verdict.NOT_OBSERVED], id="error"
        ),
    ],
)
def test_the_end_of_a_stream(body: bytes, error: str | None, due: list[Verdict]) -> None:
    assert verdicts(DONE, streamed(body, error)) == due


@pytest.mark.parametrize(
    ("body", "due"),
    [
        pytest.param(CHUNK.replace("月".encode(), b"\xe6\x9c") + CHUNK + END, [Verdict.WARN], id="half-a-character"),
        pytest.param(CHUNK + END + b"data: {", [Verdict.WARN], id="half-an-event"),
        pytest.param(CHUNK + b"data: {", [Verdict.NOT_OBSERVED], id="cut-before-its-end"),
    ],
)
def test_a_stream_that_is_broken_is_warned_of_for_nobody_saw_who_broke_it(body: bytes, due: list[Verdict]) -> None:
    assert verdicts(EVENTS, streamed(body)) == due


def test_a_router_that_is_gone_after_an_odd_request_has_failed() -> None:
    twin = answered(200, json.loads(SERVED))
    odd = trip(ask(3), status=None, error="closed: the router hung up")
    gone = trip(ask(), status=None, error="refused: nobody listens")
    slow = trip(ask(), status=502)
    assert verdicts(NON_STRING, twin, odd, gone) == [Verdict.NOT_OBSERVED, Verdict.FAIL]
    assert verdicts(NON_STRING, twin, odd, slow) == [Verdict.NOT_OBSERVED] * 2


def test_an_odd_request_beside_which_none_is_served_shows_nothing() -> None:
    refused = answered(400, {})
    assert verdicts(NON_STRING, refused, answered(200, json.loads(SERVED)), refused) == [Verdict.NOT_OBSERVED]
