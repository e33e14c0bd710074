"""What the router is told: its upstreams, routes and decision table, from the JSON file of an operator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Upstream:
    """A server, and the headers that it wants of us (our credentials there). `chat_only`: it knows no /v1/messages."""

    url: str
    headers: Mapping[str, str]
    chat_only: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """After which kinds of failure a route is tried again, how often, and how long after the first of them."""

    on: frozenset[str]
    retries: int
    base_ms: int


@dataclass(frozen=True, slots=True)
class Route:
    """A destination: an upstream, the headers that mark the route there, the surfaces that it serves (None: all).

    `fallback` is tried once where the route has failed for good; a fallback of its own is not.
    """

    name: str
    upstream: Upstream
    headers: Mapping[str, str]
    tier: str
    surfaces: frozenset[str] | None = None
    retry: Retry | None = None
    fallback: Route | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """Names that start with `text` take `route`; `strip`: the upstream gets what follows it."""

    text: str
    route: Route
    strip: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """A PostgREST table that gets a row per call."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Alerts:
    """A webhook of Discord's that is told of calls that end in one of these statuses, once in so many seconds each."""

    url: str
    on: tuple[int, ...]
    episode_s: float


@dataclass(frozen=True, slots=True)
class Config:
    """The whole of it. `prefixes` are in the order in which they are tried: the longest first."""

    client_key: str
    plan_agents: Mapping[str, Route]
    models: Mapping[str, Route]
    prefixes: tuple[Prefix, ...]
    default: Route
    ledger: Ledger
    alerts: Alerts | None
    answer_s: float
    """How long an upstream may take to begin its answer."""
    gap_s: float
    """How long it may be silent within it."""
    max_body: int
    """The largest request body, in bytes."""


def read_config(data: Mapping[str, Any]) -> Config:
    """The config in `data`. Raises `ValueError` for a name that leads nowhere, `KeyError` for a missing part."""
    upstreams = {name: Upstream(**given) for name, given in data["upstreams"].items()}
    alone = {name: _route(name, given, upstreams) for name, given in data["routes"].items()}
    routes = {
        name: replace(alone[name], fallback=_known(alone, given["fallback"], f"route {name}"))
        if "fallback" in given
        else alone[name]
        for name, given in data["routes"].items()
    }
    prefixes = [
        Prefix(text, _known(routes, rule["route"], f"prefix {text}"), rule["strip"])
        for text, rule in data["prefixes"].items()
    ]
    return Config(
        client_key=data["client_key"],
        plan_agents={agent: _known(routes, route, agent) for agent, route in data["plan_agents"].items()},
        models={model: _known(routes, route, model) for model, route in data["models"].items()},
        prefixes=tuple(sorted(prefixes, key=lambda prefix: len(prefix.text), reverse=True)),
        default=_known(routes, data["default"], "default"),
        ledger=Ledger(**data["ledger"]),
        alerts=_alerts(data.get("alerts")),
        answer_s=data["answer_s"],
        gap_s=data["gap_s"],
        max_body=data["max_body"],
    )


def _route(name: str, given: Mapping[str, Any], upstreams: Mapping[str, Upstream]) -> Route:
    surfaces, retry = given.get("surfaces"), given.get("retry")
    return Route(
        name=name,
        upstream=_known(upstreams, given["upstream"], f"route {name}"),
        headers=given.get("headers", {}),
        tier=given["tier"],
        surfaces=None if surfaces is None else frozenset(surfaces),
        retry=None if retry is None else Retry(frozenset(retry["on"]), retry["retries"], retry["base_ms"]),
    )


def _alerts(given: Mapping[str, Any] | None) -> Alerts | None:
    return None if given is None else Alerts(given["url"], tuple(given["on"]), given["episode_s"])


def _known(table: Mapping[str, T], name: str, asker: str) -> T:
    if name not in table:
        raise ValueError(f"{asker} names {name!r}, which is none of {', '.join(table)}")
    return table[name]
