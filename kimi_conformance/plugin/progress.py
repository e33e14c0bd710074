"""Progress of the routing cases on standard error, for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.plugin.session import TOLD, case_of
from kimi_conformance.reporting.progress import Progress

if TYPE_CHECKING:
    import pytest


def begin(session: pytest.Session) -> None:
    """Show how many cases are played, where `--kimi-progress` asks for it."""
    config = session.config
    total = sum(1 for item in session.items if case_of(item))
    if config.getoption("--kimi-progress") and total and not hasattr(config, "workerinput"):
        shown = Progress(total)
        shown.__enter__()
        config.add_cleanup(lambda: shown.__exit__(None, None, None))
        config.stash[TOLD] = shown.advance
