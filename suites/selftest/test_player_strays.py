"""Whose is what arrives without a mark, and what comes twice."""

from __future__ import annotations

from suites.selftest.fake_bench import NO_STRAYS, FakeBench, a_play, called, case, played


def test_what_arrives_unmarked_beside_others_goes_to_the_first_case_that_forbids_it() -> None:
    fillers = [case(f"c{number}") for number in range(20)]
    strict = [case(name, rule=NO_STRAYS) for name in ("s1", "s2")]
    bench = FakeBench(strays=frozenset({"caller"}))
    became = played(bench, [case("early"), *fillers, *strict, case("caller"), case("late")], concurrency=1)
    (stray,) = a_play(became["s1"]).strays
    assert stray.arrival.upstream == "stray of caller"
    beside = {name.partition("@case=")[2] for name in stray.beside}
    assert beside >= {"c19", "s1", "s2", "caller"}
    assert not beside & {"early", "late"}
    assert not any(a_play(one).strays for name, one in became.items() if name != "s1")


def test_what_arrives_unmarked_during_a_case_apart_is_that_case_s_own() -> None:
    cases = [case("s1", rule=NO_STRAYS), case("a1", alone=True), case("a2", "x", "caller", alone=True)]
    became = played(FakeBench(strays=frozenset({"caller"})), cases)
    assert called(became["a1"]) == ["upstream"]
    assert [*map(len, (trip.arrivals for trip in a_play(became["a2"]).trips))] == [1, 2]
    assert called(became["a2"])[-1] == "stray of caller"
    assert not a_play(became["s1"]).strays


def test_what_is_asked_of_the_outer_world_during_a_case_apart_is_nobody_s_and_seen_beside_it() -> None:
    cases = [case("s1", rule=NO_STRAYS), case("a1", alone=True), case("caller", alone=True)]
    became = played(FakeBench(strays=frozenset({"caller"}), where="outside:"), cases)
    assert [called(became[name]) for name in ("a1", "caller")] == [["upstream"]] * 2
    beside = {name: [one.upstream for trip in a_play(became[name]).trips for one in trip.side] for name in became}
    assert beside == {"s1": [], "a1": [], "caller": ["outside: caller"]}
    (stray,) = a_play(became["s1"]).strays
    assert stray.arrival.upstream == "outside: caller"
    assert any(name.endswith("@case=caller") for name in stray.beside)


def test_what_a_router_calls_as_it_starts_is_no_case_s_own() -> None:
    bench = FakeBench(isolation="fresh", calls_at_start=True)
    disturbing = [case(name, disturbs=True) for name in ("d1", "d2", "d3")]
    became = played(bench, [*disturbing, case("s1", rule=NO_STRAYS)])
    assert [called(became[name]) for name in ("d1", "d2", "d3")] == [["upstream"]] * 3
    assert [stray.arrival.upstream for stray in a_play(became["s1"]).strays] == ["stray of start"] * 2


def test_what_arrives_beside_the_last_cases_is_not_the_lone_one_s_that_was_played_before_them() -> None:
    bench = FakeBench(strays=frozenset({"caller"}))
    cases = [case("a1", alone=True), case("s1", rule=NO_STRAYS, timed=True), case("caller", timed=True)]
    became = played(bench, cases)
    assert called(became["a1"]) == ["upstream"]
    assert [stray.arrival.upstream for stray in a_play(became["s1"]).strays] == ["stray of caller"]
