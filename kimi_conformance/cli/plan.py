"""`plan`: what a live run would do and cost."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from kimi_conformance.api.budget import afford, askable, pace_of, smoke
from kimi_conformance.api.forecast import forecast, print_forecast
from kimi_conformance.api.live import CAP
from kimi_conformance.api.plan import make_plan
from kimi_conformance.api.surroundings import VARIABLES, surroundings
from kimi_conformance.cli.choosing import chosen
from kimi_conformance.cli.live_options import BaseUrlOption, CapOption, RpmOption, SmokeOption, VerificationOption
from kimi_conformance.cli.output import show, write_json
from kimi_conformance.cli.outputs import output_file
from kimi_conformance.cli.run_options import DateOption, OnlyOption

EXAMPLES: Final = """Examples:

\b
  kimi-conformance plan                     balance, models, calls, minutes and price of a night
  kimi-conformance plan --offline           the same without asking for balance and models; needs no key
  kimi-conformance plan --rpm 100 --cap 30
  kimi-conformance plan --json plan.json
"""

NEEDED: Final = VARIABLES["platform-ai"]


def plan(
    *,
    smoke_: SmokeOption = False,
    only: OnlyOption = None,
    base_url: BaseUrlOption = None,
    cap: CapOption = CAP,
    rpm: RpmOption = None,
    verification: VerificationOption = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask for the balance and the models.")] = False,
    json_: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write it as JSON; `-` is standard output.")
    ] = None,
    on: DateOption = None,
) -> None:
    """Say what a live run would do and cost.

    Nothing is sent for it but two requests that cost nothing: for the balance, and for the models. Nothing is written
    but --json.
    """
    json_ = str(output_file("--json", Path(json_))) if json_ and json_ != "-" else json_
    planned = make_plan(on or datetime.now(UTC).date())
    cases, _ = chosen(planned, only or [], None, of="the API", again="kimi-conformance verify")
    variables = dict(os.environ)
    if offline and not variables.get(NEEDED):
        variables[NEEDED] = "none-is-used"  # nothing is sent: what a run would cost can be told before there is a key
    around = surroundings(variables, base_url)
    budget = afford(askable(smoke(cases) if smoke_ else cases), cap, around, verification)
    told = forecast(budget, planned, around, pace_s=pace_of(around, rpm), ask=not offline)
    show(lambda console: print_forecast(told, console), on_stderr=json_ == "-")
    if json_:
        write_json(json_, told.planned().as_json())
