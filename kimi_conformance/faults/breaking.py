"""Faults of a router whose upstream breaks off, or says nothing."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.errors import without
from kimi_conformance.faults.fault import fault, itself
from kimi_conformance.reference.call import Reply
from kimi_conformance.reference.upstream import UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.asgi import Send
    from kimi_conformance.reference.call import Outgoing

REFUSED: Final = "router.error.refused-answered"
RESET: Final = "router.error.reset-answered"
LENGTH: Final = "router.error.wrong-length-visible"
SLOW: Final = "router.error.slow-bounded"
SURVIVES: Final = "router.error.router-survives"

FOREVER_S: Final = 600.0


def instead(answer: Callable[[UpstreamError], tuple[int, bytes]]) -> Apply:
    """Where an upstream gives no answer, one is made up."""

    def apply(steps: Steps) -> Steps:
        async def call(outgoing: Outgoing) -> Reply:
            try:
                return await steps.call(outgoing)
            except UpstreamError as error:
                status, body = answer(error)
                headers = ((b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)))
                return Reply(status, headers, _at_once(body), lambda: None)

        return replace(steps, call=call)

    return apply


async def _at_once(body: bytes) -> AsyncIterator[bytes]:
    yield body


@fault("error.nobody-there-is-200", instead, REFUSED, RESET)
def nobody_is_success(_: UpstreamError) -> tuple[int, bytes]:
    """An upstream that does not answer is an empty answer."""
    return 200, b"{}"


@fault("error.nobody-there-is-400", instead, REFUSED, RESET)
def nobody_is_the_clients(error: UpstreamError) -> tuple[int, bytes]:
    """An upstream that does not answer is an error of the client's."""
    return 400, b'{"error":{"message":"%b","type":"invalid_request_error"}}' % str(error).encode()


@fault("error.half-is-whole", itself, LENGTH, RESET)
def half_is_whole(steps: Steps) -> Steps:
    """An answer that breaks off is ended as if it were whole."""

    async def relay(reply: Reply, send: Send) -> None:
        async def gently(message: Any) -> None:
            await send(message)

        unframed = replace(reply, headers=without(reply.headers, b"content-length"), pieces=_to_the_break(reply))
        await steps.relay(unframed, gently)

    return replace(steps, relay=relay)


async def _to_the_break(reply: Reply) -> AsyncIterator[bytes]:
    try:
        async for piece in reply.pieces:
            yield piece
    except UpstreamError:
        return


@fault("error.waits-forever", itself, SLOW)
def waits_forever(steps: Steps) -> Steps:
    """The router has no bounds of its own."""

    async def call(outgoing: Outgoing) -> Reply:
        return await steps.call(replace(outgoing, answer_s=FOREVER_S, gap_s=FOREVER_S))

    return replace(steps, call=call)


@fault("error.waits-forever-within", itself, SLOW)
def waits_forever_within(steps: Steps) -> Steps:
    """The router has no bound for an answer that has begun."""

    async def call(outgoing: Outgoing) -> Reply:
        return await steps.call(replace(outgoing, gap_s=FOREVER_S))

    return replace(steps, call=call)


@fault("error.silence-is-whole", itself, SLOW)
def silence_is_whole(steps: Steps) -> Steps:
    """An answer that is silent for too long is ended as if it were whole."""
    return half_is_whole.apply(steps)


@fault("error.wedged", itself, SURVIVES)
def wedged(steps: Steps) -> Steps:
    """Once an upstream has broken off, nothing is served any more."""
    broken = asyncio.Event()

    async def call(outgoing: Outgoing) -> Reply:
        if broken.is_set():
            raise UpstreamError(OSError("the pool is broken"))
        try:
            return await steps.call(outgoing)
        except UpstreamError:
            broken.set()
            raise

    return replace(steps, call=call)


@fault("error.dies-of-a-reset", itself, SURVIVES, ends_process=True)
def dies_of_a_reset(steps: Steps) -> Steps:
    """An upstream that breaks off ends the process."""

    async def call(outgoing: Outgoing) -> Reply:
        try:
            return await steps.call(outgoing)
        except UpstreamError as error:
            if not error.refused:
                os._exit(1)
            raise

    return replace(steps, call=call)
