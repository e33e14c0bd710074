"""The judge on a router's own list of models where nobody saw its upstreams: what was promised, and what was seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge.check import ONE_SIDED
from suites.selftest.plays import ask, fails, trip
from suites.selftest.test_judge_models import LISTS, SHAPE, WHOLE, of
from suites.selftest.test_judge_one_side import alone

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

TWO: Final[dict[str, Any]] = {
    "policy": {"models": {"kimi-k3": "kimi", "kimi-k2.6": "kimi"}},
    "sends": {"kimi-k2.6": "vendor/k2.6"},
}
PROMISED: Final = {**TWO, "assumed": False}
ASSUMED: Final = {**TWO, "assumed": True}
BOTH: Final = [pytest.param(PROMISED, id="promised"), pytest.param(ASSUMED, id="assumed")]
OF_BOTH: Final = [LISTS, SHAPE]
NO_LIST: Final = "no list of models"
UNSERVED: Final = "the list was not served"


def listed(answer: bytes = b"", status: int | None = 200, error: str | None = None) -> Trip:
    """A trip for the list of models."""
    return trip(ask(ABSENT, listing=True), answer=answer, status=status, error=error)


def unseen(requirement: str, got: str, why: str) -> Finding:
    message = f"{why}; {got}"
    return Finding(requirement, Verdict.NOT_OBSERVED, "a list of models", got, "client response", message)


def unpromised(requirement: str, got: str) -> Finding:
    return unseen(requirement, got, "no list is served, and nobody has said that there is one")


def said(requirement: str, *trips: Trip, **sections: Any) -> list[tuple[Verdict, str]]:
    return [(one.verdict, one.message) for one in alone(requirement, *trips, **sections)]


@pytest.mark.parametrize("sections", BOTH)
@pytest.mark.parametrize("requirement", OF_BOTH)
def test_a_whole_list_is_right(requirement: str, sections: dict[str, Any]) -> None:
    assert alone(requirement, listed(of(*WHOLE)), **sections) == ()
    assert ONE_SIDED[requirement].says == "tells"


@pytest.mark.parametrize(
    ("status", "error", "got"),
    [
        pytest.param(429, None, "the client got 429: no", id="limited"),
        pytest.param(500, None, "the client got 500: no", id="server-error"),
        pytest.param(503, None, "the client got 503: no", id="not-there"),
        pytest.param(None, "refused: nobody", "the client got no answer: refused: nobody", id="refused"),
        pytest.param(None, None, "the client got no answer: None", id="no-answer"),
        pytest.param(200, "closed: cut", "the client got 200: no, cut short: closed: cut", id="cut"),
    ],
)
@pytest.mark.parametrize("requirement", OF_BOTH)
def test_a_list_that_failed_may_have_failed_behind_the_router(
    requirement: str, status: int | None, error: str | None, *, got: str
) -> None:
    failed = listed(b"no", status, error)
    assert alone(requirement, failed, **PROMISED) == (unseen(requirement, got, "the list could not be seen"),)
    assert alone(requirement, failed, **ASSUMED) == (unpromised(requirement, got),)


@pytest.mark.parametrize("status", [201, 302, 400, 404, 499])
def test_a_promised_list_that_is_not_served_is_missed_and_an_assumed_one_is_not(status: int) -> None:
    other = listed(of(*WHOLE), status)
    assert said(SHAPE, other, **PROMISED) == [(Verdict.FAIL, UNSERVED)]
    (found,) = alone(SHAPE, other, **ASSUMED)
    assert found == unpromised(SHAPE, found.actual)


@pytest.mark.parametrize("sections", BOTH)
@pytest.mark.parametrize("status", [401, 403])
def test_a_list_that_the_key_does_not_open_is_told_as_not_served(status: int, sections: dict[str, Any]) -> None:
    closed = listed(b"{}", status)
    assert said(SHAPE, closed, **sections) == [(Verdict.FAIL, UNSERVED)]
    assert said(LISTS, closed, **sections) == [
        (Verdict.FAIL, "kimi-k3 is registered, and not listed"),
        (Verdict.FAIL, "vendor/k2.6 is registered, and not listed"),
    ]


@pytest.mark.parametrize("body", [[], [{"id": "kimi-k3"}], {"data": None}, {"data": {}}])
def test_what_means_to_be_a_list_is_held_to_its_form_whoever_promised_it(body: Any) -> None:
    for sections in (PROMISED, ASSUMED):
        assert said(SHAPE, listed(json.dumps(body).encode()), **sections) == [(Verdict.FAIL, NO_LIST)]


@pytest.mark.parametrize("answer", [b"{}", b"3", b"null", b'"data"', b"<html>", b"[" * 100_000])
def test_what_is_no_list_at_all_is_none_that_was_assumed(answer: bytes) -> None:
    assert said(SHAPE, listed(answer), **PROMISED) == [(Verdict.FAIL, NO_LIST)]
    for requirement in OF_BOTH:
        (found,) = alone(requirement, listed(answer), **ASSUMED)
        assert found == unpromised(requirement, found.actual)


def test_a_model_that_is_not_listed_is_known_to_be_registered_only_by_a_promise() -> None:
    short = listed(of({"id": "claude"}))
    assert alone(LISTS, short, **PROMISED) == tuple(
        fails(LISTS, name, "claude", "client response /data", f"{name} is registered, and not listed")
        for name in ("kimi-k3", "vendor/k2.6")
    )
    unknown = "is not listed; whether it is registered, or any name is taken, is not known"
    assert alone(LISTS, short, **ASSUMED) == tuple(
        Finding(LISTS, Verdict.NOT_OBSERVED, name, "claude", "client response /data", f"{name} {unknown}")
        for name in ("kimi-k3", "vendor/k2.6")
    )


@pytest.mark.parametrize("sections", BOTH)
def test_an_empty_list_shows_no_form(sections: dict[str, Any]) -> None:
    none = Finding(SHAPE, Verdict.NOT_OBSERVED, "a model", "none", "client response /data", "the list is empty")
    assert alone(SHAPE, listed(of()), **sections) == (none,)


@pytest.mark.parametrize("requirement", OF_BOTH)
def test_a_list_that_was_not_seen_hides_none_behind_it(requirement: str) -> None:
    bad = listed(of({"id": ""}))
    flaws = said(requirement, bad, **PROMISED)
    assert {verdict for verdict, _ in flaws} == {Verdict.FAIL}
    (first, *others) = said(requirement, listed(b"no", 503), bad, **PROMISED)
    assert (first[0], others) == (Verdict.NOT_OBSERVED, flaws)
