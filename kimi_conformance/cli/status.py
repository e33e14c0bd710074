"""What is being done, on a terminal: one line on standard error that goes away again."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Final

from kimi_conformance.reporting.legible import visible

EVERY_S: Final = 0.2
CLEARED: Final = "\r\x1b[2K"
LONGEST: Final = 78


@dataclass(slots=True)
class Status:
    """Shows and clears the line. Nothing is shown where standard error is no terminal."""

    shown_at: float = 0.0
    shown: bool = False

    def show(self, text: str) -> None:
        """Say `text`, unless something was said a moment ago."""
        if sys.stderr.isatty() and time.monotonic() - self.shown_at >= EVERY_S:
            self.shown_at, self.shown = time.monotonic(), True
            sys.stderr.write(f"{CLEARED}{visible(text)[:LONGEST]}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, where it stands."""
        if self.shown:
            self.shown = False
            sys.stderr.write(CLEARED)
            sys.stderr.flush()
