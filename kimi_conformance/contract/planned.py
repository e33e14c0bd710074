"""What a live run would do and cost: the form of `plan --json`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from kimi_conformance.contract.frozen import Frozen


class Planned(Frozen):
    """The calls by name, and for how many cases; the most that they can cost, but for `unpriced` of them.

    `funds` is the account's available balance, None where nobody asked or it was not told. `over` counts the cases that
    the cap leaves for another run, `missing` names the variables that have no key.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    where: str
    calls: tuple[str, ...]
    cases: int
    over: int
    minutes: float
    usd: float
    unpriced: int
    missing: tuple[str, ...]
    account: dict[str, str]
    funds: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The document, with its member `schema`."""
        return self.model_dump(mode="json", by_alias=True)
