"""What the player plays side by side, what in turn, and in which router."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kimi_conformance.contract.scene import HEALTHY, REFUSED
from kimi_conformance.router.lane import RESTARTS
from kimi_conformance.router.player import IN_NEW_ROUTERS, IN_TURN, NO_NEW_ROUTER, SIDE_BY_SIDE, WORTH
from kimi_conformance.router.tally import Unseen
from suites.selftest.fake_bench import FakeBench, a_play, case, fates, played

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Isolation


@pytest.mark.parametrize(("cases", "concurrency", "most"), [(20, 6, 6), (3, 32, 3), (4, 1, 1)])
def test_undisturbing_cases_fly_side_by_side_as_many_as_allowed(cases: int, concurrency: int, most: int) -> None:
    bench = FakeBench()
    played(bench, [case(f"c{number}") for number in range(cases)], concurrency=concurrency)
    assert bench.most == most


def test_cases_apart_are_played_one_at_a_time_and_after_all_others() -> None:
    bench = FakeBench()
    played(bench, [case("a1", alone=True), case("c1"), case("a2", alone=True), case("c2")])
    assert bench.log == [
        *("c1 asked", "c2 asked", "c1 over", "c2 over"),
        *("a1 asked", "a1 over", "a2 asked", "a2 over"),
    ]
    assert bench.settled == [["c1", "c2"], ["a1"], ["a2"]]


def test_the_asks_of_a_case_follow_each_other() -> None:
    bench = FakeBench()
    became = played(bench, [case("one", "first", "second")])
    assert bench.log == ["first asked", "first over", "second asked", "second over"]
    assert [trip.ask.model.slug for trip in a_play(became["one"]).trips] == ["first", "second"]


@pytest.mark.parametrize("alone", [False, True])
def test_the_asks_of_a_case_fly_together_where_it_says_so(*, alone: bool) -> None:
    bench = FakeBench()
    became = played(bench, [case("one", *(f"n{number}" for number in range(50)), together=True, alone=alone)])
    assert bench.most == 50
    assert [trip.ask.model.slug for trip in a_play(became["one"]).trips] == [f"n{number}" for number in range(50)]


def test_each_disturbing_case_has_a_router_of_its_own_where_the_profile_says_fresh() -> None:
    bench = FakeBench(isolation="fresh")
    names = [f"d{number}" for number in range(RESTARTS + 1)]
    became = played(bench, [case("calm"), case("a1", alone=True), *(case(name, disturbs=True) for name in names)])
    assert set(fates(became).values()) == {"fine"}
    expected = ["calm asked", "calm over", "a1 asked", "a1 over", "d0 asked", "d0 over"]
    expected += [f"{name}{what}" for name in names[1:] for what in ("", " asked", " over")]
    assert ["restart" if entry in names else entry for entry in expected] == bench.log


def test_a_router_that_keeps_no_state_is_disturbed_side_by_side() -> None:
    bench = FakeBench(isolation="none")
    names = [f"d{number}" for number in range(20)]
    cases = [case("calm"), *(case(name, disturbs=True, acts=("500",)) for name in names)]
    assert set(fates(played(bench, cases, concurrency=21)).values()) == {"fine"}
    assert (bench.most, bench.restarts) == (21, 0)


def test_a_router_that_may_keep_state_is_disturbed_by_one_case_at_a_time() -> None:
    bench = FakeBench(isolation="shared")
    cases = [case("d1", "x", disturbs=True), case("calm"), case("d2", "y", disturbs=True)]
    assert set(fates(played(bench, cases)).values()) == {"fine"}
    assert (bench.most, bench.restarts) == (1, 0)
    assert bench.log[0] == "calm asked"


@pytest.mark.parametrize("isolation", ["none", "shared", "fresh"])
@pytest.mark.parametrize("where", ["alone", "acts"])
def test_nothing_is_asked_beside_a_lone_case_or_one_whose_upstream_is_gone(isolation: Isolation, where: str) -> None:
    bench = FakeBench(isolation=isolation)
    lone = case("lone", alone=where == "alone", acts=(HEALTHY, REFUSED) if where == "acts" else ())
    played(bench, [lone, *(case(f"c{number}") for number in range(5))])
    assert bench.log[-2:] == ["lone asked", "lone over"]


@pytest.mark.parametrize("isolation", ["none", "shared", "fresh"])
def test_a_fresh_case_has_a_router_that_has_seen_nothing_whatever_the_isolation(isolation: Isolation) -> None:
    bench = FakeBench(isolation=isolation)
    became = played(bench, [case("f1", fresh=True), case("c1"), case("f2", fresh=True)])
    assert set(fates(became).values()) == {"fine"}
    turn = ["restart", "f1 asked", "f1 over", "restart", "f2 asked", "f2 over"]
    assert bench.log == ["c1 asked", "c1 over", *turn]


def test_a_fresh_case_that_is_the_first_of_all_needs_no_second_router() -> None:
    bench = FakeBench()
    played(bench, [case("f1", fresh=True)])
    assert bench.log == ["f1 asked", "f1 over"]


def test_where_there_is_no_new_router_to_be_had_a_fresh_case_is_not_seen() -> None:
    bench = FakeBench(restartable=False)
    became = played(bench, [case("c1"), case("f1", fresh=True), case("d1", disturbs=True)])
    assert became["f1"] == Unseen(NO_NEW_ROUTER)
    assert "f1 asked" not in bench.log
    assert (fates(became)["c1"], fates(became)["d1"]) == ("fine", "fine")


def test_fresh_routers_are_several_at_once_and_begin_while_the_others_play() -> None:
    benches = [FakeBench(isolation="fresh") for _ in range(3)]
    cases = [*(case(f"c{number}") for number in range(40)), *(case(f"d{number}", disturbs=True) for number in range(9))]
    became = played(benches[0], cases, concurrency=2, others=benches[1:])
    assert set(fates(became).values()) == {"fine"}
    assert all(any(entry.startswith("d") for entry in bench.log) for bench in benches[1:])
    for bench in benches:
        disturbed = [entry for entry in bench.log if entry == "restart" or entry.startswith("d")]
        asked = [index for index, entry in enumerate(disturbed) if entry.endswith("asked")]
        assert all(disturbed[index - 1] == "restart" for index in asked[1:])


@pytest.mark.parametrize(
    ("isolation", "fixed"), [("shared", False), ("none", False), ("fresh", True)], ids=["shared", "none", "fixed"]
)
def test_there_is_one_router_where_one_is_enough_or_all_there_can_be(isolation: Isolation, *, fixed: bool) -> None:
    bench, other = FakeBench(isolation=isolation, fixed=fixed), FakeBench()
    became = played(bench, [case("d1", disturbs=True), case("d2", disturbs=True)], others=[other])
    assert set(fates(became).values()) == {"fine"}
    assert other.log == []


def test_a_router_without_a_state_has_another_beside_it_where_many_cases_must_be_alone() -> None:
    benches = [FakeBench(isolation="none") for _ in range(3)]
    lone = [case(f"a{number}", alone=True) for number in range(2 * WORTH)]
    calm = [case(f"c{number}") for number in range(40)]
    assert set(fates(played(benches[0], [*lone, *calm], concurrency=2, others=benches[1:])).values()) == {"fine"}
    assert all(bench.most == 1 for bench in benches[1:])
    assert all(any(entry.startswith("a") for entry in bench.log) for bench in benches[1:])
    few = [FakeBench(isolation="none") for _ in range(2)]
    assert set(fates(played(few[0], [*lone[1:WORTH], *calm], others=few[1:])).values()) == {"fine"}
    assert few[1].log == []


@pytest.mark.parametrize("refused", [1, 2, 3])
def test_a_further_router_that_cannot_be_started_leaves_its_cases_to_the_others(refused: int) -> None:
    bench, other = FakeBench(isolation="fresh"), FakeBench(isolation="fresh", refuses=frozenset({refused}))
    cases = [case(f"c{number}") for number in range(60)] + [case(f"d{number}", disturbs=True) for number in range(6)]
    told: list[str] = []
    became = played(bench, cases, concurrency=1, others=[other], told=told)
    assert set(fates(became).values()) == {"fine"}
    assert sorted(told) == sorted(one.id for one in cases)
    assert other.restarts == refused


def test_what_may_take_long_begins_first() -> None:
    bench = FakeBench(isolation="none")
    plain = [case(f"c{number}") for number in range(4)]
    retried = case("retried", disturbs=True, acts=("500", HEALTHY))
    endless = case("endless", disturbs=True, acts=("500",))
    several = case("several", "s1", "s2", "s3")
    played(bench, [*plain, several, retried, endless], concurrency=1)
    asked = [entry.removesuffix(" asked") for entry in bench.log if entry.endswith("asked")]
    assert asked[:3] == ["endless", "retried", "s1"]


@pytest.mark.parametrize(
    ("isolation", "phases"),
    [
        ("none", [SIDE_BY_SIDE, IN_TURN]),
        ("shared", [SIDE_BY_SIDE, IN_TURN]),
        ("fresh", [SIDE_BY_SIDE, IN_NEW_ROUTERS]),
    ],
)
def test_the_ways_of_playing_are_announced_as_they_begin(isolation: Isolation, phases: list[str]) -> None:
    bench = FakeBench(isolation=isolation)
    played(bench, [case("c1"), case("a1", alone=True), case("d1", disturbs=True)], phase=bench.log.append)
    assert [entry for entry in bench.log if entry in phases] == phases
    assert bench.log[0] == SIDE_BY_SIDE


def test_a_way_of_playing_that_no_case_needs_is_not_announced() -> None:
    said: list[str] = []
    played(FakeBench(), [case("c1")], phase=said.append)
    played(FakeBench(), [case("d1", disturbs=True)], phase=said.append)
    assert said == [SIDE_BY_SIDE, IN_TURN]


@pytest.mark.parametrize("isolation", ["none", "shared", "fresh"])
def test_what_measures_time_comes_last_when_no_other_router_is_busy(isolation: Isolation) -> None:
    benches = [FakeBench(isolation=isolation) for _ in range(3)]
    timed = [case("t1", timed=True), case("t2", timed=True, disturbs=True), case("t3", timed=True, alone=True)]
    busy = [case(f"d{number}", disturbs=True) for number in range(20)] + [
        case(f"a{number}", alone=True) for number in range(20)
    ]
    told: list[str] = []
    became = played(benches[0], [*timed, *busy], others=benches[1:], told=told)
    assert set(fates(became).values()) == {"fine"}
    assert {name.partition("@case=")[2] for name in told[-3:]} == {"t1", "t2", "t3"}
    assert not any(entry.startswith("t") for bench in benches[1:] for entry in bench.log)
    assert benches[0].log[-2:] == (["t3 asked", "t3 over"] if isolation == "none" else ["t2 asked", "t2 over"])
