"""The plan of a run: which cases a profile has, which requirements are idle and why, what it admits to fail."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from kimi_conformance.registry.contracts import requirements
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router import plan as plan_module
from kimi_conformance.router.plan import Plan, make_plan
from suites.selftest.plays import SECTIONS, TODAY

if TYPE_CHECKING:
    from pathlib import Path

REASON: Final = "it was seen to do so by hand"
SHAPE: Final = "router.request.temperature-untouched"
LISTS: Final = "router.models.lists-registered-models"


def planned(folder: Path, *known: dict[str, Any], **sections: Any) -> Plan:
    """The plan of the profile by hand with these known failings."""
    path = folder / "router.yaml"
    entries = [{"reason": REASON} | entry for entry in known]
    written = {**SECTIONS, **sections, "known_failing": entries}
    path.write_text(yaml.safe_dump({k: v for k, v in written.items() if v is not None}, sort_keys=False), "utf-8")
    return make_plan(load_profile(str(path)), TODAY)


@cache
def reference() -> Plan:
    return make_plan(load_profile("reference"), TODAY)


def test_the_reference_router_has_every_feature_but_those_of_portkeys() -> None:
    rules = reference().requirements
    portkeys = {name for name, rule in rules.items() if {"portkey-retry", "portkey-fallback"} & {*rule.needs}}
    assert set(reference().idle) == portkeys
    assert {one.requirement for one in reference().cases.values()} == set(rules) - portkeys


ONLY_KIMI: Final = {"models": {"kimi-k3": "kimi"}}
ONE_SURFACE: Final[dict[str, Any]] = {
    "surfaces": {"chat": "/c"},
    "routes": {"kimi": {"upstream": "gateway"}},
    "policy": ONLY_KIMI,
}


@pytest.mark.parametrize(
    ("sections", "requirement", "why"),
    [
        pytest.param({"policy": ONLY_KIMI}, "claude-takes-plan-route", "no plan agents", id="no-plan"),
        pytest.param(
            {"agent": None, "policy": {**ONLY_KIMI, "default": "default"}},
            "non-claude-leaves-plan-route",
            "(`agent:`); the policy has no plan agents",
            id="two-features-lacking",
        ),
        pytest.param({}, "tier-belongs-to-route", "where a tier can be seen", id="no-tier"),
        pytest.param(ONE_SURFACE, "same-for-every-surface", "one completion surface", id="one-surface"),
        pytest.param({"policy": ONLY_KIMI}, "prefix-resolved", "no prefixes", id="no-prefixes"),
        pytest.param(
            {"policy": {"models": {"own-model": "kimi"}}},
            "registered-models-are-served",
            "the profile's matrix has no such cell",
            id="no-model-of-the-catalogue",
        ),
    ],
)
def test_a_requirement_without_a_case_is_idle_for_a_reason(
    sections: dict[str, Any], requirement: str, why: str, tmp_path: Path
) -> None:
    plan = planned(tmp_path, **sections)
    name = f"router.gate.{requirement}"
    assert why in plan.idle[name]
    assert name not in {one.requirement for one in plan.cases.values()}


def test_a_bare_decision_has_no_cases_about_the_wire(tmp_path: Path) -> None:
    plan = planned(tmp_path, url=None, decide="table:decide")
    areas = {one.requirement.split(".")[1] for one in plan.cases.values()}
    assert areas == {"gate"}
    assert plan.idle[SHAPE] == "a bare decision has no wire"
    blanks = {one.asks[0].agent.value for key, one in plan.cases.items() if "agent-leading-blank" in key}
    assert blanks == {" dispo"}


def test_outer_blanks_of_an_agent_are_no_case_on_the_wire() -> None:
    assert [key for key in reference().cases if re.search("agent-(leading|trailing)-blank", key)] == []


@pytest.mark.parametrize(
    ("glob", "pattern"),
    [
        pytest.param(SHAPE, rf"{SHAPE}@.*", id="requirement"),
        pytest.param(f"{SHAPE}@*", rf"{SHAPE}@.*", id="its-cases"),
        pytest.param("router.request.*@tools=none", r"router\.request\.tools-untouched@.*@tools=none", id="over-rules"),
        pytest.param("*@model=kimi-k3@*", r".*@model=kimi-k3@.*", id="over-areas"),
        pytest.param(
            "router.request.t*", r"router\.request\.t(emperature|ools)-untouched@.*", id="glob-over-requirements"
        ),
        pytest.param("*[!a-z]k3@surface=?hat", r".*-k3@surface=chat", id="sets-and-single-letters"),
    ],
)
def test_a_known_failing_entry_covers_what_it_names(glob: str, pattern: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, {"case": glob}, **ONE_SURFACE)
    [known] = plan.known
    assert known.entry.case == glob
    assert known.cases == {key for key in plan.cases if re.fullmatch(pattern, key)}


def test_a_known_failing_entry_covers_exactly_one_case_where_it_names_one(tmp_path: Path) -> None:
    one = next(key for key in planned(tmp_path, **ONE_SURFACE).cases if key.startswith(SHAPE))
    [known] = planned(tmp_path, {"case": one}, **ONE_SURFACE).known
    assert known.cases == {one}


@pytest.mark.parametrize(
    ("glob", "says"),
    [
        pytest.param(f"{SHAPE}s", f"did you mean '{SHAPE}'?", id="misspelt"),
        pytest.param("Router.Request.Temperature-Untouched", f"did you mean '{SHAPE}'?", id="another-case"),
        pytest.param("router.request.tools-untouched@*@model=nobody", "matches no case of this profile", id="glob"),
        pytest.param(f"{SHAPE}@temperature=[a-b]", "matches no case of this profile", id="set"),
        pytest.param(
            "router.gate.tier-belongs-to-route",
            "matches no case of this profile: the profile does not say where a tier can be seen (`tier_seen:`)",
            id="idle",
        ),
    ],
)
def test_a_known_failing_entry_that_matches_nothing_is_told_with_its_line(glob: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as raised:
        planned(tmp_path, {"case": SHAPE}, {"case": glob}, **ONE_SURFACE)
    [problem] = raised.value.problems
    lines = (tmp_path / "router.yaml").read_text("utf-8").splitlines()
    assert problem.line is not None
    assert glob in lines[problem.line - 1]
    assert f"router.yaml:{problem.line}: known_failing entry '{glob}' " in str(problem)
    assert says in str(problem)


def test_all_entries_that_match_nothing_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as raised:
        planned(tmp_path, {"case": "no.such.one"}, {"case": SHAPE}, {"case": "nor.this.one"}, **ONE_SURFACE)
    assert ["no.such" in str(raised.value.problems[0]), "nor.this" in str(raised.value.problems[1])] == [True, True]


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        pytest.param(-1, False, id="yesterday"),
        pytest.param(0, True, id="today"),
        pytest.param(1, True, id="tomorrow"),
        pytest.param(None, True, id="for-ever"),
    ],
)
def test_a_known_failing_entry_counts_through_its_last_day(days: int | None, tmp_path: Path, *, counts: bool) -> None:
    until = {} if days is None else {"until": TODAY + timedelta(days)}
    plan = planned(tmp_path, {"case": SHAPE} | until, **ONE_SURFACE)
    assert [one.entry.case for one in plan.known] == [SHAPE] * counts
    assert [one.case for one in plan.expired] == [SHAPE] * (not counts)


def test_an_expired_entry_must_match_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(ContractError):
        planned(tmp_path, {"case": "no.such.one", "until": TODAY - timedelta(1)}, **ONE_SURFACE)


def test_without_globs_everything_is_selected() -> None:
    cases, idle = reference().select([])
    assert [one.id for one in cases] == list(reference().cases)
    assert idle is reference().idle


@pytest.mark.parametrize("globs", [[SHAPE], [f"{SHAPE}@*"], [f"{SHAPE}@*", "no.such.one"], ["*.temperature-*"]])
def test_cases_are_selected_by_requirement_or_by_glob(globs: list[str]) -> None:
    cases, _ = reference().select(globs)
    assert [one.id for one in cases] == [key for key, one in reference().cases.items() if one.requirement == SHAPE]


def test_a_case_is_selected_by_its_id() -> None:
    for key in list(reference().cases)[::50]:
        assert [one.id for one in reference().select([key])[0]] == [key]


def test_idle_requirements_are_selected_by_their_names(tmp_path: Path) -> None:
    plan = planned(tmp_path, surfaces={"chat": "/c", "messages": "/m"})
    assert set(plan.select(["router.models.*"])[1]) == {LISTS, "router.models.shape"}
    assert plan.select([LISTS]) == ((), {LISTS: "the profile has no surface `models`"})
    assert plan.select([f"{LISTS}@*"]) == ((), {})


def test_an_excluded_requirement_is_idle_and_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rules = dict(requirements("router"))
    unseen = rules[SHAPE].model_copy(update={"id": "router.request.unseen", "excluded": "Nobody can see it."})
    monkeypatch.setattr(plan_module, "requirements", lambda _: rules | {unseen.id: unseen})
    assert planned(tmp_path, **ONE_SURFACE).idle["router.request.unseen"] == "Nobody can see it."
