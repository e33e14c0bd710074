"""Router profiles: what a routing implementation promises, and how to reach it (DESIGN.md, section 6)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.reach import Agent, Asgi, Decide, HttpPath, Install, Pointer, Start, Surface, Surfaces

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Isolation = Literal["none", "shared", "fresh"]
Dialect = Literal["kimi", "openai", "anthropic", "portkey", "postgrest", "webhook"]


def _one_or_a_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Upstream(Frozen):
    """A server that the router calls, played by a stand-in of the suite."""

    speaks: Annotated[
        tuple[Dialect, ...], BeforeValidator(_one_or_a_list, json_schema_input_type=Dialect | tuple[Dialect, ...])
    ]
    serves: tuple[str, ...] = ()
    secret: str | None = None
    listen: Annotated[str, StringConstraints(pattern=r"^127\.0\.0\.1:[0-9]{1,5}$")] | None = None
    live: str | None = None
    virtual_keys: dict[str, str] = {}
    configs: dict[str, str] = {}


class JsonMark(Frozen):
    """A header that is JSON: its member at `json` must be `is`."""

    json_: Pointer = Field(alias="json")
    is_: Any = Field(alias="is")


Mark = str | JsonMark


class Retry(Frozen):
    """What is retried, how often and at what pace. `by` names who does it."""

    on: tuple[Literal["rate_limit", "overloaded", "quota", "server_error", "refused"], ...]
    retries: int = Field(ge=0)
    backoff: Literal["exponential", "fixed"] = "exponential"
    base_ms: int = Field(ge=0)
    by: Literal["router", "portkey"] = "router"


class Route(Frozen):
    """A named destination: an upstream and the headers that mark it there.

    `model` is the name that the upstream is asked for whatever the client sent, where the route has one of its own.
    """

    upstream: str
    model: str | None = None
    headers: dict[str, Mark] = {}
    surfaces: tuple[Surface, ...] | None = None
    tier: str | None = None
    fallback: str | None = None
    retry: Retry | None = None


class Prefix(Frozen):
    """Names that start so take `route`; `strip` says whether the upstream sees them without it."""

    route: str
    strip: bool = False


class Policy(Frozen):
    """The decision table that the router promises."""

    plan_agents: dict[str, str] = {}
    models: dict[str, str] = {}
    prefixes: dict[str, Prefix] = {}
    default: str | None = None
    non_string_model: Literal["refuse", "forward"] = "refuse"


class PerModel(Frozen):
    """What a client of this router adds, or asks for elsewhere, for one model."""

    headers: dict[str, str] = {}
    path: Surfaces = Surfaces()


class Trace(Frozen):
    """The header that joins a client's call, the upstream calls, the ledger's rows and the alerts."""

    header: str


class TierSeen(Frozen):
    """Where the tier of a call can be seen: a column of the ledger, or a header of the response."""

    ledger: str | None = None
    header: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> TierSeen:
        if (self.ledger is None) == (self.header is None):
            raise ValueError("tier_seen takes exactly one of 'ledger' and 'header'")
        return self


class PostgrestLedger(Frozen):
    """A ledger behind PostgREST."""

    upstream: str
    path: HttpPath


class PostgresLedger(Frozen):
    """A ledger that is a PostgreSQL table of the router's own."""

    dsn_env: str
    table: str


class Ledger(Frozen):
    """Where the router writes a row per call, and which column holds what (JSON pointers into the row)."""

    postgrest: PostgrestLedger | None = None
    postgres: PostgresLedger | None = None
    columns: dict[Literal["trace", "model", "agent", "status", "tier", "attempts"], Pointer] = {}
    within_ms: int = Field(default=2000, ge=0)

    @model_validator(mode="after")
    def _exactly_one(self) -> Ledger:
        if (self.postgrest is None) == (self.postgres is None):
            raise ValueError("ledger takes exactly one of 'postgrest' and 'postgres'")
        return self


class Alerts(Frozen):
    """Where the router raises an alarm, and for what."""

    upstream: str
    on: tuple[int, ...]
    episode_s: float = Field(default=60.0, ge=0)


class Limits(Frozen):
    """Bounds that the router promises: for slow and dead upstreams, and for the time that it adds to a call itself.

    No more cases than `at_once` are played side by side, except where a case is about many at once.
    """

    answer_s: float = Field(default=15.0, gt=0)
    stream_gap_s: float = Field(default=5.0, gt=0)
    overhead_ms: float = Field(default=1000.0, gt=0)
    at_once: int | None = Field(default=None, ge=1)


class KnownFailing(Frozen):
    """A deviation that the profile admits: a requirement id, or a glob over case ids. After `until` it counts again."""

    case: str
    reason: str = Field(min_length=10)
    issue: str | None = None
    until: date | None = None


def _app_or_more(value: Any) -> Any:
    return {"app": value} if isinstance(value, str) else value


class Profile(Frozen):
    """One routing implementation, and what it promises."""

    name: Slug
    version: str | None = None
    install: Install | None = None
    start: Start | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https?://")] | None = None
    asgi: Annotated[Asgi, BeforeValidator(_app_or_more, json_schema_input_type=str | Asgi)] | None = None
    decide: str | Decide | None = None
    surfaces: Surfaces
    client_headers: dict[str, str] = {}
    client_key: Literal["kept", "forwarded"] = "kept"
    agent: Agent | None = None
    upstreams: dict[Slug, Upstream] = {}
    intercept: dict[str, str] = {}
    routes: dict[Slug, Route]
    policy: Policy
    sends: dict[str, str] = {}
    per_model: dict[str, PerModel] = {}
    rewrites: dict[str, str] = {}
    trace: Trace | None = None
    tier_seen: TierSeen | None = None
    ledger: Ledger | None = None
    alerts: Alerts | None = None
    limits: Limits = Limits()
    isolation: Isolation = "shared"
    assumed: bool = False
    """Whether nobody has promised any of this: `check --url` makes such a profile of an address."""
    known_failing: tuple[KnownFailing, ...] = ()

    @model_validator(mode="after")
    def _one_way_in(self) -> Profile:
        given = [way for way in ("start", "url", "asgi", "decide") if getattr(self, way) is not None]
        if len(given) != 1:
            have = " and ".join(given) or "none"
            raise ValueError(f"a profile takes exactly one of 'start', 'url', 'asgi' and 'decide'; this one has {have}")
        return self

    @property
    def client_surfaces(self) -> tuple[Surface, ...]:
        """The surfaces on which a client can ask for a completion."""
        every: tuple[Surface, ...] = ("chat", "messages")
        return tuple(surface for surface in every if getattr(self.surfaces, surface))

    @property
    def one_sided(self) -> bool:
        """Whether nobody sees what the router sends: it runs already, and calls others than our stand-ins."""
        return self.url is not None and not all(
            self.upstreams[route.upstream].listen for route in self.routes.values() if route.upstream in self.upstreams
        )

    def serves(self, route: str, surface: Surface) -> bool:
        """Whether `route` serves `surface`. A route that names no surfaces serves them all."""
        named = self.routes[route].surfaces
        return named is None or surface in named

    def over_gateway(self, route: str) -> bool:
        """Whether `route` leads over a gateway, and not to whoever serves the model."""
        upstream = self.upstreams.get(self.routes[route].upstream)
        return upstream is not None and "portkey" in upstream.speaks
