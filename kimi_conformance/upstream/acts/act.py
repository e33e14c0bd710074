"""An act: what a stand-in answers to one request where a case wants more than a healthy answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from kimi_conformance.contract.scene import token
from kimi_conformance.upstream import asked
from kimi_conformance.upstream.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Request
    from kimi_conformance.upstream.script import Script

Wire: TypeAlias = Literal["chat", "messages", "other"]
"""The face that was asked: Kimi's and OpenAI's chat wire, Anthropic's, or a ledger's or webhook's."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as an act gets it.

    `dialect` is who answers it (behind Portkey: the provider's), `wire` the face that was asked, `attempt` counts the
    requests of this ask at this destination from 0. `healthy` gives the healthy answer that says a reply.
    """

    request: Request
    dialect: str
    wire: Wire
    mark: str
    attempt: int
    healthy: Callable[[Reply], Script]

    @property
    def members(self) -> dict[str, Any]:
        """The body's members; none where it is no JSON object."""
        return asked.body(self.request) or {}

    def words(self, count: int) -> str:
        """A text of so many tokens, one for each piece of a stream."""
        return "".join(token(self.mark, number) for number in range(count))


Act: TypeAlias = "Callable[[Heard], Script]"

ACTS: dict[str, Act] = {}
"""Every act by its name, once `kimi_conformance.upstream.acts` is imported."""


def act(name: str) -> Callable[[Act], Act]:
    """Register a function as the act `name`. Raises `ValueError` where there is one of that name."""

    def register(function: Act) -> Act:
        if name in ACTS:
            raise ValueError(f"two acts are called {name}")
        ACTS[name] = function
        return function

    return register


@act("healthy")
def healthy(heard: Heard) -> Script:
    """The usual answer, which says the mark of its request."""
    return heard.healthy(said(heard.mark))


def said(mark: str) -> Reply:
    """What a healthy stand-in says: the mark of the request, so that another's answer can be told."""
    return Reply(text=f"You said {mark}.") if mark else Reply()
