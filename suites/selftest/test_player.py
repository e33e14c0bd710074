"""The player on a bench of these tests' own: what is played when, who is blamed for a death, that nothing is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kimi_conformance.contract.trip import Arrival, Ask, Named, Play, Trip
from kimi_conformance.exchange import Exchange, Request, Response
from kimi_conformance.router.case import Case
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.player import MUTE, RESTARTS, Infra, Player

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kimi_conformance.router.bench import Bench
    from kimi_conformance.router.player import Played

ALWAYS = 10_000
BOUND_S = 10
STEPS = 3
"""So many turns of the loop does a trip take."""
RULE = "router.gate.rule"
NO_STRAYS = "router.request.one-request-per-request"


@dataclass
class FakeBench:
    """A bench whose clock ticks by one whenever it is read, and whose router is no more than whether it lives.

    A name in `kills` ends the router as often as the number says, over the request itself; a name in `poisons` right
    after its answer. `refuses` are the restarts, counted from 1, that fail. A name in `strays` makes the router call
    without a mark; so does every start where `calls_at_start`. A name in `hangs` is never answered, one in `mute` not
    in time.
    """

    kills: dict[str, int] = field(default_factory=dict)
    poisons: dict[str, int] = field(default_factory=dict)
    refuses: frozenset[int] = frozenset()
    strays: frozenset[str] = frozenset()
    hangs: frozenset[str] = frozenset()
    mute: frozenset[str] = frozenset()
    calls_at_start: bool = False
    fresh: bool = False
    restarts: int = 0
    dead: str | None = None
    log: list[str] = field(default_factory=list)
    flying: list[str] = field(default_factory=list)
    most: int = 0
    settled: list[list[str]] = field(default_factory=list)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    _ticks: count[int] = field(default_factory=count)
    _unmarked: list[Arrival] = field(default_factory=list)

    def clock(self) -> float:
        """The next tick."""
        return float(next(self._ticks))

    async def trip(self, ask: Ask) -> Trip:
        """Takes `STEPS` turns of the loop, and may end the router."""
        name, start = ask.model.slug, self.clock()
        self.flying.append(name)
        self.most = max(self.most, len(self.flying))
        self.log.append(f"{name} asked")
        try:
            for _ in range(STEPS):
                await asyncio.sleep(0)
            if name in self.strays:
                self._call_without_mark(name)
            if name in self.hangs:
                self.hanging.set()
                await asyncio.Event().wait()
        finally:
            self.flying.remove(name)
        if not self.dead and self.kills.get(name, 0):
            self.kills[name] -= 1
            self.dead = f"killed by {name}"
        sent = Request("POST", "http://router.test/")
        error = "reset: the router ended" if self.dead else "timeout: too late" if name in self.mute else None
        answer = Exchange(sent, None if error else Response(200), error, start, self.clock())
        if not self.dead and self.poisons.get(name, 0):
            self.poisons[name] -= 1
            self.dead = f"poisoned by {name}"
        self.log.append(f"{name} over")
        return Trip(ask, f"mark of {name}", sent, answer)

    async def settle(self, trips: Iterable[Trip]) -> None:
        """Nothing is ever on its way."""
        self.settled.append([trip.ask.model.slug for trip in trips])
        await asyncio.sleep(0)

    def completed(self, trip: Trip) -> Trip:
        """Each trip arrived once."""
        return replace(trip, arrivals=(Arrival("upstream", trip.client, 0.0),))

    def take_strays(self) -> tuple[Arrival, ...]:
        """The calls without a mark so far."""
        taken = tuple(self._unmarked)
        self._unmarked.clear()
        return taken

    def take_unmarked(self) -> tuple[Arrival, ...]:
        """Nothing comes to a ledger here."""
        return ()

    async def ended(self) -> str | None:
        """How it ended."""
        await asyncio.sleep(0)
        return self.dead

    async def restart(self) -> None:
        """A new router, unless this start is refused."""
        assert not self.flying, "a router must not be replaced under a request"
        self.restarts += 1
        self.log.append("restart")
        self.dead = "never started"
        await asyncio.sleep(0)
        if self.restarts in self.refuses:
            raise CannotStart("its port is taken")
        self.dead = None
        if self.calls_at_start:
            self._call_without_mark("start")

    def _call_without_mark(self, name: str) -> None:
        self._unmarked.append(Arrival(f"stray of {name}", Exchange(Request("POST", "/")), self.clock()))


def ask(name: str) -> Ask:
    return Ask(Named(name, name))


def case(name: str, *names: str, rule: str = RULE, alone: bool = False, together: bool = False) -> Case:
    return Case(rule, (("case", name),), tuple(map(ask, names or [name])), together=together, alone=alone)


def played(
    bench: FakeBench, cases: Sequence[Case], *, concurrency: int = 8, told: list[str] | None = None
) -> dict[str, Played]:
    """What became of each case, by the name that `case` gave it."""
    tell = ([] if told is None else told).append
    player = Player(cast("Bench", bench), concurrency=concurrency, told=tell)
    became = asyncio.run(asyncio.wait_for(player.play(cases), BOUND_S))
    return {name.partition("@case=")[2]: one for name, one in became.items()}


def fates(became: Mapping[str, Played]) -> dict[str, str]:
    """`fine`, `ended` or `infra` for each case."""
    return {
        name: "infra" if isinstance(one, Infra) else "ended" if one.ended else "fine" for name, one in became.items()
    }


def a_play(one: Played) -> Play:
    assert isinstance(one, Play)
    return one


def called(one: Played) -> list[str]:
    """Where the arrivals of a case's trips came in."""
    return [arrival.upstream for trip in a_play(one).trips for arrival in trip.arrivals]


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
    assert bench.settled == [["c1", "c2"], ["a1", "a2"]]


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
    flying = [case("beside", "one", "two"), case("killer")]
    cases = [case("c1"), case("c2"), *flying, case("after"), case("apart", alone=True)]
    became = played(bench, cases, concurrency=2)
    expected = {"c1": "fine", "c2": "fine", "beside": beside, "killer": killer, "after": "infra", "apart": "infra"}
    assert fates(became) == expected
    reasons = {one.reason for one in became.values() if isinstance(one, Infra)}
    assert reasons == {"the router could not be started again: its port is taken"}
    assert bench.restarts == refused


