"""A bench that is opened for one test, and what is asked through it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.trip import Ask, Named
from kimi_conformance.router.bench import Bench
from kimi_conformance.router.case import Case
from kimi_conformance.router.driver import CannotStart

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from kimi_conformance.contract.trip import Trip

BOUND_S = 15

PROFILE: dict[str, Any] = {
    "name": "under-test",
    "surfaces": {"chat": "/v1/chat/completions"},
    "upstreams": {"main": {"speaks": "openai", "secret": "main"}},
    "routes": {"only": {"upstream": "main", "tier": "usual"}},
    "policy": {"default": "only"},
}


@asynccontextmanager
async def opened(folder: Path, **profile: Any) -> AsyncIterator[Bench]:
    """A bench that stands: `profile` is what is not as in PROFILE."""
    bench = Bench(Profile.model_validate(PROFILE | profile), folder, folder, folder)
    try:
        async with asyncio.timeout(BOUND_S):
            await bench.open()
            yield bench
    finally:
        await bench.close()


def ask(model: Any = "any") -> Ask:
    """A request of one model."""
    return Ask(Named("model", model))


def case(name: str, *models: str) -> Case:
    """A case that asks for each of `models`, or for the model called as the case is."""
    return Case("router.gate.rule", (("case", name),), tuple(map(ask, models or [name])))


def told(trip: Trip) -> dict[str, Any]:
    """What the router answered."""
    assert trip.client.response is not None, trip.client.error
    said: dict[str, Any] = trip.client.response.json()
    return said


def cannot_start(folder: Path, **profile: Any) -> str:
    """Why the router could not be started."""

    async def start() -> None:
        async with opened(folder, **profile):
            pytest.fail("it started")

    with pytest.raises(CannotStart) as refusal:
        asyncio.run(start())
    return str(refusal.value)
