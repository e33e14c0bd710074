"""`check`: the routing suites against one router."""

from __future__ import annotations

import sys
import tempfile
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from kimi_conformance.cli.exits import INTERRUPTED, exit_code
from kimi_conformance.cli.pytest_child import run_pytest
from kimi_conformance.registry.problems import nearest
from kimi_conformance.registry.profiles import REFERENCE, LoadedProfile, load_profile
from kimi_conformance.reporting.console import print_summary
from kimi_conformance.reporting.listing import print_list
from kimi_conformance.reporting.write import read_results, write_results
from kimi_conformance.router.install import install, is_installed
from kimi_conformance.router.plan import Plan, make_plan
from kimi_conformance.router.shard import Shard, parse_shard

if TYPE_CHECKING:
    from collections.abc import Sequence

ProfileArgument = Annotated[
    str,
    typer.Argument(
        metavar="[PROFILE]",
        help="A path (with a separator, or ending in .yaml), or the name of a bundled profile.",
        show_default=True,
    ),
]
DateOption = Annotated[
    datetime | None,
    typer.Option(
        "--date", formats=["%Y-%m-%d"], help="The day by which lifecycles are judged. Default: today, in UTC."
    ),
]


def _shard(text: str) -> Shard:
    try:
        return parse_shard(text)
    except ArgumentTypeError as error:
        raise typer.BadParameter(str(error)) from error


def check(
    profile: ProfileArgument = REFERENCE,
    *,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="GLOB", help="Requirement or case ids; may be repeated.")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List what would be played, and leave.")] = False,
    install_: Annotated[
        bool, typer.Option("--install", help="First install what the profile names, into the cache folder.")
    ] = False,
    json_: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write results.json; `-` is standard output.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit report.")] = None,
    allure: Annotated[Path | None, typer.Option(metavar="DIR", help="Write allure-results.")] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the router's log, its configuration and the exchanges.")
    ] = None,
    workers: Annotated[
        int, typer.Option("-n", min=1, metavar="N", help="Workers; each has a router and upstreams of its own.")
    ] = 1,
    concurrency: Annotated[int, typer.Option(min=1, metavar="N", help="Cases played side by side in a worker.")] = 32,
    shard: Annotated[
        Shard | None, typer.Option(parser=_shard, metavar="I/N", help="Play the I-th of N parts only.")
    ] = None,
    date_: DateOption = None,
) -> None:
    """Check a router against the gating rules, from both sides.

    The suite is the client and every upstream: it starts the router of PROFILE between scripted stand-ins, sends it
    hundreds of requests, and judges by what arrives where. Without PROFILE it checks the bundled reference router.

    Exit code: 0 conformant, 1 not conformant, 2 nothing to do or a mistake in the profile or the options, 3 the router
    could not be started, 130 interrupted.
    """
    loaded = load_profile(profile)
    on = date_.date() if date_ else datetime.now(UTC).date()
    plan = make_plan(loaded, on)
    globs = _must_match(plan, only or [], profile)
    if list_:
        _list(plan, globs)
        return
    _must_be_installed(loaded, profile, wanted=install_)
    with tempfile.TemporaryDirectory(prefix="kimi-conformance-results-") as folder:
        found = Path(folder) / "results.json"
        options = [
            *("--router", str(loaded.document.path), "--kimi-date", on.isoformat(), "--kimi-results", str(found)),
            *("--kimi-concurrency", str(concurrency), "--kimi-again", f"kimi-conformance check {profile}"),
            *(word for glob in globs for word in ("--kimi-only", glob)),
            *(("--kimi-shard", f"{shard.index}/{shard.count}") if shard else ()),
            *(("--kimi-keep", str(keep.absolute())) if keep else ()),
            *(("--junitxml", str(junit.absolute())) if junit else ()),
            *(("--alluredir", str(allure.absolute()), "--clean-alluredir") if allure else ()),
            *(("-n", str(workers), "--dist", "loadgroup") if workers > 1 else ()),
        ]
        errors = Path(folder) / "errors.txt"
        code = run_pytest(options, parallel=workers > 1, errors=errors)
        if found.exists():
            raise typer.Exit(_report(found, plan, json_, profile, code))
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        raise NoResults(
            f"pytest ended with exit code {code} and without results; it said:\n{errors.read_text('utf-8')}"
        )


class NoResults(Exception):  # noqa: N818 - it names what happened
    """The child that runs the cases ended without results, and nobody interrupted it."""


def _report(found: Path, plan: Plan, json_: str | None, profile: str, code: int) -> int:
    """Print the summary and write the JSON. The exit code of the command."""
    results = read_results(found)
    if json_:
        write_results(results, json_)
    console = Console(stderr=json_ == "-", highlight=False)
    print_summary(results, plan.requirements, console, again=f"kimi-conformance check {profile}")
    if code == INTERRUPTED:
        console.print("Interrupted: this is what was played to its end.", style="yellow")
        return INTERRUPTED
    return exit_code(results)


def _must_match(plan: Plan, globs: Sequence[str], profile: str) -> Sequence[str]:
    """`globs`, each of which must name a case or a requirement."""
    for glob in globs:
        cases, idle = plan.select([glob])
        if not cases and not idle:
            near = nearest(glob, [*plan.requirements, *plan.cases])
            hint = (
                f"; did you mean '{near}'?" if near else f"; `kimi-conformance check {profile} --list` lists them all"
            )
            raise typer.BadParameter(f"'{glob}' names no requirement or case of {profile}{hint}", param_hint="--only")
    return globs


def _list(plan: Plan, globs: Sequence[str]) -> None:
    cases, idle = plan.select(globs)
    ids: dict[str, list[str]] = {name: [] for name in plan.requirements}
    for case in cases:
        ids[case.requirement].append(case.id)
    shown = {name: found for name, found in ids.items() if found or name in idle}
    print_list(shown, plan.requirements, Console(highlight=False))


def _say(command: str) -> None:
    sys.stderr.write(f"{command}\n")


def _must_be_installed(loaded: LoadedProfile, named: str, *, wanted: bool) -> None:
    if wanted:
        install(loaded.profile, _say)
    elif not is_installed(loaded.profile) and "{tools}" in loaded.document.path.read_text("utf-8"):
        sys.stderr.write(
            f"{loaded.profile.name} is not installed: `kimi-conformance check {named} --install` does it\n"
        )
        raise typer.Exit(2)
