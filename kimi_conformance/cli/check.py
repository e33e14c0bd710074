"""`check`: the routing suites against one router."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from kimi_conformance.cli.choosing import chosen, print_chosen
from kimi_conformance.cli.exits import exit_code
from kimi_conformance.cli.installed import must_be_installed
from kimi_conformance.cli.run_options import (
    AllureOption,
    DateOption,
    JsonOption,
    JunitOption,
    ListOption,
    OnlyOption,
    ProfileArgument,
    ShardOption,
)
from kimi_conformance.cli.running import outputs_of, run
from kimi_conformance.registry.home import routing_suites
from kimi_conformance.registry.profiles import REFERENCE, load_profile
from kimi_conformance.router.plan import make_plan

EXAMPLES: Final = """Examples:

\b
  kimi-conformance check                                    the bundled reference router
  kimi-conformance check operator-node                      another bundled profile
  kimi-conformance check ./router.yaml                      your own
  kimi-conformance check ./router.yaml --list               its requirements and cases
  kimi-conformance check ./router.yaml --only 'router.gate.*'
  kimi-conformance check ./router.yaml --only CASE --keep traces
  kimi-conformance check litellm --install                  a router that is installed first
  kimi-conformance check --json results.json --junit junit.xml --allure allure-results

\b
Exit codes:
  0    conformant
  1    not conformant: a MUST does not hold, or a listed known failure fails no more
  2    a mistake in the profile or the options, or nothing was played
  3    nothing can be said: the router could not be started, a port was taken
  130  interrupted (Ctrl-C): what was played by then is reported; 143 by SIGTERM
"""


def check(
    profile: ProfileArgument = REFERENCE,
    *,
    only: OnlyOption = None,
    list_: ListOption = False,
    install_: Annotated[
        bool, typer.Option("--install", help="First install what the profile names, into the cache folder.")
    ] = False,
    json_: JsonOption = None,
    junit: JunitOption = None,
    allure: AllureOption = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the router's log, its configuration and the exchanges.")
    ] = None,
    workers: Annotated[
        int, typer.Option("-n", min=1, metavar="N", help="Workers; each has a router and upstreams of its own.")
    ] = 1,
    concurrency: Annotated[int, typer.Option(min=1, metavar="N", help="Cases played side by side in a worker.")] = 32,
    shard: ShardOption = None,
    on: DateOption = None,
) -> None:
    """Check a router against the gating rules, from both sides.

    The suite is the client and every upstream: it starts the router of PROFILE between scripted stand-ins, sends it
    hundreds of requests, and judges by what arrives where. Without PROFILE it checks the bundled reference router.
    """
    loaded = load_profile(profile)
    day = on or datetime.now(UTC).date()
    plan = make_plan(loaded, day)
    again = f"kimi-conformance check {shlex.quote(profile)}"
    cases, idle = chosen(plan, only or [], shard, of=profile, again=again)
    if list_:
        print_chosen(plan.requirements, cases, idle)
        return
    outputs = outputs_of(json_, junit, allure, keep)
    must_be_installed(loaded, profile, install_too=install_)
    options = [
        *("--router", str(loaded.document.path), "--kimi-date", day.isoformat(), "--kimi-again", again),
        *("--kimi-concurrency", str(concurrency)),
        *(word for glob in only or [] for word in ("--kimi-only", glob)),
        *(("--kimi-shard", f"{shard.index}/{shard.count}") if shard else ()),
        *(("--kimi-keep", str(outputs.keep)) if outputs.keep else ()),
        *(("-n", str(workers), "--dist", "loadgroup") if workers > 1 else ()),
    ]
    suite = routing_suites() / "test_routing.py"
    results = run(suite, options, outputs, plan.requirements, again, parallel=workers > 1, cwd=loaded.folder)
    raise typer.Exit(exit_code(results))
