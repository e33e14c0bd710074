"""What a fault of the wire is: one deliberate defect of an exchange, which the judge must notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from kimi_conformance.exchange import Exchange

Apply: TypeAlias = Callable[[Exchange], Exchange]


class DoesNotFit(Exception):
    """The exchange has not what the fault breaks. Whoever serves with faults passes it on as it is."""


@dataclass(frozen=True, slots=True)
class WireFault:
    """A defect: `apply` gives the exchange as it would be with it, and raises `DoesNotFit` where it cannot be.

    `kills` are the requirements that are certain to notice. `on` names the healthy exchange that it is made for, or,
    with a `*`, several: each must then be noticed by one of `kills`.
    """

    id: str
    says: str
    kills: tuple[str, ...]
    apply: Apply
    on: str


def wire(id_: str, says: str, harm: Apply, *kills: str, on: str) -> WireFault:
    """The fault that does `harm`. It does not fit where that changes nothing, or misses what it takes for granted."""

    def apply(exchange: Exchange) -> Exchange:
        if exchange.response is None:
            raise DoesNotFit(f"{id_}: there is no response")
        try:
            harmed = harm(exchange)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise DoesNotFit(f"{id_}: {error!r}") from error
        if harmed == exchange:
            raise DoesNotFit(f"{id_}: nothing to change")
        return harmed

    return WireFault(id_, says, kills, apply, on)
