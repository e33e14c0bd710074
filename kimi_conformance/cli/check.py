"""`check`: the routing suites against one router."""

from __future__ import annotations

import shlex
import sys
import tempfile
from argparse import ArgumentTypeError
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kimi_conformance.cli.exits import exit_code
from kimi_conformance.cli.installed import must_be_installed
from kimi_conformance.cli.output import discard, show
from kimi_conformance.cli.outputs import clear_allure, output_file, output_folder
from kimi_conformance.cli.pytest_child import RESULTS, run_pytest
from kimi_conformance.cli.surroundings import Interrupted
from kimi_conformance.registry.problems import nearest
from kimi_conformance.registry.profiles import REFERENCE, load_profile
from kimi_conformance.reporting.console import print_summary
from kimi_conformance.reporting.legible import visible
from kimi_conformance.reporting.listing import print_list
from kimi_conformance.reporting.write import CannotWrite, read_results, write_results
from kimi_conformance.router.plan import Plan, make_plan
from kimi_conformance.router.selection import selection
from kimi_conformance.router.shard import Shard, parse_shard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kimi_conformance.contract.result import Results
    from kimi_conformance.router.case import Case

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


def _shard(text: str) -> Shard:
    try:
        return parse_shard(text)
    except ArgumentTypeError as error:
        raise typer.BadParameter(str(error)) from error


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no date: it takes YYYY-MM-DD, such as 2026-12-31") from None


ProfileArgument = Annotated[
    str,
    typer.Argument(
        metavar="PROFILE",
        help="A path (with a separator, or ending in .yaml), or the name of a bundled profile.",
        show_default=True,
    ),
]
DateOption = Annotated[
    date | None,
    typer.Option(
        "--date", parser=_date, metavar="DATE", help="The day by which lifecycles are judged. Default: today, in UTC."
    ),
]


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a run writes: absolute paths. `json` is `-` for standard output."""

    json: str | None
    junit: Path | None
    allure: Path | None
    keep: Path | None


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
    allure: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write allure-results; those of an earlier run are removed.")
    ] = None,
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
    on: DateOption = None,
) -> None:
    """Check a router against the gating rules, from both sides.

    The suite is the client and every upstream: it starts the router of PROFILE between scripted stand-ins, sends it
    hundreds of requests, and judges by what arrives where. Without PROFILE it checks the bundled reference router.
    """
    loaded = load_profile(profile)
    day = on or datetime.now(UTC).date()
    plan = make_plan(loaded, day)
    cases, idle = _selected(plan, only or [], shard, profile)
    if list_:
        _list(plan, cases, idle)
        return
    outputs = Outputs(
        str(output_file("--json", Path(json_))) if json_ and json_ != "-" else json_,
        output_file("--junit", junit) if junit else None,
        output_folder("--allure", allure) if allure else None,
        output_folder("--keep", keep) if keep else None,
    )
    must_be_installed(loaded, profile, install_too=install_)
    again = f"kimi-conformance check {shlex.quote(profile)}"
    options = [
        *("--router", str(loaded.document.path), "--kimi-date", day.isoformat(), "--kimi-again", again),
        *("--kimi-concurrency", str(concurrency)),
        *(word for glob in only or [] for word in ("--kimi-only", glob)),
        *(("--kimi-shard", f"{shard.index}/{shard.count}") if shard else ()),
        *(("--kimi-keep", str(outputs.keep)) if outputs.keep else ()),
        *(("--junitxml", str(outputs.junit)) if outputs.junit else ()),
        *(("--alluredir", str(outputs.allure)) if outputs.allure else ()),
        *(("-n", str(workers), "--dist", "loadgroup") if workers > 1 else ()),
    ]
    if outputs.allure:
        clear_allure(outputs.allure)
    with tempfile.TemporaryDirectory(prefix="kimi-conformance-") as folder:
        try:
            found = run_pytest(options, parallel=workers > 1, cwd=loaded.folder, folder=Path(folder))
        except Interrupted:
            partly = Path(folder) / RESULTS
            if partly.exists():
                _report(read_results(partly), plan, outputs, again)
            raise
        results = read_results(found)
    _report(results, plan, outputs, again)
    raise typer.Exit(exit_code(results))


def _report(results: Results, plan: Plan, outputs: Outputs, again: str) -> None:
    """Print the summary, and write the JSON."""
    show(lambda console: print_summary(results, plan.requirements, console, again=again), on_stderr=outputs.json == "-")
    if outputs.json:
        called = ("kimi-conformance", *map(visible, sys.argv[1:]))
        try:
            write_results(results.model_copy(update={"command": called}), outputs.json)
        except CannotWrite as error:
            if outputs.json == "-":
                discard(sys.stdout)
            if not isinstance(error.__cause__, BrokenPipeError):
                raise


def _selected(
    plan: Plan, globs: Sequence[str], shard: Shard | None, profile: str
) -> tuple[Sequence[Case], Mapping[str, str]]:
    """What is to be played: each glob must name something, and the shard must hold something of that."""
    for glob in globs:
        if not any(plan.select([glob])):
            near = nearest(glob, [*plan.requirements, *plan.cases])
            listed = f"`kimi-conformance check {shlex.quote(profile)} --list` lists them all"
            hint = f"did you mean '{near}'?" if near else listed
            raise typer.BadParameter(f"'{glob}' names no requirement or case of {profile}; {hint}", param_hint="--only")
    cases, idle = selection(plan, globs, shard)
    if shard and not cases and not idle:
        parts = sum(map(len, selection(plan, globs)))
        what = f"part {shard.index} of {shard.count} is empty: there is no more than {parts} to share out"
        raise typer.BadParameter(what, param_hint="--shard")
    return cases, idle


def _list(plan: Plan, cases: Sequence[Case], idle: Mapping[str, str]) -> None:
    ids: dict[str, list[str]] = {name: [] for name in plan.requirements}
    for case in cases:
        ids[case.requirement].append(case.id)
    shown = {name: found for name, found in ids.items() if found or name in idle}
    show(lambda console: print_list(shown, plan.requirements, console))
