"""Progress is a bar on a terminal, and elsewhere a line now and then."""

from __future__ import annotations

import io

from rich.console import Console

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.progress import Progress


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def terminal() -> io.StringIO:
    out = io.StringIO()
    out.isatty = lambda: True  # type: ignore[method-assign] # the one thing that tells a terminal
    return out


def test_without_a_terminal_progress_is_a_line_every_ten_seconds() -> None:
    out, clock = io.StringIO(), Clock()
    with Progress(4, Console(file=out), clock) as progress:
        for number in range(3):
            progress.advance(f"router.gate.x@model=m{number}")
            clock.now += 6
        progress.advance("router.request.y@model=m2", Verdict.FAIL)
    assert out.getvalue() == "gate 3/4 · 12.0 s\n"


def test_progress_says_in_which_way_cases_are_played() -> None:
    out, clock = io.StringIO(), Clock()
    progress = Progress(4, Console(file=out), clock)
    progress.phase("side by side")
    progress.advance("router.gate.x")
    progress.phase("one at a time")
    clock.now += 10
    progress.advance("router.error.y", Verdict.FAIL)
    assert out.getvalue() == "error 2/4 · one at a time · 1 failed · 10.0 s\n"


def test_on_a_terminal_a_new_phase_is_shown_at_once() -> None:
    out = terminal()
    with Progress(4, Console(file=out, force_terminal=True)) as progress:
        progress.phase("in new routers")
    assert "in new routers" in out.getvalue()


def test_a_case_that_is_told_twice_counts_once() -> None:
    out, clock = io.StringIO(), Clock()
    progress = Progress(4, Console(file=out), clock)
    for verdict in (None, Verdict.FAIL, Verdict.FAIL):
        progress.advance("router.gate.x@model=m", verdict)
    clock.now += 10
    progress.advance("router.gate.y", Verdict.PASS)
    assert out.getvalue() == "gate 2/4 · 1 failed · 10.0 s\n"


def test_on_a_terminal_progress_is_a_bar_that_goes_away() -> None:
    out = terminal()
    with Progress(4, Console(file=out, force_terminal=True, width=80, _environ={"TERM": "xterm"})) as progress:
        progress.advance("router.gate.x@model=m", Verdict.FAIL)
    assert "gate 1/4 · 1 failed · 0.0 s" in out.getvalue()
    assert out.getvalue().endswith("\x1b[2K")  # the line is empty again


def test_forced_colours_do_not_make_a_log_a_terminal() -> None:
    out = io.StringIO()
    with Progress(4, Console(file=out, force_terminal=True, _environ={"TERM": "xterm"})) as progress:
        progress.advance("router.gate.x@model=m")
    assert out.getvalue() == ""
