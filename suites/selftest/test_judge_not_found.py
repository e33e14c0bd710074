"""The judge on 404: the right upstream's own may reach the client, the router's may not."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.verdict import Finding, Verdict
from suites.selftest.plays import ask, fails, findings, onward, trip

NOT_FOUND: Final = "router.gate.no-own-404-for-a-registered-model"
PLAIN: Final = ask("kimi-k3")


def test_a_404_that_came_from_the_right_upstream_is_right() -> None:
    assert findings(NOT_FOUND, trip(PLAIN, onward("kimi", PLAIN, status=404), status=404)) == ()


@pytest.mark.parametrize("statuses", [(404, 200), (500, 404)])
def test_one_of_several_calls_of_the_right_upstream_may_have_brought_the_404(statuses: tuple[int, int]) -> None:
    assert findings(NOT_FOUND, trip(PLAIN, *(onward("kimi", PLAIN, status=one) for one in statuses), status=404)) == ()


@pytest.mark.parametrize(("status", "error"), [(200, None), (500, None), (None, "refused: connection")])
def test_without_an_upstream_there_is_no_telling_whose_answer_it_was(status: int | None, error: str | None) -> None:
    message = "no upstream was called, so that there was no answer to pass on"
    assert findings(NOT_FOUND, trip(PLAIN, status=status, error=error)) == (
        Finding(NOT_FOUND, Verdict.NOT_OBSERVED, "an upstream request", "none", "upstream", message),
    )


@pytest.mark.parametrize("status", [200, 400, 403, 405, 500])
def test_only_a_404_is_a_404(status: int) -> None:
    assert findings(NOT_FOUND, trip(PLAIN, onward("kimi", PLAIN, status=status), status=status)) == ()


@pytest.mark.parametrize(
    "arrivals",
    [
        pytest.param((), id="the-routers-own"),
        pytest.param((onward("kimi", PLAIN),), id="the-upstream-answered-200"),
        pytest.param((onward("kimi", PLAIN, status=None),), id="the-upstream-answered-nothing"),
        pytest.param((onward("plan", PLAIN, status=404),), id="the-shortcuts"),
        pytest.param((onward("plan", PLAIN, status=404), onward("kimi", PLAIN)), id="the-shortcuts-first"),
    ],
)
def test_any_other_404_to_a_registered_model_is_found(arrivals: Any) -> None:
    answer = b"no route \xff" + b"." * 200
    assert findings(NOT_FOUND, trip(PLAIN, *arrivals, status=404, answer=answer)) == (
        fails(
            NOT_FOUND,
            "no 404 but the right upstream's",
            f"no route \\xff{'.' * 150}",
            "client response",
            "404 to a registered model",
        ),
    )


def test_every_trip_is_looked_at_for_a_404() -> None:
    own = trip(PLAIN, status=404)
    served = trip(PLAIN, onward("kimi", PLAIN))
    assert [one.verdict for one in findings(NOT_FOUND, served, trip(PLAIN), served, own)] == [
        Verdict.NOT_OBSERVED,
        Verdict.FAIL,
    ]
