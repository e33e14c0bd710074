"""Models: the router's own list of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.failing import SERVERS, TOO_MANY
from kimi_conformance.judge.one_side import UNAUTHORIZED
from kimi_conformance.judge.relayed import got
from kimi_conformance.oracle import sent_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World


@check("router.models.lists-registered-models", one_sided="tells")
def lists_registered_models(play: Play, world: World) -> Iterator[Flaw]:
    """Every registered model is on the list."""
    for trip in play.trips:
        if unpromised := _unpromised(trip, world):
            yield unpromised
            continue
        ids = {entry["id"] for entry in _entries(trip) if isinstance(entry, dict) and isinstance(entry.get("id"), str)}
        for model in world.profile.policy.models:
            name = sent_name(world.profile, model)
            if name not in ids:
                shown = ", ".join(sorted(map(str, ids))[:8]) or "an empty list"
                if world.profile.assumed and trip.client.status not in UNAUTHORIZED:
                    message = f"{name} is not listed; whether it is registered, or any name is taken, is not known"
                    yield Flaw(name, shown, "client response /data", message, Verdict.NOT_OBSERVED)
                    continue
                yield Flaw(name, shown, "client response /data", f"{name} is registered, and not listed")


@check("router.models.shape", one_sided="tells")
def shape(play: Play, world: World) -> Iterator[Flaw]:
    """`{"data": [{"id": …}, …]}`, ids unique, status 200; `object`, where it is there, is `list`."""
    for trip in play.trips:
        if unpromised := _unpromised(trip, world):
            yield unpromised
            continue
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
        if world.one_sided and not body["data"]:
            yield Flaw("a model", "none", "client response /data", "the list is empty", Verdict.NOT_OBSERVED)
        yield from _ids(body["data"])


def _unpromised(trip: Trip, world: World) -> Flaw | None:
    """Why nothing is held against a router of which one side is seen, where it does not serve a list.

    Where only its address is known nobody has promised that there is one. What fails may be behind it.
    """
    status = trip.client.status or 0
    if not world.one_sided or status in UNAUTHORIZED:
        return None
    body = _json(trip)
    listed = isinstance(body, list) or (isinstance(body, dict) and "data" in body)
    if world.profile.assumed and not (status == 200 and listed):  # noqa: PLR2004 - RFC 9110, 15.3.1
        message = f"no list is served, and nobody has said that there is one; {got(trip)}"
    elif not status or trip.client.error or status == TOO_MANY or status >= SERVERS:
        message = f"the list could not be seen; {got(trip)}"
    else:
        return None
    return Flaw("a list of models", got(trip), "client response", message, Verdict.NOT_OBSERVED)


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
