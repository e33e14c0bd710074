"""What a client asks, and what became of it: the facts that the judge reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal

from kimi_conformance.contract.scene import PLAIN, Scene

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.exchange import Exchange, Request


class Absent(Enum):
    """A member or header that is not there at all, unlike one that is null or empty."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

MARK: Final = "%MARK%"
"""Stands for the mark of its trip in the text of an ask; the player puts the real one in its place."""


@dataclass(frozen=True, slots=True)
class Named:
    """A value of an axis under the slug by which case ids name it."""

    slug: str
    value: Any


NO_AGENT: Final = Named("agent-none", ABSENT)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client asks of the router.

    `members` are further members of the JSON body (or replace the usual ones); `body` is the whole body where the
    case is about its bytes. `listing` asks for the list of models instead. `scene` is what the other side does
    meanwhile; `hangs_up`: the client leaves as soon as it has seen the first word of a stream. `headers` are further
    headers (or replace the usual ones); a `stranger` has a key that nobody knows. `direct`: the ask goes past the
    router, straight to where it must go, to see what the way takes without one. `again`: it was asked before, and what
    came of it then says nothing of now.
    """

    model: Named
    surface: Surface = "chat"
    agent: Named = NO_AGENT
    stream: bool = False
    members: Mapping[str, Any] = field(default_factory=dict)
    model_last: bool = False
    body: bytes | None = None
    listing: bool = False
    scene: Scene = PLAIN
    hangs_up: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    stranger: bool = False
    direct: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call of a provider that a gateway makes by itself while it serves one request.

    `option` is the place in the gateway's config, `key` the virtual key that stands there; `retry` counts from 0.
    """

    option: str
    provider: str
    key: str | None
    retry: int
    status: int
    """What came of it; the gateway's own 500 where the provider gave no answer."""


LOOKUP: Final = "LOOKUP"
"""The method of what is no request, though one was to follow: the name of a host that is not there was looked up."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that reached an upstream, with what the stand-in there answered. `t_ms`: when it was whole.

    `attempts` are the calls that a gateway made for it.
    """

    upstream: str
    exchange: Exchange
    t_ms: float
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row that the router wrote to its ledger."""

    values: Mapping[str, Any]
    t_ms: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What a `decide` implementation answered: a route (and tier), or why it refuses."""

    route: str | None
    tier: str | None
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Trip:
    """One ask, from both sides: the client's leg, every call of a model upstream, the ledger's rows.

    `side` are the requests at the ledger and at the webhook, whatever they were answered, and of the outer world those
    that came while nothing else was asked.
    """

    ask: Ask
    mark: str
    sent: Request
    client: Exchange
    arrivals: tuple[Arrival, ...] = ()
    rows: tuple[Row, ...] = ()
    side: tuple[Arrival, ...] = ()
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Stray:
    """An arrival that nobody asked for, and the cases that were being played when it came.

    It carries no mark, or it is one too many for the one case that it names.
    """

    arrival: Arrival
    beside: tuple[str, ...]
    doubled: bool = False


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret that was seen where it does not belong, and the requirement that it breaks there.

    It is named, never told. `encoding` says how it was written, `leg` where it stood, `case` what was being played
    (empty where that cannot be told).
    """

    requirement: str
    secret: str
    encoding: str
    leg: str
    case: str


@dataclass(frozen=True, slots=True)
class Play:
    """What became of a case: its trips in the order they were asked.

    `ended` says how the router's process ended during the case, each time it was tried, where it did. `leaks` are those
    of the whole run that break this requirement, with the first of its cases.
    """

    case: str
    requirement: str
    trips: tuple[Trip, ...]
    strays: tuple[Stray, ...] = ()
    ended: str | None = None
    leaks: tuple[Leak, ...] = ()


Outcome = Literal["served", "refused", "failed"]


def outcome(trip: Trip) -> Outcome:
    """How the client fared: `served` (2xx), `refused` (4xx) or `failed` (anything else, no answer included)."""
    if trip.decision:
        return "refused" if trip.decision.refusal is not None else "served"
    status = trip.client.status or 0
    if trip.client.error is None and 200 <= status < 300:  # noqa: PLR2004 - RFC 9110, 15.3
        return "served"
    return "refused" if 400 <= status < 500 else "failed"  # noqa: PLR2004 - RFC 9110, 15.5
