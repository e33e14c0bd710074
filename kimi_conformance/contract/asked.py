"""What a live run asked, beside the answers that it kept: asked.json in their folder."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal

from pydantic import Field

from kimi_conformance.contract.calls import CallName
from kimi_conformance.contract.frozen import Frozen

FILE: Final = "asked.json"


class Asked(Frozen):
    """Whom it asked, when, in how many calls, what stopped it; which answers it kept, and why it has no others."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    where: str
    on: date
    sent: int
    stopped: str | None = None
    kept: tuple[CallName, ...] = ()
    unseen: dict[str, str] = {}

    def as_json(self) -> dict[str, Any]:
        """The document, with its member `schema`."""
        return self.model_dump(mode="json", by_alias=True)
