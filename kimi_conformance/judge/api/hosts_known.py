"""Which host an exchange is with, as far as that is known, and which model it asks for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from kimi_conformance.contract.catalogue import SERVED, State, state

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Host
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight

KNOWN_FROM: Final = date(2026, 9, 1)
"""Of the time before, it is only known when a model ended, and of some when they began."""


def on_platform(sight: Sight) -> bool:
    """Whether it is known to be with api.moonshot.ai or api.moonshot.cn."""
    return sight.host in {"platform-ai", "platform-cn"}


def on_coding(sight: Sight) -> bool:
    """Whether it is with the coding host, by its name or by its path."""
    return sight.host == "coding" or (sight.host is None and "/coding/" in sight.path)


def elsewhere(sight: Sight) -> bool:
    """Whether a host is named that is not known to be Kimi's, such as a router's: it has refusals of its own."""
    return sight.host is None and bool(urlsplit(sight.exchange.request.url).netloc)


def kind_of(sight: Sight) -> Host | None:
    """The host as the catalogue calls it; None where nobody knows."""
    if on_platform(sight):
        return "platform"
    return "coding" if on_coding(sight) else None


def turning(sight: Sight, contract: Contract) -> bool:
    """Whether it is the day on which the model comes or goes: hours and time zones are not told apart."""
    model = contract.catalogue.find(str(sight.asked.get("model")))
    if model is None or sight.on is None:
        return False
    life = model.lifecycle
    after = life.ends and life.ends + timedelta(days=1)
    return sight.on in (life.since, life.retired, after)


def standing(sight: Sight, contract: Contract) -> State | None:
    """What the catalogue says of the model on that host and day.

    None where the model has no row, or where the answer needs a host or a day that nobody knows.
    """
    model, host = contract.catalogue.find(str(sight.asked.get("model"))), kind_of(sight)
    if model is None:
        return None
    if model.lifecycle.never:
        return State.NEVER
    if host is None:
        return None
    if host not in model.hosts:
        return State.OTHER_HOST
    if sight.on is None:
        return None
    found = state(model, host, sight.on)
    early = model.lifecycle.since is None and sight.on < KNOWN_FROM
    return None if early and found in SERVED else found
