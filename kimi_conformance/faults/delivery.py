"""Faults on the way to the upstream: the wrong door, half a body, two calls for one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.fault import fault, itself

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Outgoing, Reply, Routed

ONCE: Final = "router.request.one-request-per-request"
DIALECT: Final = "router.request.dialect-fits-upstream"

CUT: Final = 8_000_000


def path(change: Callable[[Call, Routed], str | None]) -> Apply:
    """The upstream is asked on another path; None: on the right one."""

    def apply(steps: Steps) -> Steps:
        def forward_url(call: Call, decision: Routed) -> str:
            other = change(call, decision)
            return steps.forward_url(call, decision) if other is None else decision.route.upstream.url + other

        return replace(steps, forward_url=forward_url)

    return apply


@fault("request.anthropic-face", path, "router.request.kimi-uses-openai-face", DIALECT)
def anthropic_face(_: Call, decision: Routed) -> str | None:
    """Kimi itself is asked on its Anthropic-compatible face."""
    return "/anthropic/v1/messages" if decision.route.name == "direct" else None


@fault("request.chat-path-everywhere", path, DIALECT)
def chat_path_everywhere(_call: Call, _decision: Routed) -> str:
    """Every upstream is asked on /v1/chat/completions, that of the plan, too."""
    return "/v1/chat/completions"


@fault("request.messages-path-everywhere", path, DIALECT)
def messages_path_everywhere(_call: Call, _decision: Routed) -> str:
    """Every upstream is asked on /v1/messages, with the body of whatever surface."""
    return "/v1/messages"


@fault("request.cut-at-8-mb", itself, "router.request.large-body-kept")
def cut_at_8_mb(steps: Steps) -> Steps:
    """Of a body only the first 8 MB go out."""
    return replace(steps, forward_body=lambda call, decision: steps.forward_body(call, decision)[:CUT])


@fault("request.hedged", itself, ONCE)
def hedged(steps: Steps) -> Steps:
    """Two calls go out at once, and the second answer is thrown away."""

    async def call(outgoing: Outgoing) -> Reply:
        first, second = await asyncio.gather(steps.call(outgoing), steps.call(outgoing))
        second.close()
        return first

    return replace(steps, call=call)


@fault("request.mirrored", itself, ONCE)
def mirrored(steps: Steps) -> Steps:
    """Every call goes out a second time in the background, where nobody waits for it."""
    mirrors: set[asyncio.Task[Reply]] = set()

    def close(mirror: asyncio.Task[Reply]) -> None:
        mirrors.discard(mirror)
        if not mirror.cancelled():
            mirror.result().close()

    async def call(outgoing: Outgoing) -> Reply:
        mirror = asyncio.ensure_future(steps.call(outgoing))
        mirrors.add(mirror)
        mirror.add_done_callback(close)
        return await steps.call(outgoing)

    return replace(steps, call=call)


@fault("request.retried-after-success", itself, ONCE)
def retried_after_success(steps: Steps) -> Steps:
    """A call that succeeds is made again."""

    async def call(outgoing: Outgoing) -> Reply:
        reply = await steps.call(outgoing)
        if reply.status >= 300:  # noqa: PLR2004 - RFC 9110, 15.4
            return reply
        reply.close()
        return await steps.call(outgoing)

    return replace(steps, call=call)


@fault("request.probed", itself, ONCE)
def probed(steps: Steps) -> Steps:
    """Before each call the upstream is asked for a word, to see whether it lives."""

    async def call(outgoing: Outgoing) -> Reply:
        probe = b'{"model":"kimi-k3","max_tokens":1,"messages":[{"role":"user","content":"ping"}]}'
        headers = tuple((name, value) for name, value in outgoing.headers if name != b"x-trace-id")
        (await steps.call(replace(outgoing, body=probe, headers=headers))).close()
        return await steps.call(outgoing)

    return replace(steps, call=call)


@fault("request.hedged-with-tools", itself, ONCE)
def hedged_with_tools(steps: Steps) -> Steps:
    """Two calls go out at once where the request has tools."""

    async def call(outgoing: Outgoing) -> Reply:
        if b'"tools"' in outgoing.body:
            (await steps.call(outgoing)).close()
        return await steps.call(outgoing)

    return replace(steps, call=call)
