"""Whatever dies: no case is lost, no innocent accused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from kimi_conformance.contract.trip import Play
from kimi_conformance.router.tally import Infra
from suites.selftest.fake_bench import ALWAYS, FakeBench, case, fates, played

if TYPE_CHECKING:
    from kimi_conformance.router.case import Case

NUMBERS = st.sampled_from([0, 0, 0, 1, 2, 3, ALWAYS])
KINDS = st.sampled_from(
    [
        {},
        {"alone": True},
        {"disturbs": True},
        {"fresh": True},
        {"disturbs": True, "alone": True},
        {"acts": ("refused",)},
    ]
)


@dataclass(frozen=True)
class Script:
    """Cases, the first router, the further ones that there may be, and how many fly at once."""

    cases: list[Case]
    bench: FakeBench
    others: list[FakeBench]
    concurrency: int

    def times(self, name: str) -> int:
        """How often `name` ends a router, or has it end."""
        return self.bench.kills[name] + self.bench.poisons.get(name, 0)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    names = [f"c{number}" for number in range(draw(st.integers(1, 12)))]
    cases = [case(name, *[name] * draw(st.integers(1, 2)), **draw(KINDS)) for name in names]
    refused = st.frozensets(st.integers(1, 20), max_size=1)
    bench = FakeBench(
        kills={name: draw(NUMBERS) for name in names},
        poisons={name: draw(NUMBERS) for name in names} if draw(st.booleans()) else {},
        refuses=draw(refused),
        strays=draw(st.frozensets(st.sampled_from(names))),
        calls_at_start=draw(st.booleans()),
        isolation=draw(st.sampled_from(["none", "shared", "fresh"])),
    )
    # One router's deaths are another's, too: the numbers are theirs together.
    others = [
        FakeBench(bench.kills, bench.poisons, draw(refused), bench.strays, isolation=bench.isolation)
        for _ in range(draw(st.integers(0, 2)))
    ]
    return Script(cases, bench, others, draw(st.integers(1, 5)))


@settings(max_examples=300, deadline=None, database=None)
@given(scripts())
def test_whatever_dies_no_case_is_lost_and_no_innocent_accused(script: Script) -> None:
    times = {name: script.times(name) for name in script.bench.kills}
    deadly = {name for name, often in script.bench.kills.items() if often == ALWAYS}
    calm = not script.bench.refuses and not any(times.values())
    told: list[str] = []
    became = played(script.bench, script.cases, concurrency=script.concurrency, told=told, others=script.others)
    assert sorted(told) == sorted(one.id for one in script.cases)
    assert list(became) == [one.asks[0].model.slug for one in script.cases]
    fate = fates(became)
    assert not {name for name, often in times.items() if not often and fate[name] == "ended"}
    assert not {name for name in deadly if fate[name] == "fine"}
    given_up = any(isinstance(one, Infra) and "started again" in one.reason for one in became.values())
    assert given_up or all(fate[name] == "ended" for name in deadly)
    assert not calm or set(fate.values()) == {"fine"}
    for one in became.values():
        if isinstance(one, Play):
            assert one.ended or not any(trip.client.error for trip in one.trips)


@settings(max_examples=150, deadline=None, database=None)
@given(scripts())
def test_each_case_is_played_in_the_state_of_the_router_that_it_needs(script: Script) -> None:
    quiet = [replace(each, kills={}, poisons={}, refuses=frozenset()) for each in (script.bench, *script.others)]
    became = played(quiet[0], script.cases, concurrency=script.concurrency, others=quiet[1:])
    assert set(fates(became).values()) == {"fine"}
    of = {one.asks[0].model.slug: one for one in script.cases}
    for bench in quiet:
        flying: list[str] = []
        begun: set[str] = set()
        seen = disturbed = False
        for entry in bench.log:
            name, _, what = entry.partition(" ")
            if entry == "restart":
                seen = disturbed = False
            elif what == "over":
                flying.remove(name)
            else:
                one = of[name]
                others = {each for each in flying if each != name}
                assert not others or not (one.lone or one.fresh or any(of[each].lone for each in others))
                assert (
                    not others
                    or bench.isolation == "none"
                    or not (one.disturbs or any(of[each].disturbs for each in others))
                )
                assert not (one.fresh and seen and name not in begun)
                assert not (bench.isolation == "fresh" and disturbed and name not in begun)
                flying.append(name)
                begun.add(name)
                seen = True
                disturbed |= one.disturbs
