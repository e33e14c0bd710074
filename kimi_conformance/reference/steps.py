"""The steps that make up a call, in a record: who wants a router with another one replaces it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.reference import admit, alerts, answers, body, forward, ledger, retry, translate, upstream
from kimi_conformance.reference import gate as gating

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Mapping

    from kimi_conformance.reference.alerts import Limited
    from kimi_conformance.reference.asgi import Send
    from kimi_conformance.reference.attempts import Tried
    from kimi_conformance.reference.call import Answer, Body, Call, Fields, Outcome, Outgoing, Refusal, Reply, Routed
    from kimi_conformance.reference.config import Alerts, Config, Ledger, Route
    from kimi_conformance.reference.failure import Failure


@dataclass(frozen=True, slots=True)
class Steps:
    """What happens to a call, from first to last; `list_models` answers for itself.

    admit: who calls -> why it is refused, where it is.
    read: the bytes of a body -> what they say, or why it is refused.
    gate: who asks for what on which surface -> the route, or why it is refused.
    forward_url, forward_headers, forward_body: what goes out on that route.
    call: sends it, and returns once the head of the answer is there.
    translate: that answer in the words of the surface that was asked.
    again: a failure of a route, after so many attempts -> whether the route is tried again.
    delay: the same -> how many seconds later.
    fall_back: a failure for good -> the other route that is tried, if any.
    shown: what the route came to, and the other -> the one that the client gets.
    relay: gives that answer to the client as it comes.
    account: the ledger's row of the call.
    insert: writes it; nobody waits for that.
    alert: what the operators are told of a call that ended in a limit; episode: what makes two such calls one.
    notify: tells them; nobody waits for that, either.
    """

    admit: Callable[[Config, Fields], Refusal | None]
    read: Callable[[bytes], Body | Refusal]
    gate: Callable[[Config, Call], Awaitable[Routed | Refusal]]
    forward_url: Callable[[Call, Routed], str]
    forward_headers: Callable[[Call, Routed], Fields]
    forward_body: Callable[[Call, Routed], bytes]
    call: Callable[[Outgoing], Awaitable[Reply]]
    translate: Callable[[Call, Routed, Reply], Awaitable[Reply]]
    again: Callable[[Route, Failure, int], bool]
    delay: Callable[[Route, Failure, int], float]
    fall_back: Callable[[Route, Failure], Route | None]
    shown: Callable[[Tried, Tried], Tried]
    relay: Callable[[Reply, Send], Awaitable[None]]
    account: Callable[[Call, Routed, Outcome], Mapping[str, Any]]
    insert: Callable[[Ledger, Mapping[str, Any]], Awaitable[None]]
    alert: Callable[[Call, Limited], Mapping[str, Any]]
    episode: Callable[[Call, Limited], Hashable]
    notify: Callable[[Alerts, Mapping[str, Any]], Awaitable[None]]
    list_models: Callable[[Config], Answer]


STEPS: Final = Steps(
    admit=admit.admit,
    read=body.read,
    gate=gating.gate,
    forward_url=forward.forward_url,
    forward_headers=forward.forward_headers,
    forward_body=forward.forward_body,
    call=upstream.call,
    translate=translate.translate,
    again=retry.again,
    delay=retry.delay,
    fall_back=retry.fall_back,
    shown=retry.shown,
    relay=upstream.relay,
    account=ledger.account,
    insert=ledger.insert,
    alert=alerts.message,
    episode=alerts.episode,
    notify=alerts.notify,
    list_models=answers.list_models,
)
