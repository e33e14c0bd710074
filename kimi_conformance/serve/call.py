"""One request on its way through the served Kimi."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Host
    from kimi_conformance.exchange import Request
    from kimi_conformance.serve.config import Account, Config
    from kimi_conformance.serve.state import State

Face: TypeAlias = Literal["chat", "messages", "responses"]


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose path and key are known. `id` is the last word of its path, where that names a thing."""

    request: Request
    config: Config
    state: State
    key: str
    account: Account
    host: Host
    face: Face
    id: str = ""
