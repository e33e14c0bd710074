"""Where the answer in a cassette comes from, and what that is worth as evidence."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal, TypeAlias

from pydantic import Field

from kimi_conformance.contract.frozen import Frozen

Origin: TypeAlias = Literal["live", "observed", "modelled"]
"""`live`: a run of ours against Kimi. `observed`: a real answer that somebody published. `modelled`: our own idea."""

WORTH: Final[tuple[Origin, ...]] = ("live", "observed", "modelled")
"""Strongest first."""

KEY: Final = "provenance"
"""Its place in a cassette: beside status, headers and body of the response, where stock vcrpy keeps what it meets."""


class Provenance(Frozen):
    """What is said of an answer. `request` is `presumed` where the source does not show all that was asked."""

    origin: Origin
    recorded_at: date
    source: str = Field(min_length=3)
    request: Literal["sent", "presumed"] = "sent"
    note: str | None = None
