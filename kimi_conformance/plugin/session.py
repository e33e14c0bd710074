"""The runs of a pytest session: one router for all its routing items, or for those of one worker."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.result import How, KnownRecord, Part, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.plugin.keep import keep_exchanges
from kimi_conformance.plugin.subject import Subject
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.reporting.redact import redactor
from kimi_conformance.router.install import tools_folder
from kimi_conformance.router.live_keys import BadKeys, keys_of
from kimi_conformance.router.outer import outer_value
from kimi_conformance.router.outlook import needed, pace_of, smoke, stand_ins_in_live
from kimi_conformance.router.plan import Plan, make_plan
from kimi_conformance.router.run import Run, RunFailed
from kimi_conformance.router.selection import names_of, selection
from kimi_conformance.router.shard import groups
from kimi_conformance.router.verdicts import Judged
from kimi_conformance.router.way import Way

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from kimi_conformance.router.case import Case
    from kimi_conformance.router.shard import Shard

TEST: Final = "test_routing"
"""The test function whose items are the router's cases."""

STAND_INS: Final = How(mode="replay", origin="modelled")
"""In replay mode every upstream is a scripted stand-in of ours: what is seen is the router, never Kimi."""

MOST: Final = 8
"""Routers of one process at once: each takes memory, and some take much."""

PLAN: Final[pytest.StashKey[Plan]] = pytest.StashKey()
RUNS: Final[pytest.StashKey[dict[int, Run]]] = pytest.StashKey()
GROUPS: Final[pytest.StashKey[Mapping[str, int]]] = pytest.StashKey()
WAY: Final[pytest.StashKey[Way]] = pytest.StashKey()
TOLD: Final[pytest.StashKey[Callable[[str], None]]] = pytest.StashKey()
PHASE: Final[pytest.StashKey[Callable[[str], None]]] = pytest.StashKey()


def plan_of(config: pytest.Config) -> Plan:
    """The plan for the profile that `--router` names. Raises `pytest.UsageError` for a bad one."""
    if PLAN not in config.stash:
        try:
            loaded = load_profile(config.getoption("--router"), live=config.getoption("--kimi-mode") == "live")
            config.stash[PLAN] = make_plan(loaded, day_of(config))
        except ContractError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[PLAN]


def day_of(config: pytest.Config) -> date:
    """The day that lifecycles are judged by."""
    given: date | None = config.getoption("--kimi-date")
    return given or datetime.now(UTC).date()


def subject_of(config: pytest.Config) -> Subject:
    """What the controller needs to know of the router's cases."""
    plan = plan_of(config)
    profile = plan.loaded.profile
    live = way_of(config).live
    expired = (f"known_failing '{one.case}' counts no more since {one.until}: {one.reason}" for one in plan.expired)
    return Subject(
        requirements=plan.requirements,
        owner={name: case.requirement for name, case in plan.cases.items()},
        idle=plan.idle,
        target=Target(name=profile.name, version=profile.version, profile_sha256=plan.loaded.sha256),
        how=How(mode="live", origin="modelled") if live else STAND_INS,
        on=plan.world.on,
        shard=part_of(config, lambda: names_of(*selection(plan, config.getoption("--kimi-only")))),
        known=tuple(KnownRecord(case=one.entry.case, cases=tuple(sorted(one.cases))) for one in plan.known),
        notes=(*expired, *(stand_ins_in_live(profile) if live else ())),
    )


def part_of(config: pytest.Config, names: Callable[[], Sequence[str]]) -> Part | None:
    """Which part of the run that `names` its items this session is, where it is not the whole."""
    shard: Shard | None = config.getoption("--kimi-shard")
    return Part(index=shard.index, count=shard.count, selection=tuple(names())) if shard else None


def way_of(config: pytest.Config) -> Way:
    """How the session's run is made. A router of which one side is seen only is asked for real, whatever the mode.

    Raises `pytest.UsageError` where a live run lacks a key.
    """
    if WAY not in config.stash:
        loaded = plan_of(config).loaded
        live = config.getoption("--kimi-mode") == "live" or loaded.profile.one_sided
        try:
            keys = keys_of(loaded, outer_value) if live else {}
        except BadKeys as error:
            raise pytest.UsageError(str(error)) from error
        config.stash[WAY] = Way(
            live=live,
            smoke=config.getoption("--kimi-smoke"),
            picked=bool(config.getoption("--kimi-only")),
            cap=config.getoption("--kimi-cap"),
            pace_s=pace_of(loaded.profile, keys, config.getoption("--kimi-rpm")),
            env=keys,
        )
    return config.stash[WAY]


