"""`drift`: what is seen of Kimi now, against what was recorded."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kimi_conformance.api.drifting import Sides, drifted, named_calls
from kimi_conformance.api.keeping import make_room
from kimi_conformance.api.live import CAP
from kimi_conformance.api.plan import make_plan
from kimi_conformance.api.problems import BadAnswers
from kimi_conformance.api.surroundings import VARIABLES, surroundings
from kimi_conformance.cli.asking import ask
from kimi_conformance.cli.drift_help import EXAMPLES
from kimi_conformance.cli.exits import CONFORMANT, INFRA, NOT_CONFORMANT
from kimi_conformance.cli.live_options import BaseUrlOption, CapOption, RpmOption
from kimi_conformance.cli.output import show, tell, write_json
from kimi_conformance.cli.outputs import output_file, output_folder
from kimi_conformance.cli.run_options import DateOption
from kimi_conformance.cli.webhook import Webhook, WebhookOption, send, webhook_of
from kimi_conformance.registry.home import cassettes
from kimi_conformance.registry.problems import nearest
from kimi_conformance.reporting.drift_page import drift_page
from kimi_conformance.reporting.drift_summary import print_drift
from kimi_conformance.reporting.message import drift_message
from kimi_conformance.reporting.redact import redactor
from kimi_conformance.reporting.write import CannotWrite, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kimi_conformance.api.plan import Plan
    from kimi_conformance.contract.drifted import Drift

__all__ = ["EXAMPLES", "drift"]

BUNDLED = "the bundled cassettes"


def drift(
    *,
    seen: Annotated[
        Path | None,
        typer.Option("--seen", metavar="DIR", help="Ask nothing: what is seen are the answers in this folder."),
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            "--against",
            metavar="DIR",
            help="What was recorded. Default: the bundled cassettes. Of several the first that has an answer counts.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="GLOB", help="Calls by name (area/slug); may be repeated.")
    ] = None,
    base_url: BaseUrlOption = None,
    cap: CapOption = CAP,
    rpm: RpmOption = None,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="DIR", help="Live: keep every answer on tape; an earlier run's are removed."),
    ] = None,
    json_: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the drift as JSON; `-` is standard output.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write it as a page of Markdown.")
    ] = None,
    webhook: WebhookOption = None,
    on: DateOption = None,
) -> None:
    """Compare what Kimi answers now with what was recorded.

    Without --seen it asks Kimi itself, and costs what a live run costs. Members, types, fixed words, errors, headers,
    the list of models and the order of events are compared, each difference with its evidence. What could not be
    compared is told, and never taken as equal. --webhook is told of breaking drift, and where nothing was compared.
    """
    of_live = {"--base-url": base_url, "--cap": cap != CAP, "--rpm": rpm, "--keep": keep}
    for option, given in of_live.items():
        if given and seen:
            raise typer.BadParameter("it goes with a live run, not with --seen", param_hint=option)
    told = webhook_of(webhook)
    json_file = str(output_file("--json", Path(json_))) if json_ and json_ != "-" else json_
    page_file = output_file("--markdown", markdown) if markdown else None
    recorded = [_folder("--against", each) for each in against or [cassettes()]]
    plan = make_plan(on or datetime.now(UTC).date())
    interrupted = None
    with ExitStack() as stack:
        if seen:
            folder = _folder("--seen", seen)
        else:
            around = surroundings(os.environ, base_url)
            _must_name(only or [], plan)
            folder = _room(keep, stack)
            interrupted = ask(only or [], plan, around, folder, cap=cap, rpm=rpm)
        found = drifted(Sides(tuple(recorded), _called(recorded), folder, only or ()), plan)
    _report(found, plan, json_file, page_file)
    code = _exit_code(found)
    if told and code != CONFORMANT:
        _tell(told, found)
    if interrupted:
        raise interrupted
    raise typer.Exit(code)


def _must_name(only: Sequence[str], plan: Plan) -> None:
    """Raises `typer.BadParameter` for a glob that names no call."""
    for glob in only:
        if not named_calls(plan, [glob]):
            near = nearest(glob, plan.calls)
            hint = f"did you mean '{near}'?" if near else "contracts/calls.yaml has them all"
            raise typer.BadParameter(f"'{glob}' names no call; {hint}", param_hint="--only")


def _folder(option: str, path: Path) -> Path:
    if not path.is_dir():
        raise BadAnswers(f"{option}: there is no folder {path}")
    return path


def _called(recorded: Sequence[Path]) -> str:
    return ", then ".join(BUNDLED if each == cassettes() else str(each) for each in recorded)


def _room(keep: Path | None, stack: ExitStack) -> Path:
    """The folder in which answers are kept: one that goes away again, where nobody names another."""
    if keep is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kimi-conformance-drift-")))
    folder = output_folder("--keep", keep)
    make_room(folder)
    return folder


def _report(found: Drift, plan: Plan, json_file: str | None, page_file: Path | None) -> None:
    show(lambda console: print_drift(found, plan.requirements, console), on_stderr=json_file == "-")
    if json_file:
        write_json(json_file, found.as_json())
    if page_file:
        try:
            write_whole(page_file, drift_page(found).encode())
        except OSError as error:
            raise CannotWrite(f"{page_file} cannot be written: {error.strerror or error}") from error


def _tell(webhook: Webhook, found: Drift) -> None:
    keys = {variable: os.environ.get(variable, "") for variable in VARIABLES.values()}
    redact = redactor({"webhook": webhook.url, **keys})
    if wrong := send(webhook, drift_message(found, redact)):
        tell(f"the webhook was not told: {wrong}")


def _exit_code(found: Drift) -> int:
    if not found.compared:
        return INFRA
    return NOT_CONFORMANT if found.totals["breaking"] else CONFORMANT
