"""The way a run is made: between stand-ins that do as they are told, or for real, where each call costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

CAP: Final = 60
"""Calls of a live run, whatever there is to ask."""
ONE_SIDED_CAP: Final = 12
"""And of one in which the client's side alone is seen: it shows little, and the key is somebody's."""


@dataclass(frozen=True, slots=True)
class Way:
    """`live`: calls are real; `smoke`: the operator's criteria only; `picked`: the cases were named one by one.

    `cap` is the most calls of a live run, `pace_s` the time from one to the next, `env` the values of `{env.NAME}`.
    """

    live: bool = False
    smoke: bool = False
    picked: bool = False
    cap: int = CAP
    pace_s: float = 0.0
    env: Mapping[str, str] = field(default_factory=dict)


REPLAY: Final = Way()
