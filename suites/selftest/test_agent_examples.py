"""Every way to name an agent: the examples hold, and a router that does not heed the agent is noticed in each."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.profiles import LoadedProfile, load_profile
from kimi_conformance.router.plan import Plan, make_plan
from kimi_conformance.router.run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.router.verdicts import Judged

EXAMPLES = Path(__file__).parents[1] / "routing" / "examples" / "agents"
TODAY = date(2026, 11, 23)
WAYS = ("header", "path", "bearer", "body", "port")
TO_PLAN = "router.gate.claude-takes-plan-route"
OFF_PLAN = "router.gate.other-agents-never-take-plan-route"

needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed: this example was not run")


@pytest.mark.parametrize("way", WAYS)
def test_the_example_of_each_way_passes_every_gate_case(way: str, tmp_path: Path) -> None:
    plan = _plan(way)
    judged = _played(plan, "router.gate.*", tmp_path)
    assert Counter(one.verdict for one in judged.values()) == {Verdict.PASS: len(judged)}
    assert {plan.cases[case].requirement for case in judged} >= {TO_PLAN, "router.gate.non-claude-leaves-plan-route"}


@pytest.mark.parametrize(
    ("way", "strangers"),
    [pytest.param("port", set(), id="port"), pytest.param("bearer", {"agent-none"}, id="bearer")]
    + [
        pytest.param(way, {"agent-none", "agent-with-word", "agent-proto"}, id=way)
        for way in ("header", "path", "body")
    ],
)
def test_agents_without_a_plan_are_tried_as_far_as_they_can_be_named(way: str, strangers: set[str]) -> None:
    asked = {case.asks[0].agent.slug for case in _plan(way).cases.values() if case.requirement == OFF_PLAN}
    assert asked >= strangers
    assert (len(asked) > len(strangers)) == (len(strangers) > 1)


@pytest.mark.parametrize("way", WAYS)
def test_a_router_that_looks_for_the_agent_elsewhere_is_noticed_in_each_way(way: str, tmp_path: Path) -> None:
    loaded = _loaded(way)
    start = loaded.profile.start
    assert start is not None
    elsewhere = "body" if way == "header" else "header"
    deaf = start.model_copy(update={"env": start.env | {"AGENT_BY": elsewhere}})
    plan = make_plan(replace(loaded, profile=loaded.profile.model_copy(update={"start": deaf})), TODAY)
    judged = _played(plan, TO_PLAN, tmp_path)
    assert Counter(one.verdict for one in judged.values()) == {Verdict.FAIL: len(judged)}
    findings = [finding for one in judged.values() for finding in one.findings]
    assert all("took the wrong route: default" in finding.message for finding in findings)


@pytest.mark.parametrize(
    "profile", ["decide-callable", pytest.param("operator-decide", marks=needs_node, id="operator-decide")]
)
def test_the_example_of_each_bare_decision_passes_every_gate_case(profile: str, tmp_path: Path) -> None:
    plan = _plan(profile)
    judged = _played(plan, "router.gate.*", tmp_path)
    assert Counter(one.verdict for one in judged.values()) == {Verdict.PASS: len(judged)}
    tried = {plan.cases[case].requirement for case in judged}
    assert tried >= {TO_PLAN, OFF_PLAN, "router.gate.tier-belongs-to-route"}
    assert any("agent=agent-leading-blank" in case for case in judged)


def test_a_bare_decision_that_does_not_heed_the_agent_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "deaf.py").write_text(
        (EXAMPLES / "decision.py").read_text("utf-8").replace('question.get("agent")', "None"), "utf-8"
    )
    loaded = _loaded("decide-callable")
    profile = loaded.profile.model_copy(update={"decide": "deaf:decide"})
    moved = replace(loaded.document, path=tmp_path / "decide-callable.yaml")
    judged = _played(make_plan(replace(loaded, profile=profile, document=moved), TODAY), TO_PLAN, tmp_path)
    assert Counter(one.verdict for one in judged.values()) == {Verdict.FAIL: len(judged)}
    assert {one.message for one in judged.values()} == {"decided for the wrong route: default"}


def test_the_ways_differ_in_nothing_but_how_the_agent_is_named() -> None:
    promises = [_loaded(way).profile.model_dump(exclude={"name", "start", "agent", "client_headers"}) for way in WAYS]
    assert all(promise == promises[0] for promise in promises)


def _loaded(name: str) -> LoadedProfile:
    return load_profile(str(EXAMPLES / f"{name}.yaml"))


def _plan(name: str) -> Plan:
    return make_plan(_loaded(name), TODAY)


def _played(plan: Plan, only: str, scratch: Path) -> Mapping[str, Judged]:
    """The verdicts on the cases that `only` names: at least one."""
    cases, _ = plan.select([only])
    assert cases
    run = Run(plan, tools=scratch, keep=scratch)
    try:
        run.start(cases)
        return run.results()
    finally:
        run.close()
