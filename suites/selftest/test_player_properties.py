"""Whatever dies: no case is lost, no innocent accused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from kimi_conformance.contract.trip import Play
from kimi_conformance.router.tally import Infra
from suites.selftest.fake_bench import ALWAYS, FakeBench, case, fates, played

if TYPE_CHECKING:
    from kimi_conformance.router.case import Case

NUMBERS = st.sampled_from([0, 0, 0, 1, 2, 3, ALWAYS])


@st.composite
def scripts(draw: st.DrawFn) -> tuple[FakeBench, list[Case], int]:
    names = [f"c{number}" for number in range(draw(st.integers(1, 12)))]
    kinds = st.sampled_from(["", "alone", "disturbs", "fresh"])
    cases = [
        case(name, *[name] * draw(st.integers(1, 2)), **{kind: True for kind in [draw(kinds)] if kind})
        for name in names
    ]
    isolation = st.sampled_from(["none", "shared", "fresh"])
    bench = FakeBench(
        kills={name: draw(NUMBERS) for name in names},
        poisons={name: draw(NUMBERS) for name in names} if draw(st.booleans()) else {},
        refuses=frozenset(draw(st.sets(st.integers(1, 20), max_size=1))),
        strays=frozenset(draw(st.sets(st.sampled_from(names)))),
        calls_at_start=draw(st.booleans()),
        isolation=draw(isolation),
    )
    return bench, cases, draw(st.integers(1, 5))


@settings(max_examples=150, deadline=None, database=None)
@given(scripts())
def test_whatever_dies_no_case_is_lost_and_no_innocent_accused(script: tuple[FakeBench, list[Case], int]) -> None:
    bench, cases, concurrency = script
    trouble = [*bench.kills.items(), *bench.poisons.items()]
    deadly = {name for name, times in bench.kills.items() if times == ALWAYS}
    innocent = {name for name in bench.kills if not any(times for one, times in trouble if one == name)}
    calm = not bench.refuses and not any(times for _, times in trouble)
    told: list[str] = []
    became = played(bench, cases, concurrency=concurrency, told=told)
    assert sorted(told) == sorted(one.id for one in cases)
    assert list(became) == [one.asks[0].model.slug for one in cases]
    fate = fates(became)
    assert not {name for name in innocent if fate[name] == "ended"}
    assert not {name for name in deadly if fate[name] == "fine"}
    given_up = any(isinstance(one, Infra) and "started again" in one.reason for one in became.values())
    assert given_up or all(fate[name] == "ended" for name in deadly)
    assert not calm or set(fate.values()) == {"fine"}
    for one in became.values():
        if isinstance(one, Play):
            assert one.ended or not any(trip.client.error for trip in one.trips)
