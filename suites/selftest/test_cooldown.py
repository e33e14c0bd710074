"""A router that calls nobody for 30 s after a 401 or 429: told apart from one that answers wrong, and judged awake."""

from __future__ import annotations

import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.scene import HEALTHY, Scene
from kimi_conformance.contract.trip import Ask, Named, Play
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.cooldown import COOLDOWN, HINT
from kimi_conformance.oracle import World
from kimi_conformance.registry.contracts import catalogue, requirements
from kimi_conformance.router.again import MOST, doubtful
from kimi_conformance.router.case import Case
from kimi_conformance.router.plan import Plan
from kimi_conformance.router.player import NO_NEW_ROUTER
from kimi_conformance.router.run import Run
from kimi_conformance.router.verdicts import Judged
from suites.selftest.driving import PROFILE
from suites.selftest.plays import TODAY, ask, onward, trip

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

RULE = "router.gate.unregistered-model-takes-default"
ODD = Path(__file__).with_name("odd_router.py")
START = {"command": [sys.executable, str(ODD), "{port}", "rests", "."], "env": {"UPSTREAM": "{upstream.main}"}}


def case(name: str, act: str = HEALTHY) -> Case:
    return Case(RULE, (("case", name),), (Ask(Named("any", "any"), scene=Scene((act,))),), disturbs=True)


CASES = [case("opens", "429-rate"), case("victim-1"), case("victim-2")]


def verdicts(
    folder: Path, cases: list[Case], *, concurrency: int = 8, routers: int = 1, **profile: Any
) -> dict[str, Judged]:
    """The verdicts on `cases` at the router that rests."""
    made = Profile.model_validate(PROFILE | {"upstreams": {"main": {"speaks": "openai"}}} | profile)
    world = World(made, catalogue(), TODAY)
    loaded: Any = type("Loaded", (), {"profile": made, "folder": folder})
    plan = Plan(loaded, world, requirements("router"), {}, {}, (), ())
    run = Run(plan, tools=folder, keep=folder / "kept", concurrency=concurrency, routers=routers)
    try:
        run.start(cases)
        found: Mapping[str, Judged] = run.results()
        return {name.partition("@case=")[2]: one for name, one in found.items()}
    finally:
        run.close()


def statuses(one: Judged) -> list[int | None]:
    """What the client got."""
    return [each.client.status for each in one.play.trips] if one.play else []


def test_a_shared_router_that_rests_is_looked_at_once_more_awake_and_it_is_told(tmp_path: Path) -> None:
    found = verdicts(tmp_path, CASES, start=START, isolation="shared")
    assert {name: one.verdict for name, one in found.items()} == dict.fromkeys(
        ("opens", "victim-1", "victim-2"), Verdict.PASS
    )
    assert found["opens"].findings == ()
    assert statuses(found["opens"]) == [429]
    for name in ("victim-1", "victim-2"):
        [note] = found[name].findings
        assert note.verdict is Verdict.PASS
        assert note.message == f"passed in a router that had seen nothing; in the shared one: {COOLDOWN}"


def test_with_fresh_routers_nobody_rests_and_there_is_nothing_to_tell(tmp_path: Path) -> None:
    found = verdicts(tmp_path, CASES, start=START, isolation="fresh")
    assert {(one.verdict, one.findings) for one in found.values()} == {(Verdict.PASS, ())}


def test_several_fresh_routers_at_once_have_stand_ins_and_folders_of_their_own(tmp_path: Path) -> None:
    calm = [replace(case(f"calm-{number}"), disturbs=False) for number in range(40)]
    opening = [case(f"opens-{number}", "429-rate") for number in range(6)]
    found = verdicts(tmp_path, [*calm, *opening], start=START, isolation="fresh", routers=3)
    assert len(found) == 46
    assert {(one.verdict, one.findings) for one in found.values()} == {(Verdict.PASS, ())}
    assert {path.parent.name for path in (tmp_path / "kept").rglob("router.log")} == {"kept", "router-2", "router-3"}


def test_where_the_profile_denies_all_state_the_verdict_says_what_to_do(tmp_path: Path) -> None:
    found = verdicts(tmp_path, CASES, start=START, isolation="none", concurrency=1)
    assert found["opens"].verdict is Verdict.PASS
    assert {(found[name].verdict, found[name].message) for name in ("victim-1", "victim-2")} == {
        (Verdict.FAIL, f"{COOLDOWN} {HINT}")
    }


def test_the_second_looks_have_a_bound_and_what_was_not_looked_at_by_then_keeps_its_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kimi_conformance.router.run.LONGEST_S", 0.0)
    found = verdicts(tmp_path, CASES, start=START, isolation="shared")
    assert {(found[name].verdict, found[name].message) for name in ("victim-1", "victim-2")} == {
        (Verdict.FAIL, f"{COOLDOWN} {HINT}")
    }


def test_a_case_that_needs_a_new_router_is_not_observed_where_somebody_else_has_started_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        found = verdicts(tmp_path, [replace(CASES[1], fresh=True)], url=url, isolation="fresh")
    assert found == {"victim-1": Judged(Verdict.NOT_OBSERVED, message=NO_NEW_ROUTER)}


def test_no_more_than_so_many_cases_have_a_second_look_and_none_that_passed() -> None:
    cases = [case(f"c{number}") for number in range(3 * MOST)]
    play = Play("any", RULE, (trip(ask(), status=503),))
    judged = {one.id: Judged(Verdict.FAIL, play=play) for one in cases} | {
        cases[0].id: Judged(Verdict.PASS, play=play),
        cases[1].id: Judged(Verdict.FAIL, play=replace(play, trips=(trip(ask(), onward("kimi", ask())),))),
        cases[2].id: Judged(Verdict.INFRA_ERROR, message="the port was taken"),
    }
    again = doubtful(cases, judged)
    assert [one.id for one in again] == [one.id for one in cases[3 : 3 + MOST]]
    assert all(one.fresh for one in again)
