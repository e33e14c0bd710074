"""`verify` and `record`: the API suites, on tape or live."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kimi_conformance.api.budget import askable, smoke
from kimi_conformance.api.keeping import make_room
from kimi_conformance.api.live import CAP
from kimi_conformance.api.plan import make_plan
from kimi_conformance.api.surroundings import surroundings
from kimi_conformance.api.verification import read_verification
from kimi_conformance.cassette.shelf import newest_day
from kimi_conformance.cli.choosing import chosen, print_chosen
from kimi_conformance.cli.exits import exit_code
from kimi_conformance.cli.live_options import (
    BaseUrlOption,
    CapOption,
    KeepOption,
    RpmOption,
    SmokeOption,
    VerificationOption,
    mode_option,
)
from kimi_conformance.cli.outputs import output_file, output_folder, write_file
from kimi_conformance.cli.run_options import (
    AllureOption,
    DateOption,
    HtmlOption,
    JsonOption,
    JunitOption,
    ListOption,
    OnlyOption,
    ShardOption,
)
from kimi_conformance.cli.running import Outputs, outputs_of, run
from kimi_conformance.cli.taking import take
from kimi_conformance.cli.verify_help import RECORD_EXAMPLES, VERIFY_EXAMPLES
from kimi_conformance.registry.home import api_suites
from kimi_conformance.reporting.evidence import gaps_page
from kimi_conformance.router.shard import Shard

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RECORD_EXAMPLES", "VERIFY_EXAMPLES", "record", "verify"]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the API suites, as its command was asked for."""

    command: str
    live: bool
    only: Sequence[str]
    list_: bool
    outputs: Outputs
    on: date | None
    shard: Shard | None = None
    workers: int = 1
    gaps: Path | None = None
    smoke: bool = False
    base_url: str | None = None
    cap: int = CAP
    rpm: float | None = None
    record: Path | None = None
    verification: Path | None = None
    keep: Path | None = None

    def options(self, day: date) -> list[str]:
        """What pytest has to be told."""
        return [
            *("--kimi-verify", "--kimi-mode", "live" if self.live else "replay", "--kimi-date", day.isoformat()),
            *("--kimi-again", self.command, "--kimi-cap", str(self.cap)),
            *(word for glob in self.only for word in ("--kimi-only", glob)),
            *(("--kimi-smoke",) if self.smoke else ()),
            *(("--kimi-base-url", self.base_url) if self.base_url else ()),
            *(("--kimi-rpm", str(self.rpm)) if self.rpm else ()),
            *(("--kimi-record", str(self.record)) if self.record else ()),
            *(("--kimi-verification", str(self.verification)) if self.verification else ()),
            *(("--kimi-answers", str(self.keep)) if self.keep else ()),
            *(("--kimi-shard", f"{self.shard.index}/{self.shard.count}") if self.shard else ()),
            *(("-n", str(self.workers)) if self.workers > 1 else ()),
        ]


def verify(
    *,
    mode: Annotated[str, mode_option("replay (default): on tape; live: for real.")] = "replay",
    smoke_: SmokeOption = False,
    only: OnlyOption = None,
    list_: ListOption = False,
    base_url: BaseUrlOption = None,
    cap: CapOption = CAP,
    rpm: RpmOption = None,
    verification: VerificationOption = None,
    keep: KeepOption = None,
    json_: JsonOption = None,
    junit: JunitOption = None,
    html: HtmlOption = None,
    allure: AllureOption = None,
    gaps: Annotated[
        Path | None, typer.Option("--gaps", metavar="FILE", help="Write what no evidence from Kimi itself shows.")
    ] = None,
    workers: Annotated[int, typer.Option("-n", min=1, metavar="N", help="Replay: workers side by side.")] = 1,
    shard: ShardOption = None,
    on: DateOption = None,
) -> None:
    """Check Kimi itself, on tape or live.

    On tape is what was recorded, or published by others; what we made up ourselves is never a pass. That takes seconds,
    and needs neither key nor network. Live costs money and minutes: `plan` tells how much, --cap is the most. Nothing
    is written but what the options name.
    """
    live = mode == "live"
    of_live = {"--base-url": base_url, "--verification": verification, "--smoke": smoke_, "--rpm": rpm}
    for option, given in {**of_live, "--cap": cap != CAP, "--keep": keep}.items():
        if given and not live:
            raise typer.BadParameter("it goes with --mode live", param_hint=option)
    for option, parted in {"-n": workers > 1, "--shard": shard is not None}.items():
        if live and parted:
            raise typer.BadParameter("a live run asks one question at a time", param_hint=option)
    _run(
        Run(
            "kimi-conformance verify --mode live" if live else "kimi-conformance verify",
            live,
            only or (),
            list_,
            outputs_of(json_, junit, html=html, allure=allure),
            on,
            shard=shard,
            workers=workers,
            gaps=output_file("--gaps", gaps) if gaps else None,
            smoke=smoke_,
            base_url=base_url,
            cap=cap,
            rpm=rpm,
            verification=output_file("--verification", verification) if verification else None,
            keep=_room(keep, list_=list_),
        )
    )


