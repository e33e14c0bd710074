"""The attempts of a call: on its route, on it again where the route has that, and on the route's fallback.

Nothing is tried again once the client has a byte: an answer that is no error goes on to it as it comes.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.reference.call import Outgoing, Reply
from kimi_conformance.reference.failure import Failure, failure_of
from kimi_conformance.reference.upstream import UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kimi_conformance.reference.call import Call, Routed
    from kimi_conformance.reference.config import Config
    from kimi_conformance.reference.steps import Steps

LARGEST_ERROR: Final = 1 << 20
"""An error is read before it is judged, but no more of it than this: a larger one goes to the client as it comes."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What an attempt came to: an answer, or the error that stands instead. `failure`: as what it failed, if so."""

    got: Reply | UpstreamError
    failure: Failure | None = None

    def close(self) -> None:
        """Leaves the upstream, if that has not ended."""
        if isinstance(self.got, Reply):
            self.got.close()


@dataclass(slots=True)
class Tally:
    """How many attempts a call has had so far."""

    attempts: int = 0


async def answered(steps: Steps, config: Config, call: Call, decision: Routed, tally: Tally) -> Tried:
    """What a call came to: on its own route, or on the route's fallback where that is tried."""
    first = await _on_route(steps, config, call, decision, tally)
    other = steps.fall_back(decision.route, first.failure) if first.failure else None
    if other is None:
        return first
    with ExitStack() as undo:
        undo.callback(first.close)
        second = await _on_route(steps, config, call, replace(decision, route=other), tally)
        undo.pop_all()
    shown = steps.shown(first, second)
    for tried in (first, second):
        if tried.got is not shown.got:
            tried.close()
    return shown


async def _on_route(steps: Steps, config: Config, call: Call, decision: Routed, tally: Tally) -> Tried:
    attempts = 0
    while True:
        tally.attempts += 1
        attempts += 1
        tried = await _attempt(steps, config, call, decision)
        if tried.failure is None or not steps.again(decision.route, tried.failure, attempts):
            return tried
        tried.close()
        await asyncio.sleep(steps.delay(decision.route, tried.failure, attempts))


async def _attempt(steps: Steps, config: Config, call: Call, decision: Routed) -> Tried:
    outgoing = Outgoing(
        steps.forward_url(call, decision),
        steps.forward_headers(call, decision),
        steps.forward_body(call, decision),
        config.answer_s,
        config.gap_s,
    )
    try:
        reply = await steps.translate(call, decision, await steps.call(outgoing))
    except UpstreamError as error:
        return Tried(error, Failure("refused" if error.refused else "broken"))
    return Tried(reply) if reply.status < 400 else await _held(reply)  # noqa: PLR2004 - RFC 9110, 15.5


async def _held(reply: Reply) -> Tried:
    """An error, read to its end: it may be the last word, or forgotten."""
    pieces: list[bytes] = []
    size = 0
    cut: UpstreamError | None = None
    with ExitStack() as undo:
        undo.callback(reply.close)
        try:
            async for piece in reply.pieces:
                pieces.append(piece)
                size += len(piece)
                if size > LARGEST_ERROR:
                    undo.pop_all()
                    return Tried(replace(reply, pieces=_again(pieces, reply.pieces)))
        except UpstreamError as error:
            cut = error
    failure = failure_of(reply.status, reply.headers, b"".join(pieces))
    return Tried(replace(reply, pieces=_again(pieces, cut=cut)), failure)


async def _again(
    pieces: list[bytes], rest: AsyncIterator[bytes] | None = None, cut: UpstreamError | None = None
) -> AsyncIterator[bytes]:
    """What was read, then what was not, or the cut that ended it."""
    for piece in pieces:
        yield piece
    if rest:
        async for piece in rest:
            yield piece
    if cut:
        raise cut
