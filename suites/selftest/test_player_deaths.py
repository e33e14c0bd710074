"""Who is blamed where a router dies, cannot be started again, or says nothing at all."""

from __future__ import annotations

from collections import Counter

import pytest

from kimi_conformance.router.lane import RESTARTS
from kimi_conformance.router.tally import MUTE, Infra
from suites.selftest.fake_bench import ALWAYS, FakeBench, a_play, case, fates, played


@pytest.mark.parametrize("alone", [False, True])
def test_the_case_that_ends_the_router_again_is_to_blame_and_the_others_are_judged(*, alone: bool) -> None:
    bench = FakeBench(kills={"killer": ALWAYS})
    became = played(bench, [case("before"), case("killer", alone=alone), case("beside"), case("after")], concurrency=3)
    assert fates(became) == {"before": "fine", "killer": "ended", "beside": "fine", "after": "fine"}
    assert a_play(became["killer"]).ended == "killed by killer"
    assert all(
        trip.client.status == 200 for name in ("before", "beside", "after") for trip in a_play(became[name]).trips
    )


def test_a_death_that_does_not_come_again_says_nothing_about_the_cases_in_flight() -> None:
    bench = FakeBench(kills={"c1": 1})
    became = played(bench, [case(f"c{number}") for number in range(6)], concurrency=3)
    reason = "the router ended (killed by c1) while this case and others were played, and not again"
    assert became["c1"] == became["c2"] == became["c3"] == Infra(reason)  # c3 was begun as c0 was over
    assert {name for name, fate in fates(became).items() if fate == "fine"} == {"c0", "c4", "c5"}


def test_a_case_that_does_not_end_a_router_of_its_own_again_says_nothing() -> None:
    became = played(FakeBench(kills={"c1": 2}), [case("c0"), case("c1")])
    assert became["c1"] == Infra("the router ended (killed by c1) while this case was played, and not again")


def test_a_case_apart_that_ends_the_router_once_says_nothing() -> None:
    became = played(FakeBench(kills={"a1": 1}), [case("a1", alone=True), case("a2", alone=True)])
    assert became["a1"] == Infra("the router ended (killed by a1) while this case was played, and not again")
    assert fates(became)["a2"] == "fine"


@pytest.mark.parametrize("alone", [False, True])
def test_a_router_that_ends_after_its_answer_is_not_blamed_on_the_next_case(*, alone: bool) -> None:
    bench = FakeBench(poisons={"first": ALWAYS})
    became = played(bench, [case("first", alone=alone), case("second", alone=alone)], concurrency=1)
    assert fates(became)["second"] == "infra"
    assert "ended" not in fates(became).values()


@pytest.mark.parametrize(
    ("refused", "beside", "killer"),
    [
        pytest.param(1, "infra", "infra", id="after the death"),
        pytest.param(2, "fine", "infra", id="in the replay"),
        pytest.param(3, "fine", "ended", id="once it is proved"),
    ],
)
def test_a_router_that_cannot_be_started_again_leaves_the_rest_unsaid(refused: int, beside: str, killer: str) -> None:
    bench = FakeBench(kills={"killer": ALWAYS}, refuses=frozenset({refused}))
    flying = [case("beside", "one", "two", "three"), case("killer", "killer", "too late")]
    before = [case(name, "one", "two", "three") for name in ("c1", "c2")]
    cases = [*before, *flying, case("after"), case("apart", alone=True)]
    became = played(bench, cases, concurrency=2)
    expected = {"c1": "fine", "c2": "fine", "beside": beside, "killer": killer, "after": "infra", "apart": "infra"}
    assert fates(became) == expected
    reasons = {one.reason for one in became.values() if isinstance(one, Infra)}
    assert reasons == {"the router could not be started again: its port is taken"}
    assert bench.restarts == refused


@pytest.mark.parametrize("refused", [1, 2])
def test_a_fresh_router_that_cannot_be_started_accuses_nobody(refused: int) -> None:
    bench = FakeBench(isolation="fresh", refuses=frozenset({refused}))
    became = played(bench, [case(name, disturbs=True) for name in ("d1", "d2", "d3")])
    assert fates(became) == {"d1": "fine", "d2": "fine" if refused == 2 else "infra", "d3": "infra"}
    assert became["d3"] == Infra("the router could not be started again: its port is taken")
    assert bench.restarts == refused


def test_a_router_that_ends_over_and_over_is_given_up() -> None:
    names = [f"c{number}" for number in range(3 * RESTARTS)]
    bench = FakeBench(kills=dict.fromkeys(names, ALWAYS))
    became = played(bench, [case(name) for name in names])
    assert bench.restarts == RESTARTS
    # 8 fly at once: a restart for them all, then two for each.
    assert Counter(fates(became).values()) == {"ended": 24, "infra": len(names) - 24}
    assert became[names[-1]] == Infra(f"the router was started again {RESTARTS} times; given up")


def test_a_router_that_answers_nothing_at_all_is_given_up() -> None:
    names = [f"c{number}" for number in range(20)]
    bench = FakeBench(mute=frozenset(names))
    told: list[str] = []
    became = played(bench, [*map(case, names), case("a1", alone=True)], concurrency=3, told=told)
    reason = "the router accepts connections and answers no request (timeout: too late); given up"
    assert list(became.values()) == [Infra(reason)] * 21
    assert len([entry for entry in bench.log if entry.endswith("asked")]) < MUTE + 3
    assert len(told) == len(set(told)) == 21


def test_a_router_that_answers_one_request_is_not_given_up_for_the_others() -> None:
    names = [f"c{number}" for number in range(20)]
    became = played(FakeBench(mute=frozenset(names)), [case("answered"), *map(case, names)], concurrency=3)
    assert set(fates(became).values()) == {"fine"}
    assert all(a_play(became[name]).trips[0].client.error for name in names)


@pytest.mark.parametrize("together", [False, True])
def test_a_router_that_is_mute_is_given_up_in_the_middle_of_a_long_case(*, together: bool) -> None:
    names = [f"m{number}" for number in range(50)]
    bench = FakeBench(mute=frozenset(names))
    became = played(bench, [case("long", *names, together=together)])
    assert bench.asked == (50 if together else MUTE)
    assert fates(became) == {"long": "fine" if together else "infra"}


def test_silence_behind_an_upstream_that_is_ill_is_for_the_judge() -> None:
    names = [f"m{number}" for number in range(3 * MUTE)]
    bench = FakeBench(mute=frozenset(names), isolation="none")
    became = played(bench, [case(name, acts=("slow-head",), disturbs=True) for name in names])
    assert set(fates(became).values()) == {"fine"}
