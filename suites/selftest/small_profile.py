"""A small router profile: a model with every kind of shape that a file of ours can have."""

import datetime as dt
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    JsonValue,
    PositiveFloat,
    RootModel,
    StringConstraints,
    field_validator,
    model_validator,
)

Surface = Literal["chat", "messages", "models"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ByHeader(_Frozen):
    """An agent is told by a header."""

    header: str


class _ByPath(_Frozen):
    path: str
    strip: bool = False


class _ByBearer(_Frozen):
    bearer: str


class _ByBody(_Frozen):
    body: str


class _ByPort(_Frozen):
    port: dict[str, int]


class _Ready(_Frozen):
    path: str
    status: int = 200
    timeout_s: PositiveFloat = 30


class _Retry(_Frozen):
    on: tuple[Literal["rate_limit", "overloaded", "server_error"], ...]
    retries: int = Field(ge=0)
    base_ms: float = 40

    @model_validator(mode="after")
    def few(self) -> Self:
        if self.retries > 9:
            raise ValueError(f"{self.retries} retries\nare a siege")
        return self


class _JsonMember(_Frozen):
    pointer: str = Field(alias="json")
    value: JsonValue = Field(alias="is")


class Route(_Frozen):
    """Named without a dash, because messages call the whole by the model's name."""

    upstream: str
    headers: dict[str, str | _JsonMember] = {}
    surfaces: tuple[Surface, ...] = Field(default=("chat",), min_length=1)
    retry: _Retry | None = None


class _Prefix(_Frozen):
    route: str
    strip: bool = False


class _Postgrest(_Frozen):
    kind: Literal["postgrest"]
    upstream: str


class _Postgres(_Frozen):
    kind: Literal["postgres"]
    dsn_env: str


class Kept(Enum):
    """What becomes of a key."""

    KEPT = "kept"
    FORWARDED = "forwarded"


class _Models(RootModel[dict[str, str]]):
    pass


class _Tree(_Frozen):
    weight: int = 0
    kids: tuple["_Tree", ...] = ()


class Alerts(_Frozen):
    """A key named `on`."""

    on: tuple[int, ...]


class RouterProfile(_Frozen):
    """Shapes as in a router profile, small."""

    name: str = Field(min_length=1, max_length=9)
    cwd: Path = Path()
    agent: ByHeader | _ByPath | _ByBearer | _ByBody | _ByPort | None = None
    ready: _Ready | None = None
    surfaces: dict[Surface, str] = {}
    upstreams: dict[Annotated[str, StringConstraints(pattern="^[a-z]+$")], dict[str, Any]] = {}
    routes: dict[str, Route] = {}
    models: _Models = _Models({})
    prefixes: dict[str, _Prefix] = {}
    speaks: Literal["kimi", "openai"] | tuple[Literal["kimi", "openai"], ...] = "kimi"
    attempts: int | Literal["endless"] = 1
    client_key: Kept = Kept.KEPT
    ledger: Annotated[_Postgrest | _Postgres, Field(discriminator="kind")] | None = None
    until: dt.date | None = None
    by_status: dict[int, str] = {}
    docs: HttpUrl | None = None
    tree: _Tree | Literal["none"] | None = None
    step: int = Field(default=5, multiple_of=5)
    weights: list[int] = []
    alerts: Alerts | None = None
    limit_s: float = 1

    @field_validator("limit_s", mode="before")
    @classmethod
    def seconds(cls, value: object) -> object:
        """`5s` is 5."""
        return value.removesuffix("s") if isinstance(value, str) else value
