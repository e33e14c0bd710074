"""What was seen of a call: the sight that is judged, and where it comes from; or why it was not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from kimi_conformance.api.call import Call
    from kimi_conformance.contract.provenance import Origin
    from kimi_conformance.judge.api.sight import Sight


@dataclass(frozen=True, slots=True)
class Seen:
    """A call that was seen, where what was seen comes from, and of which day it is."""

    sight: Sight
    origin: Origin
    on: date


@dataclass(frozen=True, slots=True)
class Unseen:
    """A call that was not seen, and why."""

    why: str


See: TypeAlias = "Callable[[Call, int], Seen | Unseen]"
"""Sees a call, on tape or live; the number tells attempts apart, from 0. Asked twice it gives the same again."""
