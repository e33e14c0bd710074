"""A run of the routing suites, as `check` was asked for it."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import typer

from kimi_conformance.cli.by_url import profile_of
from kimi_conformance.cli.choosing import chosen, print_chosen
from kimi_conformance.cli.exits import CONFORMANT, NOT_CONFORMANT, exit_code
from kimi_conformance.cli.installed import must_be_installed
from kimi_conformance.cli.output import show, tell
from kimi_conformance.cli.readable import must_be_readable
from kimi_conformance.cli.running import Outputs, run
from kimi_conformance.registry.home import routing_suites
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.reporting.smoke import criteria, unfailing
from kimi_conformance.router.plan import make_plan
from kimi_conformance.router.way import CAP, ONE_SIDED_CAP, Way

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from datetime import date
    from pathlib import Path

    from kimi_conformance.registry.profiles import LoadedProfile
    from kimi_conformance.router.case import Case
    from kimi_conformance.router.plan import Plan
    from kimi_conformance.router.shard import Shard


@dataclass(frozen=True, slots=True)
class ByUrl:
    """A router of which only the address is known, and how to ask it."""

    url: str
    models: Sequence[str]
    key_env: str | None


@dataclass(frozen=True, slots=True)
class Check:
    """What was asked for. `again` is the command without its selection, `profile` what names the router there."""

    profile: str
    by_url: ByUrl | None
    again: str
    on: date
    outputs: Outputs
    live: bool = False
    smoke: bool = False
    cap: int | None = None
    rpm: float | None = None
    only: Sequence[str] = ()
    list_: bool = False
    install: bool = False
    workers: int = 1
    concurrency: int = 32
    shard: Shard | None = None

    def options(self, path: Path, *, live: bool) -> list[str]:
        """What pytest has to be told."""
        shard, keep = self.shard, self.outputs.keep
        return [
            *("--router", str(path), "--kimi-date", self.on.isoformat(), "--kimi-again", self.again),
            *("--kimi-concurrency", str(self.concurrency), "--kimi-cap", str(self.cap or CAP)),
            *(("--kimi-mode", "live") if live else ()),
            *(("--kimi-smoke",) if self.smoke else ()),
            *(("--kimi-rpm", str(self.rpm)) if self.rpm else ()),
            *(word for glob in self.only for word in ("--kimi-only", glob)),
            *(("--kimi-shard", f"{shard.index}/{shard.count}") if shard else ()),
            *(("--kimi-keep", str(keep)) if keep else ()),
            *(("-n", str(self.workers), "--dist", "loadgroup") if self.workers > 1 else ()),
        ]


def checked(asked: Check) -> int:
    """Do what was asked for. The exit code; raises `typer.BadParameter` where that cannot be done."""
    by_url = asked.by_url
    named: AbstractContextManager[str] = nullcontext(asked.profile)
    if by_url:
        named = profile_of(by_url.url, models=by_url.models, key_env=by_url.key_env, on=asked.on)
    with named as name:
        loaded = load_profile(name, live=asked.live)
        return _checked(asked, loaded, make_plan(loaded, asked.on))


def _checked(asked: Check, loaded: LoadedProfile, plan: Plan) -> int:
    live = asked.live or loaded.profile.one_sided
    asked = replace(asked, cap=asked.cap or (ONE_SIDED_CAP if loaded.profile.one_sided else CAP))
    cases, idle = chosen(plan, asked.only, asked.shard, of=asked.profile, again=asked.again)
    if asked.smoke:
        if asked.shard:
            raise typer.BadParameter("a smoke test is three calls: there is nothing to share out", param_hint="--shard")
        from kimi_conformance.router.outlook import smoke  # noqa: PLC0415 - it brings in the judge, for this option only

        cases, idle = smoke(cases), {}
        if not cases:
            raise typer.BadParameter("the profile registers no model that could be asked for", param_hint="--smoke")
    if asked.list_:
        print_chosen(plan.requirements, cases, idle)
        return 0
    if live:
        _forecast(asked, loaded, plan, cases)
    must_be_installed(loaded, asked.profile, install_too=asked.install)
    must_be_readable(loaded)
    results = run(
        routing_suites() / "test_routing.py",
        asked.options(loaded.document.path, live=live),
        asked.outputs,
        plan.requirements,
        asked.again,
        parallel=asked.workers > 1,
        cwd=loaded.folder,
    )
    if asked.smoke:
        lines = list(criteria(results, ledger=loaded.profile.ledger is not None))
        show(lambda console: console.print("", *lines, sep="\n", soft_wrap=True), on_stderr=asked.outputs.json == "-")
        return exit_code(results) or (CONFORMANT if unfailing(results) else NOT_CONFORMANT)
    return exit_code(results)


def _forecast(asked: Check, loaded: LoadedProfile, plan: Plan, cases: Sequence[Case]) -> None:
    """Say what a run for real will come to before anything is sent. Raises `BadKeys`, `typer.BadParameter`."""
    # They bring in the judge, a third of the time that a command takes to start: for this mode only.
    from kimi_conformance.router.forecast import cost_of  # noqa: PLC0415 - see above
    from kimi_conformance.router.live_keys import keys_of  # noqa: PLC0415 - see above
    from kimi_conformance.router.outlook import outlook, pace_of  # noqa: PLC0415 - see above

    for option, given in {"-n": asked.workers > 1, "--shard": asked.shard}.items():
        if given:
            raise typer.BadParameter("calls that cost are made one at a time", param_hint=option)
    profile = loaded.profile
    if not profile.one_sided and not any(upstream.live for upstream in profile.upstreams.values()):
        what = f"no upstream of {asked.profile} has `live:`, the address of the real service behind it"
        raise typer.BadParameter(what, param_hint="--mode")
    env = keys_of(loaded, os.environ.get)
    pace_s = pace_of(profile, env, asked.rpm)
    way = Way(live=True, smoke=asked.smoke, picked=bool(asked.only), cap=asked.cap or CAP, pace_s=pace_s, env=env)
    seen = outlook(cases, profile, way)
    tell(f"live: {cost_of(seen, profile, plan.world.catalogue, pace_s=pace_s).says}; --cap {asked.cap} is the most")
