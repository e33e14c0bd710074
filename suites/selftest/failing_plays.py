"""Plays of calls that fail, made by hand: what an upstream said, when, and what the client got of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.scene import Scene
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Exchange, Headers, Piece, Response
from suites.selftest.plays import SECTIONS, ask, findings, onward, profile, trip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Arrival, Ask, Trip
    from kimi_conformance.contract.verdict import Finding

RATE, OVERLOADED, QUOTA = "rate_limit_reached_error", "engine_overloaded_error", "exceeded_current_quota_error"
ACCOUNT: Final = "org-0123456789abcdef0123456789abcdef<ak-abcdefghij0123456789>"
SAID: Final = f"Your account {ACCOUNT} request reached organization max RPM: 3, please try again after 1 seconds"
JSON: Final = (("content-type", "application/json"),)

RETRY: Final[Mapping[str, Any]] = {"on": ["rate_limit", "overloaded", "server_error"], "retries": 3, "base_ms": 40}


def retrying(**changes: Any) -> Profile:
    """The profile by hand whose route `kimi` tries again, and falls back to the route `direct`."""
    routes: dict[str, Any] = {**SECTIONS["routes"]}
    routes["kimi"] = {**routes["kimi"], "retry": {**RETRY, **changes}, "fallback": "direct"}
    return profile(routes=routes)


RETRYING: Final = retrying()


def error(type_: str = RATE, message: str = SAID, **more: Any) -> bytes:
    """The body of an error in the shape of the chat wire."""
    return json.dumps({"error": {"message": message, "type": type_, **more}}).encode()


def asked(*acts: str, others: str = "healthy", stream: bool = False, surface: Any = "chat") -> Ask:
    """An ask for a model of the route `kimi`, during which its upstream does so."""
    return ask("kimi-k3", scene=Scene(acts=acts or ("429-tokens",), others=others), stream=stream, surface=surface)


def answered(
    one: Ask,
    status: int | None = 429,
    body: bytes | None = None,
    *,
    route: str = "kimi",
    headers: Headers = JSON,
    t_ms: float = 5.0,
    cut: str | None = None,
    secret: str | None = None,
    path: str | None = None,
) -> Arrival:
    """A call that came at `t_ms`, and was answered a millisecond later; `status` None: not at all."""
    arrival = onward(route, one, path=path)
    said = error() if body is None else body
    response = None if status is None else Response(status, headers, (Piece(t_ms + 1, said),), t_ms + 1)
    request = arrival.exchange.request
    if secret:
        request = replace(request, headers=(*request.headers, ("Authorization", f"Bearer {secret}")))
    return replace(arrival, exchange=Exchange(request, response, cut, t_ms, t_ms + 1), t_ms=t_ms)


def got(
    one: Ask,
    arrivals: Iterable[Arrival],
    status: int | None = 429,
    body: bytes | None = None,
    *,
    headers: Headers = JSON,
    cut: str | None = None,
) -> Trip:
    """What the client got of it."""
    answer = error() if body is None else body
    return trip(one, *arrivals, status=status, answer=answer, headers=headers, error=cut)


def verdicts(requirement: str, *trips: Trip, of: Profile = RETRYING) -> list[tuple[Verdict, str]]:
    """The verdicts and messages of what is found."""
    return [(finding.verdict, finding.message) for finding in found(requirement, *trips, of=of)]


def found(requirement: str, *trips: Trip, of: Profile = RETRYING) -> tuple[Finding, ...]:
    """What is found in a play of these trips."""
    return findings(requirement, *trips, of=of)


FAIL, WARN, NOT_OBSERVED = Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED
