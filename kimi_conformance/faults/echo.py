"""Faults of a router that tells a client the key that it came with."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.answers import is_stream, with_pieces
from kimi_conformance.faults.fault import fault, itself

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Fields, Outgoing, Refusal, Reply, Routed
    from kimi_conformance.reference.config import Config

ECHOED: Final = "router.secret.client-key-not-echoed"


@fault("secret.key-echoed", itself, ECHOED, warns=True)
def key_echoed(steps: Steps) -> Steps:
    """Every answer repeats the client's Authorization in a header."""

    def forward_headers(call: Call, decision: Routed) -> Fields:
        own = ((b"x-echo", value) for name, value in call.headers if name == b"authorization")
        return (*steps.forward_headers(call, decision), *own)

    async def call(outgoing: Outgoing) -> Reply:
        echoed = tuple(field for field in outgoing.headers if field[0] == b"x-echo")
        kept = tuple(field for field in outgoing.headers if field not in echoed)
        reply = await steps.call(replace(outgoing, headers=kept))
        return replace(reply, headers=(*reply.headers, *echoed))

    return replace(steps, forward_headers=forward_headers, call=call)


@fault("secret.key-told-in-refusal", itself, ECHOED, warns=True)
def key_told_in_refusal(steps: Steps) -> Steps:
    """Who comes with a wrong key is told which it was."""

    def admit(config: Config, headers: Fields) -> Refusal | None:
        refusal = steps.admit(config, headers)
        given = (value.decode("latin-1") for name, value in headers if name == b"authorization")
        return refusal and replace(refusal, message=f"{refusal.message}: {', '.join(given)}")

    return replace(steps, admit=admit)


@fault("secret.key-told-to-the-curious", itself, ECHOED, warns=True)
def key_told_to_the_curious(steps: Steps) -> Steps:
    """An answer to one who asks to be told more tells in its body how the call came in, the key, too."""

    async def translate(call: Call, decision: Routed, reply: Reply) -> Reply:
        answer = await steps.translate(call, decision, reply)
        came = {name.decode("latin-1"): value.decode("latin-1") for name, value in call.headers}
        if came.get("x-debug") != "true" or is_stream(answer):
            return answer

        async def told(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
            said = json.loads(b"".join([piece async for piece in pieces]))
            yield json.dumps({**said, "debug": {"request": came}}).encode()

        return with_pieces(answer, told(answer.pieces))

    return replace(steps, translate=translate)
