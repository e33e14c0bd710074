"""Progress of the routing cases for the command line."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from rich.console import Console

from kimi_conformance.plugin.session import PHASE, TOLD, case_of
from kimi_conformance.reporting.progress import Progress

if TYPE_CHECKING:
    import pytest


def begin(session: pytest.Session) -> None:
    """Show how many cases are played, on the descriptor that `--kimi-progress` names."""
    config = session.config
    descriptor: int | None = config.getoption("--kimi-progress")
    total = sum(1 for item in session.items if case_of(item))
    if descriptor is not None and total and not hasattr(config, "workerinput"):
        shown = Progress(total, Console(file=os.fdopen(descriptor, "w", encoding="utf-8", closefd=False)))

        def told(case: str) -> None:
            with suppress(OSError, SystemExit):  # rich leaves where nobody reads any more; the run goes on
                shown.advance(case)

        def phase(name: str) -> None:
            with suppress(OSError, SystemExit):
                shown.phase(name)

        shown.__enter__()
        config.add_cleanup(lambda: shown.__exit__(None, None, None))
        config.stash[TOLD] = told
        config.stash[PHASE] = phase
