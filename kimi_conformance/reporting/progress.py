"""How far a run is, on standard error: a bar on a terminal, else a line every ten seconds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

from kimi_conformance.contract.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

LINE_EVERY_S: Final = 10.0

_FAILED: Final = frozenset({Verdict.FAIL, Verdict.STALE_KNOWN, Verdict.INFRA_ERROR})


class Progress:
    """Counts cases up to `total`. A context manager: it clears the bar away when the run is over.

    `console` is standard error unless given, so that standard output holds results only. `clock` counts seconds.
    """

    def __init__(self, total: int, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._console = console or Console(stderr=True)
        self._clock = clock
        self._began = self._said = clock()
        self._done: set[str] = set()
        self._failed: set[str] = set()
        self._area = ""
        self._phase = ""
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        """Show the bar, on a terminal."""
        if self._console.is_interactive and self._console.file.isatty():
            columns = (
                SpinnerColumn(),
                BarColumn(bar_width=24),
                TextColumn("{task.description} · {task.elapsed:.1f} s"),
            )
            # Redirected streams would fight with the capture of pytest.
            self._bar = Bar(
                *columns, console=self._console, transient=True, redirect_stdout=False, redirect_stderr=False
            )
            self._bar.add_task(self._text, total=self._total)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Clear it away."""
        if self._bar:
            self._bar.stop()

    def advance(self, case: str, verdict: Verdict | None = None) -> None:
        """`case` was played, or (with its verdict) judged. One that is told twice counts once."""
        self._done.add(case)
        self._area = case.split(".", 2)[1]
        if verdict in _FAILED:
            self._failed.add(case)
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=len(self._done), description=self._text)
        elif (now := self._clock()) - self._said >= LINE_EVERY_S:
            self._said = now
            line = f"{self._text} · {now - self._began:.1f} s"
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def phase(self, name: str) -> None:
        """The cases are played in another way from now on."""
        self._phase = name
        if self._bar:
            self._bar.update(self._bar.task_ids[0], description=self._text)

    @property
    def _text(self) -> str:
        """`gate 120/480 · one at a time · 2 failed`; the area is that of the latest case."""
        phase = f" · {self._phase}" if self._phase else ""
        failed = f" · {len(self._failed)} failed" if self._failed else ""
        return f"{self._area} {len(self._done)}/{self._total}{phase}{failed}".lstrip()
