"""Which calls are one too many: any, where all is well; those that were served, where the router may try again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.scene import HEALTHY, Scene
from kimi_conformance.contract.trip import Play, Stray
from kimi_conformance.router.strays import one_too_many, too_many, with_strays
from suites.selftest.plays import arrived, ask, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Arrival

RETRIED = ask("kimi-k3", scene=Scene(("429-rate", HEALTHY)))
WHOLE = json.dumps({"choices": [{"finish_reason": "stop"}], "usage": {"total_tokens": 3}}).encode()
RULE, ONCE = "router.retry.rule", "router.request.one-request-per-request"


def served(t_ms: float = 5.0, answer: bytes = WHOLE, status: int | None = 200, error: str | None = None) -> Arrival:
    one = arrived("gateway", {}, status=status, answer=answer, t_ms=t_ms)
    return replace(one, exchange=replace(one.exchange, error=error))


def refused() -> Arrival:
    return served(answer=b'{"error": {"type": "rate_limit_reached_error"}}', status=429)


@pytest.mark.parametrize(
    ("arrivals", "many"),
    [
        pytest.param((refused(), refused(), served()), 0, id="retried-until-it-served"),
        pytest.param((served(), served()), 1, id="served-twice"),
        pytest.param((served(), refused(), served(), served()), 2, id="served-three-times"),
        pytest.param((served(error="closed: the router hung up after 3 bytes"), served()), 0, id="the-first-was-cut"),
        pytest.param((served(answer=b"data: {}\n\ndata: [DONE]\n\n"), served()), 1, id="a-stream-to-its-end"),
        pytest.param(
            (served(answer=b'data: {"error": {}}\n\ndata: [DONE]\n\n'), served()), 0, id="an-error-in-a-stream"
        ),
        pytest.param((served(answer=b"<html>"), served()), 0, id="a-page"),
        pytest.param((served(answer=b""), served()), 0, id="nothing"),
    ],
)
def test_where_an_upstream_is_ill_what_was_served_twice_is_too_much(arrivals: tuple[Arrival, ...], many: int) -> None:
    assert len(too_many(trip(RETRIED, *arrivals))) == many


def test_where_all_is_well_every_further_call_is_too_much() -> None:
    not_found = served(status=404)
    assert list(too_many(trip(ask("kimi-k3"), served(), not_found, served()))) == [not_found, served()]


@pytest.mark.parametrize("ill", [refused(), served(status=503), served(status=None)], ids=["429", "503", "nothing"])
def test_a_real_upstream_may_be_ill_without_being_told_to(ill: Arrival) -> None:
    plain = ask("kimi-k3")
    assert list(too_many(trip(plain, ill, served()))) == []
    assert list(too_many(trip(plain, ill, served(), served(7.0)))) == [served(7.0)]


def play(name: str, requirement: str, *arrivals: Arrival) -> Play:
    return Play(name, requirement, (trip(RETRIED, *arrivals),))


def told(*plays: Play) -> dict[str, tuple[Stray, ...]]:
    """Whom what is too much is given to."""
    became: dict[str, Any] = with_strays(
        {one.case: one for one in plays}, (), {one.case: one_too_many(one) for one in plays}
    )
    return {name: one.strays for name, one in became.items()}


def test_the_case_that_forbids_it_is_told_of_all_others() -> None:
    twice = served(7.0)
    found = told(play("a", RULE, served(), twice), play("once", ONCE, served()), play("b", RULE, served()))
    assert found == {"a": (), "once": (Stray(twice, ("a",), doubled=True),), "b": ()}


def test_where_no_such_case_was_played_it_is_held_against_the_case_it_was_seen_in() -> None:
    twice = served(7.0)
    found = told(play("a", RULE, served(), twice), play("b", RULE, served()))
    assert found == {"a": (Stray(twice, ("a",), doubled=True),), "b": ()}
