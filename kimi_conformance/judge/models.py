"""Models: the router's own list of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.oracle import sent_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World


@check("router.models.lists-registered-models", one_sided=True)
def lists_registered_models(play: Play, world: World) -> Iterator[Flaw]:
    """Every registered model is on the list."""
    for trip in play.trips:
        ids = {entry["id"] for entry in _entries(trip) if isinstance(entry, dict) and isinstance(entry.get("id"), str)}
        for model in world.profile.policy.models:
            name = sent_name(world.profile, model)
            if name not in ids:
                shown = ", ".join(sorted(map(str, ids))[:8]) or "an empty list"
                yield Flaw(name, shown, "client response /data", f"{name} is registered, and not listed")


@check("router.models.shape", one_sided=True)
def shape(play: Play, _world: World) -> Iterator[Flaw]:
    """`{"data": [{"id": …}, …]}`, ids unique, status 200; `object`, where it is there, is `list`."""
    for trip in play.trips:
        if trip.client.status != 200:  # noqa: PLR2004 - RFC 9110, 15.3.1
            yield Flaw(
                "200", str(trip.client.status or trip.client.error), "client response", "the list was not served"
            )
            continue
        body = _json(trip)
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            yield Flaw('{"object": "list", "data": […]}', str(body)[:160], "client response", "no list of models")
            continue
        if body.get("object", "list") != "list":  # Anthropic's own list has no such member
            yield Flaw("list", repr(body.get("object")), "client response /object", "`object` is not `list`")
        yield from _ids(body["data"])


def _ids(entries: list[Any]) -> Iterator[Flaw]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        name = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name:
            yield Flaw("a string id", repr(name), f"client response /data/{index}/id", "a model without an id")
        elif name in seen:
            yield Flaw("unique ids", name, f"client response /data/{index}/id", f"{name} is listed twice")
        else:
            seen.add(name)


def _entries(trip: Trip) -> list[Any]:
    body = _json(trip)
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, list) else []


def _json(trip: Trip) -> Any:
    try:
        return trip.client.response.json() if trip.client.response else None
    except (ValueError, RecursionError):
        return None
