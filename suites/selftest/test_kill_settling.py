"""The kill matrix: which word counts after one, two or three plays of a case."""

from __future__ import annotations

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.killing.played import Played
from kimi_conformance.killing.settling import settled

P, F, W = Verdict.PASS, Verdict.FAIL, Verdict.WARN
I, U = Verdict.INFRA_ERROR, Verdict.NOT_OBSERVED  # noqa: E741 - a table of letters


@pytest.mark.parametrize(
    ("plays", "word"),
    [
        pytest.param([P], None, id="passed"),
        pytest.param([F], "fail", id="failed-as-named"),
        pytest.param([W], "warn", id="warned-as-named"),
        pytest.param([U], "unseen", id="not-seen"),
        pytest.param([F, F], "fail", id="failed-twice"),
        pytest.param([F, P, P], None, id="noise"),
        pytest.param([F, U, U], "unseen", id="noise-of-what-cannot-be-seen"),
        pytest.param([F, P, F], "unsteady", id="failed-twice-of-three"),
        pytest.param([P, F, F], "unsteady", id="late"),
        pytest.param([P, F, P], None, id="late-noise"),
        pytest.param([F, W, W], "warn", id="always-bad"),
        pytest.param([I, I], "infra", id="spoiled-twice"),
        pytest.param([I, P, P], None, id="spoiled-once"),
        pytest.param([I, F, F], "fail", id="spoiled-then-failed"),
        pytest.param([F, I, F], "fail", id="spoiled-between"),
        pytest.param([F, I, P], None, id="noise-and-spoiled"),
        pytest.param([I, I, F], "fail", id="seen-in-the-end"),
    ],
)
def test_what_nobody_expects_must_happen_twice(plays: list[Verdict], word: str | None) -> None:
    first, second, third = ({"case": verdict} for verdict in [*plays, None, None][:3])
    found = {"first": first, "second": second if plays[1:] else {}, "third": third if plays[2:] else {}}
    played = Played(subject="a.fault", profile="reference-asgi", says={}, infra=[], **found)
    assert settled(played) == ({"case": word} if word else {})


@pytest.mark.parametrize("verdict", [Verdict.KNOWN_FAIL, Verdict.STALE_KNOWN, Verdict.NOT_APPLICABLE])
def test_a_verdict_that_cannot_be_is_no_pass(verdict: Verdict) -> None:
    played = Played(
        subject="a.fault", profile="reference-asgi", first={"case": verdict}, second={}, third={}, says={}, infra=[]
    )
    with pytest.raises(KeyError):
        settled(played)