@pytest.mark.parametrize("refused", [1, 2])
def test_a_fresh_router_that_cannot_be_started_accuses_nobody(refused: int) -> None:
    bench = FakeBench(fresh=True, refuses=frozenset({refused}))
    became = played(bench, [case("a1", alone=True), case("a2", alone=True)])
    assert fates(became) == {"a1": "fine" if refused == 2 else "infra", "a2": "infra"}
    assert became["a2"] == Infra("the router could not be started again: its port is taken")
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


def test_each_case_apart_has_a_router_of_its_own_where_the_profile_says_fresh() -> None:
    bench = FakeBench(fresh=True)
    names = [f"a{number}" for number in range(RESTARTS + 1)]
    became = played(bench, [case("calm"), *(case(name, alone=True) for name in names)])
    assert set(fates(became).values()) == {"fine"}
    expected = ["calm asked", "calm over"] + [f"{name}{what}" for name in names for what in ("", " asked", " over")]
    assert ["restart" if entry in names else entry for entry in expected] == bench.log


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


def test_what_a_router_calls_as_it_starts_is_no_case_s_own() -> None:
    bench = FakeBench(fresh=True, calls_at_start=True)
    became = played(bench, [case("a1", alone=True), case("s1", rule=NO_STRAYS), case("a2", alone=True)])
    assert called(became["a1"]) == called(became["a2"]) == ["upstream"]
    assert [stray.arrival.upstream for stray in a_play(became["s1"]).strays] == ["stray of start"] * 2


@pytest.mark.parametrize(("alone", "done"), [(False, ["c1", "s1"]), (True, ["c1", "s1", "a1"])])
def test_cancelled_it_says_what_became_of_the_cases_played_so_far(done: list[str], *, alone: bool) -> None:
    bench = FakeBench(hangs=frozenset({"stuck"}), strays=frozenset({"a1", "stuck"}))
    calm = [case("c1"), case("s1", rule=NO_STRAYS)]
    cases = [*calm, case("a1", alone=True), case("stuck", alone=alone), case("a2", alone=True)]
    told: list[str] = []

    async def cancelled() -> dict[str, Played]:
        task = asyncio.create_task(Player(cast("Bench", bench), told=told.append).play(cases))
        async with asyncio.timeout(BOUND_S):
            await bench.hanging.wait()
            task.cancel()
            return await task

    became = {name.partition("@case=")[2]: one for name, one in asyncio.run(cancelled()).items()}
    assert list(became) == done
    assert [name.partition("@case=")[2] for name in told] == done
    assert bench.settled[-1] == done
    own = {"a1": ["upstream", "stray of a1"]}
    assert {name: called(one) for name, one in became.items()} == {name: own.get(name, ["upstream"]) for name in done}
    nobodys = [stray.arrival.upstream for stray in a_play(became["s1"]).strays]
    assert nobodys == ([] if alone else ["stray of stuck"])


NUMBERS = st.sampled_from([0, 0, 0, 1, 2, 3, ALWAYS])


@st.composite
def scripts(draw: st.DrawFn) -> tuple[FakeBench, list[Case], int]:
    names = [f"c{number}" for number in range(draw(st.integers(1, 12)))]
    cases = [case(name, *[name] * draw(st.integers(1, 2)), alone=draw(st.booleans())) for name in names]
    bench = FakeBench(
        kills={name: draw(NUMBERS) for name in names},
        poisons={name: draw(NUMBERS) for name in names} if draw(st.booleans()) else {},
        refuses=frozenset(draw(st.sets(st.integers(1, 20), max_size=1))),
        strays=frozenset(draw(st.sets(st.sampled_from(names)))),
        calls_at_start=draw(st.booleans()),
        fresh=draw(st.booleans()),
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
