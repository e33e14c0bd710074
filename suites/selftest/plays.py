"""Plays made by hand for the tests of the judge: a small profile, what a client asked, what arrived where."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.trip import ABSENT, NO_AGENT, Arrival, Ask, Decision, Leak, Named, Play, Row, Stray, Trip
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.exchange import Exchange, Headers, Piece, Request, Response
from kimi_conformance.judge import judge
from kimi_conformance.oracle import World
from kimi_conformance.registry.contracts import catalogue, requirements
from kimi_conformance.router.asking import request_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.requirement import Level

TODAY: Final = date(2026, 11, 23)
CHAT: Final = "/v1/chat/completions"
MESSAGES: Final = "/v1/messages"

SECTIONS: Final[Mapping[str, Any]] = {
    "name": "by-hand",
    "url": "http://127.0.0.1:1",
    "surfaces": {"chat": CHAT, "messages": MESSAGES, "models": "/v1/models"},
    "agent": {"header": "x-agent-id"},
    "upstreams": {
        "shortcut": {"speaks": "anthropic"},
        "gateway": {"speaks": "portkey", "virtual_keys": {"vk-kimi": "kimi"}},
        "moonshot": {"speaks": "kimi"},
    },
    "routes": {
        "plan": {"upstream": "shortcut", "surfaces": ["messages"], "tier": "max"},
        "kimi": {"upstream": "gateway", "headers": {"x-virtual-key": "vk-kimi"}, "tier": "specialty"},
        "default": {"upstream": "gateway", "headers": {"x-config": "pc-default"}, "tier": "default"},
        "direct": {"upstream": "moonshot"},
    },
    "policy": {
        "plan_agents": {"dispo": "plan"},
        "models": {"kimi-k2.6": "kimi", "kimi-k3": "kimi", "kimi-k3.1-pro": "direct"},
        "prefixes": {"moonshot/": {"route": "kimi", "strip": True}},
        "default": "default",
    },
}

MARKS: Final[Mapping[str, tuple[str, Headers]]] = {
    "plan": ("shortcut", ()),
    "kimi": ("gateway", (("X-Virtual-Key", "vk-kimi"),)),
    "default": ("gateway", (("x-config", "pc-default"),)),
    "direct": ("moonshot", ()),
}
"""Where a request for a route arrives, and the headers that mark it there. Written by hand, not from the profile."""


def profile(**sections: Any) -> Profile:
    """The profile with some sections replaced; `None` takes one away."""
    wanted = {**SECTIONS, **sections}
    return Profile.model_validate({name: value for name, value in wanted.items() if value is not None})


BY_HAND: Final = profile()


def ask(model: Any = "kimi-k2.6", agent: Any = ABSENT, **more: Any) -> Ask:
    """An ask for `model` by `agent`."""
    return Ask(Named("model", model), agent=NO_AGENT if agent is ABSENT else Named("agent", agent), **more)


def trip(
    asked: Ask,
    *arrivals: Arrival,
    status: int | None = 200,
    answer: bytes = b"{}",
    headers: Headers = (),
    error: str | None = None,
    rows: tuple[Mapping[str, Any], ...] = (),
    decision: Decision | None = None,
    mark: str = "kc1",
    of: Profile = BY_HAND,
) -> Trip:
    """One ask and what came of it; `status` None: the client got no answer."""
    sent = request_of(asked, of, mark, "http://router.test")
    response = None if status is None else Response(status, headers, (Piece(9.0, answer),), 8.0)
    exchange = Exchange(sent, response, error)
    return Trip(asked, mark, sent, exchange, arrivals, tuple(Row(row, 9.0) for row in rows), decision=decision)


def arrived(
    upstream: str,
    body: Any,
    *,
    headers: Headers = (),
    path: str = CHAT,
    status: int | None = 200,
    answer: bytes = b"{}",
    t_ms: float = 5.0,
) -> Arrival:
    """A request that reached `upstream`, and its answer (`status` None: none). `body` is JSON, or bytes as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = None if status is None else Response(status, (), (Piece(7.0, answer),))
    return Arrival(upstream, Exchange(Request("POST", path, headers, raw), response), t_ms)


def onward(route: str, asked: Ask, *, status: int | None = 200, path: str | None = None, **changes: Any) -> Arrival:
    """The client's own request where `route` leads, on the same surface, with some members changed or (ABSENT) gone."""
    members = json.loads(trip(asked).sent.body) | changes
    upstream, marks = MARKS[route]
    body = {name: value for name, value in members.items() if value is not ABSENT}
    face = path or (CHAT if asked.surface == "chat" else MESSAGES)
    return arrived(upstream, body, headers=marks, path=face, status=status)


def findings(
    requirement: str,
    *trips: Trip,
    of: Profile = BY_HAND,
    on: date = TODAY,
    level: Level | None = None,
    strays: tuple[Stray, ...] = (),
    ended: str | None = None,
    leaks: tuple[Leak, ...] = (),
) -> tuple[Finding, ...]:
    """What the judge finds in a play of these trips; `level` in the place of the requirement's own.

    Whatever it finds, it says in words, and where; and what came is not what was expected.
    """
    ruled = requirements("router")[requirement]
    if level:
        ruled = ruled.model_copy(update={"level": level})
    play = Play(f"{requirement}@by=hand", requirement, trips, strays, ended, leaks)
    found = judge(ruled, play, World(of, catalogue(), on))
    for one in found:
        assert all(isinstance(each, str) for each in (one.expected, one.actual, one.where, one.message)), one
        assert one.where, one
        assert one.message, one
        assert one.expected != one.actual, one
    return found


def in_brief(requirement: str, *trips: Trip, **how: Any) -> list[tuple[Verdict, str, str, str]]:
    """What the judge finds, without its sentences: verdict, expected, actual, where."""
    return [(one.verdict, one.expected, one.actual, one.where) for one in findings(requirement, *trips, **how)]


def sentences(requirement: str, *trips: Trip, **how: Any) -> list[str]:
    """What the judge says of what it finds."""
    return [one.message for one in findings(requirement, *trips, **how)]


def fails(requirement: str, expected: str, actual: str, where: str, message: str) -> Finding:
    """A finding that fails its case."""
    return Finding(requirement, Verdict.FAIL, expected, actual, where, message)


def again(one: Trip, **more: Any) -> Trip:
    """`one` with some fields replaced."""
    return replace(one, **more)
