"""Calls of Kimi's API sent for real by a command of its own: what it costs is said first, and every answer is kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kimi_conformance.api.budget import afford, pace_of
from kimi_conformance.api.drifting import named_calls, to_ask
from kimi_conformance.api.forecast import forecast, print_forecast
from kimi_conformance.api.keeping import answers
from kimi_conformance.api.live import Live
from kimi_conformance.cli.output import show
from kimi_conformance.cli.status import Status
from kimi_conformance.cli.surroundings import Interrupted
from kimi_conformance.reporting.redact import redactor
from kimi_conformance.reporting.write import CannotWrite, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kimi_conformance.api.plan import Plan
    from kimi_conformance.api.surroundings import Surroundings


def ask(
    only: Sequence[str], plan: Plan, around: Surroundings, folder: Path, *, cap: int, rpm: float | None
) -> Interrupted | None:
    """Send the calls that `only` names, as many as the cap allows, and keep the answers in `folder`.

    Returns what interrupted that. Raises `CannotWrite`.
    """
    calls = named_calls(plan, only)
    cases = to_ask(plan, calls)
    budget, pace_s = afford(cases, cap, around), pace_of(around, rpm)
    told = forecast(budget, plan, around, pace_s=pace_s, ask=False)
    show(lambda console: print_forecast(told, console), on_stderr=True)
    status = Status()
    interrupted: Interrupted | None = None
    with tempfile.TemporaryDirectory(prefix="kimi-conformance-tapes-") as tapes:
        live = Live(around, plan.on, Path(tapes), cap=cap, pace_s=pace_s)
        try:
            for case in budget.asked:
                for call in case.all_calls:
                    status.show(f"{live.sent} of {len(budget.calls)} calls, {call.name}")
                    live(call)
        except Interrupted as signalled:
            interrupted = signalled
        status.clear()
        why = "interrupted before its turn" if interrupted else f"the cap of {cap} calls leaves it for another run"
        redact = redactor({f"key.{name}": value for name, value in around.keys.items()})
        for path, data in answers(live, calls, folder, redact, why):
            try:
                write_whole(path, data)
            except OSError as error:
                raise CannotWrite(f"{path} cannot be written: {error.strerror or error}") from error
    return interrupted