def record(
    *,
    shelf: Annotated[
        Path, typer.Option("--shelf", metavar="DIR", help="Where the cassettes go; those there are replaced.")
    ] = Path("cassettes"),
    from_har: Annotated[
        str | None,
        typer.Option("--from-har", metavar="FILE", help="Ask nothing: take what passes of your own traffic."),
    ] = None,
    only: OnlyOption = None,
    list_: ListOption = False,
    base_url: BaseUrlOption = None,
    cap: CapOption = CAP,
    rpm: RpmOption = None,
    verification: VerificationOption = None,
    keep: KeepOption = None,
    json_: JsonOption = None,
    on: DateOption = None,
) -> None:
    """Check Kimi live, and keep what passes on tape.

    It costs what `verify --mode live` costs, and writes into ./cassettes, or into --shelf. An answer passes in which
    nothing was found wrong; one that does not leaves the cassette that is there as it was.
    """
    if from_har:
        of_live = {"--only": only, "--list": list_, "--base-url": base_url, "--cap": cap != CAP, "--rpm": rpm}
        more = {"--verification": verification, "--keep": keep, "--json": json_, "--date": on}
        for option, given in {**of_live, **more}.items():
            if given:
                raise typer.BadParameter("it goes with a live run, not with --from-har", param_hint=option)
        take(from_har, output_folder("--shelf", shelf))
        return
    _run(
        Run(
            "kimi-conformance record",
            live=True,
            only=only or (),
            list_=list_,
            outputs=outputs_of(json_, None),
            on=on,
            base_url=base_url,
            cap=cap,
            rpm=rpm,
            record=None if list_ else output_folder("--shelf", shelf),
            verification=output_file("--verification", verification) if verification else None,
            keep=_room(keep, list_=list_),
        )
    )


def _room(keep: Path | None, *, list_: bool) -> Path | None:
    """The folder for answers, with room in it; none where nothing is asked. Raises `BadAnswers` and `CannotWrite`."""
    if keep is None or list_:
        return None
    folder = output_folder("--keep", keep)
    make_room(folder)
    return folder


def _run(asked: Run) -> None:
    day = asked.on or (datetime.now(UTC).date() if asked.live else newest_day())
    planned = make_plan(day)
    cases, idle = chosen(planned, asked.only, asked.shard, of="the API", again=asked.command)
    if asked.list_:
        cases, idle = (smoke(cases), {}) if asked.smoke else (cases, idle)
        print_chosen(planned.requirements, askable(cases) if asked.live else cases, idle)
        return
    if asked.live:
        surroundings(os.environ, asked.base_url)  # what is wrong there is said before anything is started
        if asked.verification:
            read_verification(asked.verification)
    results = run(
        api_suites() / "test_api.py",
        asked.options(day),
        asked.outputs,
        planned.requirements,
        asked.command,
        parallel=asked.workers > 1,
        cwd=api_suites(),  # nothing is written there, and the current folder may be gone
    )
    if asked.gaps:
        write_file("--gaps", asked.gaps, gaps_page(results, planned.requirements).encode())
    raise typer.Exit(exit_code(results))
