"""`record --from-har`: somebody's own traffic put on tape."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from kimi_conformance.api.own_traffic import tape
from kimi_conformance.api.plan import make_plan
from kimi_conformance.cassette.shelf import path_of
from kimi_conformance.cli.exits import USAGE
from kimi_conformance.cli.output import tell, write
from kimi_conformance.traffic.read import read


def take(file: str, shelf: Path) -> None:
    """Put what passes in `file` on the shelf, and say what was left out. Raises `Unreadable`."""
    plan = make_plan(datetime.now(UTC).date())
    taped = tape(read(file), plan, shelf, f"HAR {Path(file).name}")
    for name in taped.names:
        write(f"{path_of(name, shelf)}\n")
    for why, times in taped.left.items():
        tell(f"left out {times}: {why}")
    if not taped.names:
        tell(f"nothing of {file} passes: no cassette was written")
        raise typer.Exit(USAGE)
    tell("prompts and answers stand there as they were: read them before you share them")
