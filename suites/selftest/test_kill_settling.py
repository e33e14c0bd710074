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
    assert settled(_played(plays)) == ({"case": word} if word else {})


@pytest.mark.parametrize("verdict", [Verdict.KNOWN_FAIL, Verdict.STALE_KNOWN, Verdict.NOT_APPLICABLE])
def test_a_verdict_that_cannot_be_is_no_pass(verdict: Verdict) -> None:
    with pytest.raises(KeyError):
        settled(_played([verdict]))


@pytest.mark.parametrize(
    ("plays", "word"),
    [
        pytest.param([P, F, F], "fail", id="late"),
        pytest.param([P, P], None, id="never"),
        pytest.param([P, F, P], None, id="late-noise"),
        pytest.param([P, W, F], "fail", id="bad-in-two-ways"),
    ],
)
def test_what_is_named_is_noticed_where_it_failed_in_most_plays(plays: list[Verdict], word: str | None) -> None:
    assert settled(_played(plays, named=("case",))) == ({"case": word} if word else {})


def _played(plays: list[Verdict], named: tuple[str, ...] = ()) -> Played:
    """One case, played so often."""
    first, second, third = ({} if verdict is None else {"case": verdict} for verdict in [*plays, None, None][:3])
    return Played(
        subject="a.fault",
        named=named,
        profile="reference-asgi",
        first=first,
        second=second,
        third=third,
        says={},
        infra=[],
    )
