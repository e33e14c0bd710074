"""What readers of traffic find, and how they say that they cannot read on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight


@dataclass(frozen=True, slots=True)
class Found:
    """The exchange number `index` (from 0) of `file`; without a sight it cannot be judged, and `why` says why not."""

    file: str
    index: int
    sight: Sight | None
    why: str = ""


class Unreadable(Exception):
    """A file cannot be read, or not to its end: what is wrong, where, and how to mend it."""


class Odd(Exception):
    """One exchange of a file cannot be judged. Says why; the next one may well be."""
