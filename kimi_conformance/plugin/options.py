"""The plugin's options."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kimi_conformance.router.shard import parse_shard

if TYPE_CHECKING:
    import pytest


def add_options(parser: pytest.Parser) -> None:
    """`--router` and its companions."""
    group = parser.getgroup("kimi-conformance", "conformance of Kimi routers")
    group.addoption("--router", metavar="PROFILE", help="the router profile: a path, or the name of a bundled one")
    group.addoption(
        "--kimi-mode",
        choices=["replay", "live"],
        default="replay",
        help="replay: no network; live: suites/api asks Kimi",
    )
    group.addoption("--kimi-verify", action="store_true", help="the session is about suites/api: results are its own")
    group.addoption(
        "--kimi-base-url", metavar="URL", default=None, help="live: another host in the place of Kimi's own"
    )
    group.addoption("--kimi-cap", type=int, default=60, metavar="N", help="live: at most so many calls")
    group.addoption("--kimi-rpm", type=float, default=None, metavar="N", help="live: at most so many calls a minute")
    group.addoption("--kimi-record", type=Path, default=None, metavar="DIR", help="live: keep what passes as cassettes")
    group.addoption("--kimi-answers", type=Path, default=None, metavar="DIR", help="live: keep every answer on tape")
    group.addoption("--kimi-verification", type=Path, default=None, metavar="FILE", help="live: when each last held")
    group.addoption("--kimi-smoke", action="store_true", help="three calls only")
    group.addoption("--kimi-only", action="append", default=[], metavar="GLOB", help="requirement or case ids")
    group.addoption("--kimi-concurrency", type=int, default=32, metavar="N", help="cases played side by side")
    group.addoption("--kimi-shard", type=parse_shard, default=None, metavar="I/N", help="the I-th of N parts")
    group.addoption("--kimi-date", type=date.fromisoformat, default=None, metavar="DATE", help="the day of the run")
    group.addoption("--kimi-tools", type=Path, default=None, metavar="DIR", help="where the router is installed")
    group.addoption("--kimi-keep", type=Path, default=None, metavar="DIR", help="keep log, configs and exchanges")
    group.addoption("--kimi-again", default=None, metavar="COMMAND", help="the command that failures tell to run again")
    group.addoption("--kimi-results", metavar="FILE", help="write results.json")
    group.addoption("--kimi-progress", type=int, default=None, metavar="FD", help="show progress on a descriptor")


def again_of(config: pytest.Config) -> str:
    """The command that runs a case again, without its `--only`."""
    return config.getoption("--kimi-again") or f"kimi-conformance check {config.getoption('--router')}"
