"""Secret: what was found of the run's canaries, wherever it was seen, and that enough was seen to say that none was."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import must_arrive
from kimi_conformance.judge.check import Flaw, check, client_alone
from kimi_conformance.judge.leaks import DOWNSTREAM, ECHOED, ELSEWHERE, LOGGED, UNRESOLVED, UPSTREAM, looked_for
from kimi_conformance.judge.one_side import unseen, unserved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Leak, Play, Trip
    from kimi_conformance.oracle import World

NAMED: Final = 5
"""So many of the cases in which a secret leaked are named."""

EXPECTED: Final = {
    DOWNSTREAM: "no key of an upstream",
    UPSTREAM: "no key of a client",
    ELSEWHERE: "no key but the upstream's own",
    LOGGED: "no key",
    ECHOED: "no key",
    UNRESOLVED: "the value of a reference, or no request",
}


@check(DOWNSTREAM, ECHOED)
def never_at_the_client(play: Play, _world: World) -> Iterator[Flaw]:
    """What the clients of the whole run got; in this case the router used its keys, and an answer was seen."""
    yield from _told(play)
    yield from _used(play)
    if not any(trip.client.response for trip in play.trips):
        errors = ", ".join(str(trip.client.error) for trip in play.trips)
        yield Flaw("an answer", errors, "client response", "the client got no answer to look at", Verdict.NOT_OBSERVED)


@client_alone(ECHOED, says="tells")
def never_echoed(play: Play, world: World) -> Iterator[Flaw]:
    """What the client of the whole run got; in this case it sent its key, and was served."""
    yield from _told(play)
    for trip in play.trips[:1]:
        if flaw := unserved(trip):
            yield flaw
        elif not any(looked_for(key) and _sends(trip, key) for key in world.secrets.values()):
            yield unseen("the client sent no key, or one so short that it may stand anywhere")


@check(UPSTREAM, ELSEWHERE, UNRESOLVED)
def never_at_an_upstream(play: Play, _world: World) -> Iterator[Flaw]:
    """What every upstream of the whole run got; in this case at least one request was seen."""
    yield from _told(play)
    yield from must_arrive(play.trips, Verdict.NOT_OBSERVED)


@check(LOGGED)
def never_logged(play: Play, world: World) -> Iterator[Flaw]:
    """What the router's process wrote, from its first word to its last, as far as the log was kept."""
    yield from _told(play)
    yield from _used(play)
    if world.profile.start is None:
        message = "the log of this router is not the suite's to read"
        yield Flaw("the router's log", "none", "router log", message, Verdict.NOT_OBSERVED)


def _sends(trip: Trip, key: str) -> bool:
    return any(key in value for _, value in trip.sent.headers)


def _used(play: Play) -> Iterator[Flaw]:
    """A router that calls no upstream has no need of its keys: that it keeps them says nothing."""
    if not any(trip.arrivals for trip in play.trips):
        yield from must_arrive(play.trips[:1], Verdict.NOT_OBSERVED)


def _told(play: Play) -> Iterator[Flaw]:
    """A flaw for each secret, encoding and leg, however often it was seen there."""
    alike: dict[tuple[str, str, str], list[Leak]] = defaultdict(list)
    for leak in play.leaks:
        alike[leak.secret, leak.encoding, leak.leg].append(leak)
    for (secret, encoding, leg), each in alike.items():
        cases = [case for case in dict.fromkeys(leak.case for leak in each) if case]
        more = f" and {len(cases) - NAMED} more" if len(cases) > NAMED else ""
        during = f" in {', '.join(cases[:NAMED])}{more}" if cases else ""
        what = f"the reference {secret}" if encoding == "unresolved" else f"secret.{secret} ({encoding})"
        yield Flaw(EXPECTED[each[0].requirement], what, leg, f"{what} was seen{during}: {leg}")
