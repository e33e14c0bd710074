"""The judge: pure functions from plays to findings, registered under requirement ids. No I/O, no clock.

All checks are imported when the first of `__all__` is asked for, not with `judge.check`, where they are registered.
Most commands play nothing themselves, and need one function of the judge at the most: they would take half as long
again to start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kimi_conformance.judge.registered import CHECKS, ONE_SIDED, judge, verdict

__all__ = ["CHECKS", "ONE_SIDED", "judge", "verdict"]


def __getattr__(name: str) -> object:
    """One of `__all__` (PEP 562), with all checks."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.registered"), name)
