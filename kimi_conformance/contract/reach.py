"""How a router is reached: what installs it, what starts it, its surfaces, and how an agent is named to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from kimi_conformance.contract.frozen import Frozen

Pointer = Annotated[str, StringConstraints(pattern=r"^(/[^/]*)+$")]
HttpPath = Annotated[str, StringConstraints(pattern=r"^/")]
Reference = Annotated[str, StringConstraints(pattern=r"^op://[^/]+/[^/]+(/[^/]+){1,2}$")]
"""A reference of 1Password: op://vault/item/field, or op://vault/item/section/field."""

Port = Annotated[int, Field(ge=1, le=65535)]
Surface = Literal["chat", "messages"]


class Install(Frozen):
    """What `check --install` puts into the profile's tools folder; versions pinned."""

    pip: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    apt: tuple[str, ...] = ()
    npm_overrides: dict[str, str] = {}


class Ready(Frozen):
    """How to tell that the router serves. Without `path`: its port accepts."""

    path: HttpPath | None = None
    status: int = 200
    timeout_s: float = Field(default=30.0, gt=0, le=300)


class Start(Frozen):
    """A router that the suite starts as a process. Values take placeholders.

    `fake_op`: what a stand-in for 1Password's `op`, which the router then finds on its PATH, answers to references.
    """

    command: tuple[str, ...] = Field(min_length=1)
    cwd: str = "."
    files: dict[str, str] = {}
    env: dict[str, str] = {}
    pass_env: tuple[str, ...] = ()
    fake_op: dict[Reference, str] = {}
    ready: Ready = Ready()
    prepare: tuple[str, ...] = ()


class Asgi(Frozen):
    """An ASGI application in the suite's own process. `env` is set while it is imported (and made, by a `factory`)."""

    app: Annotated[str, StringConstraints(pattern=r"^[\w.]+:\w+$")]
    factory: bool = False
    env: dict[str, str] = {}
    files: dict[str, str] = {}


class Decide(Frozen):
    """An implementation that exposes only its decision: a program that speaks JSON lines on stdio."""

    command: tuple[str, ...] = Field(min_length=1)
    cwd: str = "."
    env: dict[str, str] = {}


class Surfaces(Frozen):
    """The paths that the router serves."""

    chat: HttpPath | None = None
    messages: HttpPath | None = None
    models: HttpPath | None = None


class AgentHeader(Frozen):
    """The agent is named in a header."""

    header: str


class AgentPath(Frozen):
    """The agent is part of the path: `/agents/{agent}/v1/…`; `…` stands for the rest of the surface's own path."""

    path: Annotated[str, StringConstraints(pattern=r"^/.*\{agent\}")]


class AgentBearer(Frozen):
    """Each agent has a key of its own: `{secret.agent.NAME}`."""

    bearer: Annotated[str, StringConstraints(pattern=r"\{secret\.agent\.NAME\}")]


class AgentBody(Frozen):
    """The agent is a member of the body, at this JSON pointer."""

    body: Pointer


class AgentPort(Frozen):
    """Each agent has a port of the router of its own: a number, or a placeholder `{port.NAME}`."""

    port: dict[str, Port | str]


Agent = AgentHeader | AgentPath | AgentBearer | AgentBody | AgentPort
