"""`nightly`: the whole night in one command, and a folder of its results."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kimi_conformance import __version__
from kimi_conformance.api.live import CAP
from kimi_conformance.api.surroundings import VARIABLES
from kimi_conformance.api.verification import read_verification
from kimi_conformance.cli import night_pages, night_steps
from kimi_conformance.cli.live_options import BaseUrlOption, CapOption, RpmOption, SmokeOption
from kimi_conformance.cli.night_folder import SUMMARY, files_in, room_for_a_night
from kimi_conformance.cli.night_walk import Known, Wanted
from kimi_conformance.cli.nightly_help import EXAMPLES
from kimi_conformance.cli.output import tell, write_json
from kimi_conformance.cli.outputs import output_file, output_folder
from kimi_conformance.cli.run_options import DateOption, OnlyOption
from kimi_conformance.cli.webhook import WebhookOption, send, webhook_of
from kimi_conformance.contract.night import FILE, Night, Step, Told, worst
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.reporting.drift_words import plural
from kimi_conformance.reporting.history import read_history, write_history
from kimi_conformance.reporting.night_page import night_message, night_page, word_of
from kimi_conformance.reporting.redact import redactor
from kimi_conformance.reporting.write import BadResults, CannotWrite, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kimi_conformance.cli.webhook import Webhook

__all__ = ["EXAMPLES", "nightly"]

TELL: Final = ("trouble", "always")


def _tell_when(text: str) -> str:
    if text not in TELL:
        raise typer.BadParameter(f"'{text}' is none of {' and '.join(TELL)}")
    return text


def nightly(
    *,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="The folder of results; those of an earlier night are replaced."),
    ] = Path("night"),
    history: Annotated[Path, typer.Option("--history", metavar="FILE", help="A line of JSON for each night.")] = Path(
        "history.jsonl"
    ),
    new_history: Annotated[bool, typer.Option("--new-history", help="Begin the history: there is none yet.")] = False,
    verification: Annotated[
        Path,
        typer.Option("--verification", metavar="FILE", help="When each requirement last held; says whose turn it is."),
    ] = Path("verification.json"),
    cap: CapOption = CAP,
    max_usd: Annotated[
        float | None, typer.Option("--max-usd", min=0, metavar="X", help="Ask nothing where it could cost more.")
    ] = None,
    rpm: RpmOption = None,
    base_url: BaseUrlOption = None,
    only: OnlyOption = None,
    smoke: SmokeOption = False,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            "--against", metavar="DIR", help="What was recorded; may be repeated. Default: the bundled cassettes."
        ),
    ] = None,
    shelf: Annotated[
        Path | None,
        typer.Option("--shelf", metavar="DIR", help="Put passing answers there, and compare with those there first."),
    ] = None,
    pages: Annotated[
        bool, typer.Option("--pages", help="Write reports/API.md and reports/openapi.yaml anew, for a pull request.")
    ] = False,
    router: Annotated[
        list[str] | None, typer.Option("--router", metavar="PROFILE", help="Check this router live; may be repeated.")
    ] = None,
    router_cap: Annotated[
        int | None, typer.Option("--router-cap", min=1, metavar="N", help="At most so many calls for each router.")
    ] = None,
    router_only: Annotated[
        bool, typer.Option("--router-only", help="Check the routers, and ask Kimi nothing.")
    ] = False,
    webhook: WebhookOption = None,
    tell_when: Annotated[
        str, typer.Option("--tell", parser=_tell_when, metavar="WHEN", help="trouble (default), or always.")
    ] = "trouble",
    on: DateOption = None,
) -> None:
    """Do the whole night: plan, verify live, compare, write the pages, remember, tell.

    It costs what `verify --mode live` costs. One call serves verify and drift both. A step that fails is told, and does
    not keep the others from being done.
    """
    _fit(router or [], router_only=router_only, smoke=smoke, shelf=shelf)
    told = webhook_of(webhook)
    nights = _history(history, begin=new_history)
    folder = output_folder("--out", out)
    wanted = Wanted(
        out=folder,
        verification=output_file("--verification", verification),
        cap=cap,
        max_usd=max_usd,
        rpm=rpm,
        base_url=base_url,
        only=only or (),
        smoke=smoke,
        on=on,
        against=[_there(each) for each in against or []],
        shelf=output_folder("--shelf", shelf) if shelf else None,
        routers=router or (),
        router_only=router_only,
        router_cap=router_cap,
        pages=pages,
    )
    read_verification(wanted.verification)  # a broken one is told before anything is sent
    place = output_file("--history", history)
    with room_for_a_night(folder):
        began, known = datetime.now(UTC).replace(microsecond=0), Known()
        _walk(known, wanted)
        line = _told(known, began)
        _remember(known, place, nights, line)
        if not known.interrupted:
            line = line.model_copy(update={"code": worst([step.code for step in known.steps])})
        night = Night(told=line, steps=tuple(known.steps), files=())
        if told and not known.interrupted and (line.code or tell_when == "always"):
            _tell(known, told, night, nights)
        _write(known, folder, line, nights)
    if known.interrupted:
        raise known.interrupted
    raise typer.Exit(line.code)


def _fit(routers: Sequence[str], *, router_only: bool, smoke: bool, shelf: Path | None) -> None:
    if router_only and not routers:
        raise typer.BadParameter("it goes with --router", param_hint="--router-only")
    if smoke and shelf:
        raise typer.BadParameter("three calls are not worth a shelf: it goes without --smoke", param_hint="--shelf")
    for profile in routers:
        load_profile(profile, live=True)  # a mistake in a profile is told before anything is sent


def _there(folder: Path) -> Path:
    if not folder.is_dir():
        raise BadResults(f"--against: there is no folder {folder}")
    return folder.absolute()


def _history(path: Path, *, begin: bool) -> tuple[Told, ...]:
    if not begin:
        return read_history(path)
    if path.exists():
        raise BadResults(
            f"--new-history: there is a history {path} already: leave the option out, or name another file"
        )
    return ()


def _walk(known: Known, wanted: Wanted) -> None:
    """All steps in their order, up to an interrupt."""
    with tempfile.TemporaryDirectory(prefix="kimi-conformance-night-") as scratch:
        passed = Path(scratch) / "passed" if wanted.shelf else None
        if not wanted.router_only:
            _ask(known, wanted, passed)
        for profile in wanted.routers:
            if not known.interrupted:
                night_pages.router(known, wanted, profile)


def _ask(known: Known, wanted: Wanted, passed: Path | None) -> None:
    night_steps.plan(known, wanted)
    if known.stop and not known.interrupted:
        known.leave_out("verify", known.stop)
        known.leave_out("drift", "nothing was asked")
    elif not known.interrupted:
        night_steps.verify(known, wanted, passed)
    if known.asked and not known.interrupted:
        night_steps.drift(known, wanted)
    if passed and wanted.shelf and known.asked:
        night_pages.keep(known, passed, wanted.shelf)
    for page in (night_pages.report, night_pages.badge) if known.results else ():
        if not known.interrupted:
            page(known, wanted)
    if not known.interrupted:
        night_pages.docs(known, wanted)


def _told(known: Known, began: datetime) -> Told:
    results, drift, asked = known.results, known.drift, known.asked
    codes = [step.code for step in known.steps]
    return Told(
        suite=__version__,
        began=began,
        where=asked.where if asked else known.planned.where if known.planned else None,
        code=known.interrupted.exit_code if known.interrupted else worst(codes),
        conformant=results.conformant if results and results.totals.get(Verdict.PASS) else None,
        totals=results.totals if results else {},
        failing=night_steps.failing_in(results) if results else (),
        drift=drift.totals if drift and drift.compared else None,
        breaking=tuple(each.where for each in drift.of("breaking")) if drift else (),
        compared=len(drift.compared) if drift else 0,
        not_compared=len(drift.not_compared) if drift else 0,
        asked=asked.sent if asked else 0,
        usd=known.planned.usd if known.planned and asked and asked.sent else 0.0,
        stopped=known.stop,
        routers=known.routers,
    )


def _remember(known: Known, place: Path, nights: Sequence[Told], line: Told) -> None:
    try:
        write_history(place, [*nights, line])
    except CannotWrite as error:
        known.add(Step(name="history", outcome="mistake", code=2, says=str(error)))
        return
    known.add(Step(name="history", outcome="done", code=0, says=f"{plural(len(nights) + 1, 'night')} in {place.name}"))


def _tell(known: Known, webhook: Webhook, night: Night, nights: Sequence[Told]) -> None:
    """Tell the webhook. One that fails is told of here, and changes no exit code."""
    keys = {variable: os.environ.get(variable, "") for variable in VARIABLES.values()}
    redact = redactor({"webhook": webhook.url, **keys})
    wrong = send(webhook, night_message(night, nights, known.drift, redact))
    says = f"not told: {wrong}" if wrong else f"{webhook.host} was told"
    known.add(Step(name="webhook", outcome="failed" if wrong else "done", code=0, says=says))


def _write(known: Known, folder: Path, line: Told, nights: Sequence[Told]) -> None:
    """Write night.json and summary.md, and say what the night came to."""
    night = Night(told=line, steps=tuple(known.steps), files=files_in(folder))
    write_json(str(folder / FILE), night.as_json())
    page = night_page(night, nights, known.drift)
    try:
        write_whole(folder / SUMMARY, page.encode())
    except OSError as error:
        raise CannotWrite(f"{folder / SUMMARY} cannot be written: {error.strerror or error}") from error
    tell(f"{word_of(line)}: {folder / SUMMARY}")
