"""Requests that a router must refuse, as its client alone sees it: an ordinary twin is served, the odd one is not.

Whether the odd one reached an upstream, which then refused it, is not seen: a refusal is never a pass here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.trip import outcome
from kimi_conformance.judge.check import Flaw, client_alone
from kimi_conformance.judge.cooldown import RESTING
from kimi_conformance.judge.one_side import unseen, unserved
from kimi_conformance.judge.relayed import got

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World

REFUSED: Final = "refused: "
"""How the error of an exchange begins where nobody accepts the connection."""


@client_alone("router.request.malformed-json-refused", says="fails")
def malformed_json_refused(play: Play, world: World) -> Iterator[Flaw]:
    """No model answers a body that is no JSON object."""
    twin, *others = play.trips
    if flaw := unserved(twin):
        yield flaw
        return
    for trip in others:
        if unserved(trip):
            yield _not_answered(trip)
        elif _refuses_itself(world) or _breaks_off(trip.sent.body):
            message = "a body that is no JSON object was not refused"
            yield Flaw("4xx", got(trip), "client response", message)
        else:
            yield unseen(f"a body that is no JSON object was answered; an upstream may have read it: {got(trip)}")


@client_alone("router.gate.non-string-model-is-refused", says="fails")
def refused_and_alive(play: Play, world: World) -> Iterator[Flaw]:
    """No model answers where none is named by a string, and the router accepts the next connection."""
    twin, odd, after = play.trips
    if flaw := unserved(twin):
        yield flaw
        return
    if unserved(odd):
        yield _not_answered(odd)
    elif _refuses_itself(world):
        yield Flaw("4xx", got(odd), "client response", "a model that is not a string was not refused")
    else:
        yield unseen(f"a model that is not a string was answered; the router may forward it: {got(odd)}")
    if (after.client.error or "").startswith(REFUSED):
        message = "nobody accepted the next connection: this request ended the router"
        yield Flaw("the next request is answered", str(after.client.error), "client response", message)
    elif outcome(after) != "served":
        yield unseen(f"the ordinary request after it was not served, for whatever reason: {got(after)}")


def _refuses_itself(world: World) -> bool:
    """Whether somebody has promised that the router forwards nothing that it cannot read."""
    return world.profile.policy.non_string_model == "refuse" and not world.profile.assumed


def _breaks_off(body: bytes) -> bool:
    """Whether a body ends before its JSON does: even who reads generously has nothing to read."""
    text = body.decode("utf-8", "replace")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text)
    return False


def _not_answered(trip: Trip) -> Flaw:
    if outcome(trip) == "refused" and trip.client.status not in RESTING:
        return unseen(f"refused with {trip.client.status}; whether it reached an upstream before is not seen")
    return unseen(f"neither refused nor answered, which may be an upstream's doing: {got(trip)}")
