"""From what was played to verdicts: the judge's word, what a profile admits, and which verdict is the worst."""

from __future__ import annotations

from itertools import permutations
from typing import Final

import pytest

from kimi_conformance.contract.profile import KnownFailing
from kimi_conformance.contract.trip import Play
from kimi_conformance.contract.verdict import Verdict, conformant, worst
from kimi_conformance.oracle import World
from kimi_conformance.registry.contracts import catalogue, requirements
from kimi_conformance.router.plan import Known
from kimi_conformance.router.tally import Infra
from kimi_conformance.router.verdicts import Judged, admit, judge_all
from suites.selftest.plays import BY_HAND, TODAY, ask, onward, trip

NAME: Final = "router.request.temperature-untouched"
ASKED: Final = ask("kimi-nobodys", members={"temperature": 0.6})
WORLD: Final = World(BY_HAND, catalogue(), TODAY)


def played(*changes: float) -> Play:
    """A play of one trip for each temperature that arrived."""
    return Play("one", NAME, tuple(trip(ASKED, onward("default", ASKED, temperature=value)) for value in changes))


def judged(play: Play | Infra) -> Judged:
    return judge_all({"one": play}, requirements("router"), WORLD)["one"]


def test_a_case_without_a_finding_has_passed_and_says_nothing() -> None:
    play = played(0.6)
    assert judged(play) == Judged(Verdict.PASS, (), "", play)


def test_a_case_has_the_message_of_the_finding_that_decided() -> None:
    play = played(0.60000002, 0.36, 0.1)
    one = judged(play)
    assert (one.verdict, one.play) == (Verdict.FAIL, play)
    assert one.message == "/temperature was 0.6 and became 0.36"
    assert [finding.verdict for finding in one.findings] == [Verdict.WARN, Verdict.FAIL, Verdict.FAIL]


def test_a_case_that_could_not_be_played_says_why_and_nothing_of_the_router() -> None:
    assert judged(Infra("the port was taken")) == Judged(Verdict.INFRA_ERROR, (), "the port was taken", None)


def test_every_case_is_judged_by_itself() -> None:
    found = judge_all({"a": played(0.6), "b": played(1), "c": Infra("x")}, requirements("router"), WORLD)
    assert {case: one.verdict.value for case, one in found.items()} == {"a": "pass", "b": "fail", "c": "infra-error"}


def known(*cases: str, glob: str = "some.glob") -> Known:
    return Known(KnownFailing(case=glob, reason="seen by hand"), frozenset(cases))


def words(**verdicts: Verdict) -> dict[str, Judged]:
    return {case: Judged(verdict, message="as judged") for case, verdict in verdicts.items()}


STALE: Final = "known_failing entry 'some.glob' does not fail any more: take it out of the profile"
FAIL, WARN, PASS, INFRA = Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.INFRA_ERROR
KNOWN, OLD, UNSEEN = Verdict.KNOWN_FAIL, Verdict.STALE_KNOWN, Verdict.NOT_OBSERVED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param((FAIL, FAIL), (KNOWN, KNOWN), id="all-fail"),
        pytest.param((FAIL, PASS), (KNOWN, PASS), id="one-of-two-fails"),
        pytest.param((WARN, PASS), (KNOWN, PASS), id="a-warning-is-known-too"),
        pytest.param((PASS, PASS), (OLD, OLD), id="none-fails-any-more"),
        pytest.param((PASS, UNSEEN), (PASS, UNSEEN), id="one-was-not-seen"),
        pytest.param((PASS, INFRA), (PASS, INFRA), id="one-could-not-be-played"),
        pytest.param((INFRA, INFRA), (INFRA, INFRA), id="none-could-be-played"),
        pytest.param((FAIL, INFRA), (KNOWN, INFRA), id="one-fails-one-could-not-be-played"),
    ],
)
def test_what_a_profile_admits(before: tuple[Verdict, Verdict], after: tuple[Verdict, Verdict]) -> None:
    settled = admit(words(a=before[0], b=before[1], other=FAIL), (known("a", "b"),))
    assert (settled["a"].verdict, settled["b"].verdict) == after
    messages = {KNOWN: "seen by hand", OLD: STALE}
    assert [settled[case].message for case in "ab"] == [messages.get(word, "as judged") for word in after]
    assert settled["other"] == Judged(FAIL, message="as judged")


def test_an_entry_is_stale_only_where_all_its_cases_were_played() -> None:
    assert admit(words(a=PASS), (known("a", "b"),))["a"].verdict is PASS
    assert admit(words(a=FAIL), (known("a", "b"),))["a"].verdict is KNOWN
    assert admit(words(a=PASS, b=PASS), ()) == words(a=PASS, b=PASS)


def test_entries_that_share_a_case_each_have_their_say() -> None:
    both = (known("a", "b", glob="wide"), known("b", glob="narrow"))
    settled = admit(words(a=FAIL, b=PASS), both)
    assert (settled["a"].verdict, settled["b"].verdict) == (KNOWN, OLD)
    assert "'narrow'" in settled["b"].message
    assert admit(words(a=PASS, b=FAIL), both)["a"].verdict is PASS


def test_an_admitted_case_keeps_its_findings_and_its_play() -> None:
    one = judged(played(0.36))
    settled = admit({"one": one}, (known("one"),))["one"]
    assert (settled.findings, settled.play) == (one.findings, one.play)


ORDER: Final = ("fail", "stale-known", "infra-error", "known-fail", "warn", "not-observed", "pass", "not-applicable")


def test_a_requirement_takes_the_worst_of_its_cases() -> None:
    assert tuple(Verdict) == ORDER
    for worse, better in permutations(ORDER, 2):
        expected = min(worse, better, key=ORDER.index)
        assert worst([Verdict(worse), Verdict(better)]) == expected
    assert worst(map(Verdict, reversed(ORDER))) is FAIL


def test_nothing_seen_is_no_verdict() -> None:
    with pytest.raises(ValueError, match=r"."):
        worst([])


@pytest.mark.parametrize(
    ("seen", "holds"),
    [
        pytest.param(("pass",), True, id="pass"),
        pytest.param(("pass", "warn", "known-fail", "not-observed", "not-applicable"), True, id="all-that-may-be"),
        pytest.param((), False, id="nothing"),
        pytest.param(("warn", "known-fail", "not-observed", "not-applicable"), False, id="no-pass"),
        pytest.param(("pass", "fail"), False, id="fail"),
        pytest.param(("pass", "stale-known"), False, id="stale"),
        pytest.param(("pass", "infra-error"), False, id="infra"),
    ],
)
def test_conformant_is_a_pass_and_nothing_that_spoils_it(seen: tuple[str, ...], *, holds: bool) -> None:
    assert conformant(map(Verdict, seen)) is holds