def chosen(config: pytest.Config, plan: Plan) -> tuple[Sequence[Case], Mapping[str, str]]:
    """The cases and the idle requirements that the options select."""
    cases, idle = selection(plan, config.getoption("--kimi-only"), config.getoption("--kimi-shard"))
    if config.getoption("--kimi-smoke"):
        cases, idle = smoke(cases), {}
    return needed(cases, plan.loaded.profile, way_of(config)), idle


def group_of(config: pytest.Config, plan: Plan, case: str) -> int:
    """The group of `case`: each group is played by one worker, in one go."""
    if GROUPS not in config.stash:
        config.stash[GROUPS] = groups_for(config, plan, getattr(config, "workerinput", {}).get("workercount", 1))
    return config.stash[GROUPS][case]


def groups_for(config: pytest.Config, plan: Plan, workers: int) -> Mapping[str, int]:
    """The group of every case that is chosen, for so many workers."""
    cases, _ = chosen(config, plan)
    return groups(cases, plan.known, workers)


def judged(item: pytest.Item, case: str) -> tuple[Judged, Run]:
    """The verdict on `case`, and the run that it comes from. The first item of a group has them all played."""
    config = item.config
    plan = plan_of(config)
    group = group_of(config, plan, case)
    runs = config.stash.setdefault(RUNS, {})
    if group not in runs:
        named = {case_of(each) for each in item.session.items}  # cases of the API may be among them
        names = [name for name in plan.cases if name in named and group_of(config, plan, name) == group]
        run = Run(
            plan,
            tools=tools_of(config, plan),
            keep=_keep(config, group),
            concurrency=config.getoption("--kimi-concurrency"),
            routers=_routers(config),
            told=config.stash.get(TOLD, lambda _: None),
            phase=config.stash.get(PHASE, lambda _: None),
            way=way_of(config),
            redactor=redactor,
        )
        runs[group] = run
        run.start([plan.cases[name] for name in names])
    try:
        return runs[group].results()[case], runs[group]
    except RunFailed as error:  # of every case alike: said in a line each, not in a traceback each
        return Judged(Verdict.INFRA_ERROR, message=str(error)), runs[group]


def stopped(config: pytest.Config) -> Mapping[str, tuple[Judged, Run]]:
    """What the runs under way know of the cases that they have played, after they are told to stop."""
    runs = config.stash.get(RUNS, {}).values()
    return {case: (one, run) for run in runs for case, one in run.interrupt().items()}


def close_runs(config: pytest.Config) -> None:
    """End every run, and keep what is to be kept."""
    for group, run in config.stash.get(RUNS, {}).items():
        try:
            if folder := _keep(config, group):
                with suppress(RunFailed):
                    keep_exchanges(folder, run.results(), run)
        finally:
            run.close()
    config.stash[RUNS] = {}


def tools_of(config: pytest.Config, plan: Plan) -> Path:
    """Where the profile's router is installed."""
    given: Path | None = config.getoption("--kimi-tools")
    return given.absolute() if given else tools_folder(plan.loaded.profile)


def case_of(item: pytest.Item) -> str | None:
    """The id of the case that an item is about, where it is about one."""
    callspec = getattr(item, "callspec", None)
    param = callspec.params.get("routed", callspec.params.get("observed")) if callspec else None
    return param.case if param else None


def _routers(config: pytest.Config) -> int:
    """How many routers this process may run at once: its share of the machine's cores, and no more than `MOST`."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
    return max(1, min(cores // workers, MOST))


def _keep(config: pytest.Config, group: int) -> Path | None:
    """The folder for the traces of a group: below the one that was asked for, where there are several."""
    folder: Path | None = config.getoption("--kimi-keep")
    worker = getattr(config, "workerinput", {}).get("workerid")
    return folder / f"{worker}-group-{group}" if folder and worker else folder
