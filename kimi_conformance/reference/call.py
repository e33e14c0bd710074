"""One call on its way through the router: what came in, what was decided, what goes out, what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from kimi_conformance.reference.config import Route

Fields = tuple[tuple[bytes, bytes], ...]
"""Header fields in the order of the wire."""


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: its bytes, and what they say as JSON."""

    raw: bytes
    members: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A client's request for a completion. `path` is the surface's, `query` what followed its `?`."""

    surface: str
    path: str
    query: str
    headers: Fields
    agent: str | None
    trace: str
    body: Body

    @property
    def model(self) -> Any:
        """The model's name, or whatever stands in its place; None where nothing does."""
        return self.body.members.get("model")


@dataclass(frozen=True, slots=True)
class Routed:
    """The call takes `route`. `model` is the name that goes out in place of the client's; None: the body stays."""

    route: Route
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The router answers itself, with an error."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A POST to an upstream. It may take `answer_s` to begin its answer, and be silent for `gap_s` within it."""

    url: str
    headers: Fields
    body: bytes
    answer_s: float
    gap_s: float


@dataclass(frozen=True, slots=True)
class Reply:
    """An upstream's answer of which the head has come; `pieces` gives the body as it comes, undecoded.

    Whoever gets one has to `close` it.
    """

    status: int
    headers: Fields
    pieces: AsyncIterator[bytes]
    close: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended: the status that the client got, after so many attempts."""

    status: int
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of the router's own."""

    status: int
    headers: Fields
    body: bytes
