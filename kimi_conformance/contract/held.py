"""When a requirement last held live: an entry of reports/verification.json."""

from __future__ import annotations

from datetime import date

from kimi_conformance.contract.frozen import Frozen


class Held(Frozen):
    """The last time that a requirement was seen to hold live."""

    held: date
    where: str
    model: str | None = None
    request_id: str | None = None
    suite: str
