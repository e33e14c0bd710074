"""A run that is cancelled says what became of the cases played so far."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from kimi_conformance.router.player import Player
from suites.selftest.fake_bench import BOUND_S, NO_STRAYS, FakeBench, a_play, called, case

if TYPE_CHECKING:
    from kimi_conformance.router.bench import Bench
    from kimi_conformance.router.tally import Played


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
    assert [name for names in bench.settled for name in names] == done
    own = {"a1": ["upstream", "stray of a1"]}
    assert {name: called(one) for name, one in became.items()} == {name: own.get(name, ["upstream"]) for name in done}
    nobodys = [stray.arrival.upstream for stray in a_play(became["s1"]).strays]
    assert nobodys == ([] if alone else ["stray of stuck"])
