"""The plugin's options, and the state that hangs on pytest's config."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.registry.problems import ContractError
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.plan import Plan, make_plan
from kimi_conformance.router.shard import Shard, parse_shard

if TYPE_CHECKING:
    from kimi_conformance.contract.result import CaseResult

PLAN: Final[pytest.StashKey[Plan | None]] = pytest.StashKey()
RESULTS: Final[pytest.StashKey[dict[str, CaseResult]]] = pytest.StashKey()
STARTED: Final[pytest.StashKey[datetime]] = pytest.StashKey()


def add_options(parser: pytest.Parser) -> None:
    """`--router` and its companions."""
    group = parser.getgroup("kimi-conformance", "conformance of Kimi routers")
    group.addoption("--router", metavar="PROFILE", help="the router profile: a path, or the name of a bundled one")
    group.addoption("--kimi-mode", choices=["replay"], default="replay", help="replay: stand-ins only, no network")
    group.addoption("--kimi-only", action="append", default=[], metavar="GLOB", help="requirement or case ids")
    group.addoption("--kimi-concurrency", type=int, default=32, metavar="N", help="cases played side by side")
    group.addoption("--kimi-shard", type=parse_shard, default=None, metavar="I/N", help="the I-th of N parts")
    group.addoption("--kimi-date", type=date.fromisoformat, default=None, metavar="DATE", help="the day of the run")
    group.addoption("--kimi-tools", type=Path, default=None, metavar="DIR", help="where the router is installed")
    group.addoption("--kimi-keep", type=Path, default=None, metavar="DIR", help="keep log, configs and exchanges")
    group.addoption("--kimi-again", default=None, metavar="COMMAND", help="the command that failures tell to run again")
    group.addoption("--kimi-results", metavar="FILE", help="write results.json")
    group.addoption("--kimi-progress", type=int, default=None, metavar="FD", help="show progress on a descriptor")


def plan_of(config: pytest.Config) -> Plan | None:
    """The plan for `--router`, or `None` without it. Raises `pytest.UsageError` for a bad profile."""
    if PLAN not in config.stash:
        named = config.getoption("--router")
        try:
            config.stash[PLAN] = make_plan(load_profile(named), day_of(config)) if named else None
        except ContractError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[PLAN]


def day_of(config: pytest.Config) -> date:
    """The day that lifecycles are judged by."""
    given: date | None = config.getoption("--kimi-date")
    return given or datetime.now(UTC).date()


def shard_of(config: pytest.Config) -> Shard:
    """The part of the cases that is this run's."""
    shard: Shard | None = config.getoption("--kimi-shard")
    return shard or Shard(1, 1)


def again_of(config: pytest.Config) -> str:
    """The command that runs a case again, without its `--only`."""
    return config.getoption("--kimi-again") or f"kimi-conformance check {config.getoption('--router')}"
