"""What was seen of one exchange with Kimi, read once for all that judge it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from kimi_conformance import sse
from kimi_conformance.judge.api.fold import Stream, fold
from kimi_conformance.judge.api.messages_fold import Messages, fold_messages
from kimi_conformance.judge.api.shapes import METHODS, error_shape, face_of, served_shape

if TYPE_CHECKING:
    from datetime import date

    from kimi_conformance.contract.calls import Host
    from kimi_conformance.contract.schema import Shape
    from kimi_conformance.exchange import Exchange
    from kimi_conformance.judge.api.shapes import Face
    from kimi_conformance.sse import Reading

Key: TypeAlias = Literal["own", "other-host", "coding", "wrong", "none", "drained", "unknown"]
"""Whose key a request carried: the host's own, that of another platform host (to coding: of any), one of Kimi Code
(elsewhere), an invented one, none at all, one without funds."""

HTTP_OK: Final = range(200, 300)
FAILED: Final = 400


class Unread(Enum):
    """A body that is no JSON."""

    NO_JSON = "no JSON"


NO_JSON: Final = Unread.NO_JSON


@dataclass(frozen=True)
class Sight:
    """One exchange, with what is known about it. Without slots, because what is read of it is kept.

    `on` is the day by which lifecycles are judged; None: nobody knows when it was. `partial`: the source itself shows
    only a part, so that nothing may be missed. `timed`: the pieces have the times of a real clock. `given` is the shape
    where somebody names it.
    """

    exchange: Exchange
    on: date | None = None
    host: Host | None = None
    key: Key = "unknown"
    partial: bool = False
    timed: bool = False
    given: Shape | None = None

    @cached_property
    def status(self) -> int:
        """The status; 0 where there was no response, or nobody knows it."""
        return self.exchange.status or 0

    @property
    def ok(self) -> bool:
        """Whether it was answered 2xx."""
        return self.status in HTTP_OK

    @cached_property
    def path(self) -> str:
        """The path that was asked."""
        return urlsplit(self.exchange.request.url).path

    @cached_property
    def face(self) -> Face | None:
        """What the path is about; None too where that face knows no such method."""
        face = None if self.of_agents else face_of(self.path)
        return face if face and self.exchange.request.method in METHODS[face] else None

    @property
    def of_agents(self) -> bool:
        """Whether it is with the managed agents' interface, which shares some paths and has words of its own."""
        return self.exchange.request.header("kimi-api-version") is not None

    @cached_property
    def kind(self) -> str:
        """The media type of the response, in small letters, without parameters; empty where there is none."""
        response = self.exchange.response
        value = response.header("content-type") if response else None
        return (value or "").split(";")[0].strip().lower()

    @property
    def whole_head(self) -> bool:
        """Whether one may miss a header: where the date is kept (RFC 9110, 6.6.1 wants it), the others are."""
        return self.header("date") is not None and not self.partial

    @cached_property
    def torn(self) -> bool:
        """Whether the source shows so little of a document that it cannot be read: that says nothing of Kimi."""
        return self.partial and not self.streamed and self.exchange.response is not None and self.body is NO_JSON

    @cached_property
    def streamed(self) -> bool:
        """Whether the response is an event stream: by its media type, or where that is missing, by its first bytes."""
        if self.given:
            return self.given in {"chat.completion.chunk", "message.events"}
        if not self.kind and self.exchange.response:
            return self.exchange.response.body[:64].lstrip().startswith((b"data:", b"event:", b":"))
        return self.kind == "text/event-stream"

    @cached_property
    def shape(self) -> Shape | None:
        """The shape that the response has to have; None where none is pinned, or nothing came."""
        if self.given or self.exchange.response is None:
            return self.given
        if self.ok:
            return served_shape(self.face, self.exchange.request.method, streamed=self.streamed)
        return error_shape(self.face, self.body) if self.status >= FAILED else None

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The members of the request's JSON object; empty where it is none, or is not known."""
        found = read_json(self.exchange.request.body)
        return found if isinstance(found, dict) else {}

    @cached_property
    def body(self) -> Any:
        """The response's JSON; `NO_JSON` where it is none."""
        return read_json(self.exchange.response.body) if self.exchange.response else NO_JSON

    @property
    def answer(self) -> dict[str, Any]:
        """The members of the response's JSON object; empty where it is none."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def error(self) -> dict[str, Any]:
        """The error object, on whichever face; empty where there is none."""
        inner = self.answer.get("error")
        return inner if isinstance(inner, dict) else {}

    @cached_property
    def reading(self) -> Reading:
        """The response as an event stream."""
        return sse.read(self.exchange.response.pieces if self.exchange.response else ())

    @cached_property
    def stream(self) -> Stream:
        """The chunks of a chat stream, folded."""
        return fold(self.reading.events)

    @cached_property
    def messages(self) -> Messages:
        """The events of a stream of the Anthropic face, folded."""
        return fold_messages(self.reading.events)

    def header(self, name: str) -> str | None:
        """The first value of a header of the response."""
        return self.exchange.response.header(name) if self.exchange.response else None


def read_json(data: bytes) -> Any:
    """The JSON value in `data`; `NO_JSON` where there is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return NO_JSON
