"""What a served Kimi is: which host, on which day, with whose keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kimi_conformance.contract.catalogue import Catalogue

Platform: TypeAlias = Literal["platform-ai", "platform-cn"]
LogicalHost: TypeAlias = Literal["platform-ai", "platform-cn", "coding"]


@dataclass(frozen=True, slots=True)
class Account:
    """Whose key it is: the host that gave it out, whether there is money, how many requests a minute are allowed."""

    host: LogicalHost
    funds: bool = True
    rpm: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Money of an account with funds, in the currency of the host."""

    voucher: float = 46.58893
    cash: float = 3.00001


DEBT = Balance(0, -31.14918)
"""An account without funds, as it was seen (facts 2.4)."""


@dataclass(frozen=True, slots=True)
class Config:
    """`host` is what `/v1` and `/anthropic` play; `/coding` is the coding host on every server.

    `keys` maps keys to accounts. `delay_s` goes before each event of a stream, or a whole answer; half of it on a
    `-highspeed` model.
    `triggers` maps words in a user's message to what then happens, by the names in `told.py`.
    """

    catalogue: Catalogue
    on: date
    keys: Mapping[str, Account]
    host: Platform = "platform-ai"
    balance: Balance = Balance()
    delay_s: float = 0.0
    triggers: Mapping[str, str] = field(default_factory=dict)
