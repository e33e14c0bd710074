"""Faults of a router that tells its operators too much, too little or the wrong thing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.answers import is_stream
from kimi_conformance.faults.fault import fault, itself
from kimi_conformance.faults.secret import KEYS
from kimi_conformance.reference.alerts import Limited
from kimi_conformance.reference.forward import TRACE

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Fields, Outgoing, Refusal, Reply, Routed
    from kimi_conformance.reference.config import Alerts, Config, Ledger

ON_429: Final = "router.alert.alert-on-429"
ONCE: Final = "router.alert.one-alert-per-episode"
NO_KEY: Final = "router.alert.no-secret-in-alert"
ON_SUCCESS: Final = "router.alert.none-on-success"

FIELD: Final = 1024
"""So many characters a field of an embed takes."""


def saying(words: Callable[[Call, Limited], Any]) -> Apply:
    """The alert says something else; a text is its content, anything else the whole message."""

    def apply(steps: Steps) -> Steps:
        def alert(call: Call, limit: Limited) -> Mapping[str, Any]:
            said = words(call, limit)
            return {"content": said} if isinstance(said, str) else said

        return replace(steps, alert=alert)

    return apply


@fault("alert.none", itself, ON_429)
def none(steps: Steps) -> Steps:
    """No alert goes out."""

    async def notify(_alerts: Alerts, _said: Mapping[str, Any]) -> None:
        pass

    return replace(steps, notify=notify)


@fault("alert.without-model", saying, ON_429)
def without_model(_: Call, limit: Limited) -> str:
    """The alert says what happened, and not to which model."""
    return f"{limit.status} {limit.type}: rate limit, quota or overload"


@fault("alert.without-type", saying, ON_429)
def without_type(call: Call, limit: Limited) -> str:
    """The alert says which model it was, and not what happened."""
    return f"{limit.status} on {call.model}"


@fault("alert.always-a-rate-limit", saying, ON_429)
def always_a_rate_limit(call: Call, limit: Limited) -> str:
    """Every 429 is told as a rate limit."""
    return f"{limit.status} on {call.model}: rate limit, try again later (trace {call.trace})"


@fault("alert.quoted-whole", saying, ON_429)
def quoted_whole(call: Call, limit: Limited) -> str:
    """The alert quotes the error whole, however long it is."""
    return f"{limit.status} on {call.model}: {limit.type}: {limit.message}"


@fault("alert.title-too-long", saying, ON_429)
def title_too_long(call: Call, limit: Limited) -> dict[str, Any]:
    """The error stands in the title of an embed, which takes 256 characters."""
    return {"embeds": [{"title": f"{call.model}: {limit.type}: {limit.message}"[:2000]}]}


@fault("alert.for-another-messenger", saying, ON_429)
def for_another_messenger(call: Call, limit: Limited) -> dict[str, Any]:
    """The alert has the form of another messenger, which Discord refuses as empty."""
    return {"text": f"{limit.status} on {call.model}: {limit.type}"}


@fault("alert.all-alike", saying, "router.alert.alert-tells-quota-from-rate", warns=True)
def all_alike(call: Call, limit: Limited) -> str:
    """Every 429 has one text: it may be a rate limit, the quota or an overload."""
    return f"{limit.status} on {call.model}: rate limit, quota or overload (trace {call.trace})"


@fault("alert.key-in-alert", itself, NO_KEY)
def key_in_alert(steps: Steps) -> Steps:
    """The alert says with which key the client came."""

    def alert(call: Call, limit: Limited) -> Mapping[str, Any]:
        said = steps.alert(call, limit)
        key = next((value.decode() for name, value in call.headers if name == b"authorization"), "")
        return {**said, "content": f"{said['content']}\n{key}"}

    return replace(steps, alert=alert)


@fault("alert.upstreams-key-in-embed", itself, NO_KEY)
def upstreams_key_in_embed(steps: Steps) -> Steps:
    """The alert shows in a field of an embed how to ask the upstream again by hand, with its key."""
    sent: dict[str, Outgoing] = {}

    async def call(outgoing: Outgoing) -> Reply:
        sent[_trace(outgoing.headers)] = outgoing
        return await steps.call(outgoing)

    def alert(call: Call, limit: Limited) -> Mapping[str, Any]:
        last = sent[call.trace]
        flags = " ".join(f"-H '{name.decode()}: {value.decode('latin-1')}'" for name, value in _keys(last.headers))
        again = {"name": "ask again", "value": f"curl {flags} {last.url}"[:FIELD]}
        return {**steps.alert(call, limit), "embeds": [{"title": "what was sent", "fields": [again]}]}

    return replace(steps, call=call, alert=alert)


@fault("alert.every-time", itself, ONCE)
def every_time(steps: Steps) -> Steps:
    """Every 429 raises an alert."""

    def episode(_call: Call, _limit: Limited) -> Hashable:
        return object()

    return replace(steps, episode=episode)


@fault("alert.episode-of-each-trace", itself, ONCE)
def episode_of_each_trace(steps: Steps) -> Steps:
    """Two alerts are one only where they are of the same trace."""

    def episode(call: Call, limit: Limited) -> Hashable:
        return (call.trace, limit.type)

    return replace(steps, episode=episode)


@fault("alert.noted-when-sent", itself, ONCE)
def noted_when_sent(steps: Steps) -> Steps:
    """An episode begins when its alert is sent: those that come meanwhile raise theirs, too."""
    sent: set[str] = set()

    def episode(_call: Call, _limit: Limited) -> Hashable:
        return object()

    async def notify(alerts: Alerts, said: Mapping[str, Any]) -> None:
        title = said["content"].split("\n")[0]
        if title not in sent:
            await steps.notify(alerts, said)
            sent.add(title)

    return replace(steps, episode=episode, notify=notify)


@fault("alert.on-success", itself, ON_SUCCESS)
def on_success(steps: Steps) -> Steps:
    """The operators are told of every call that is served, too."""
    known: list[Config] = []

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        known[:] = [config]
        return await steps.gate(config, call)

    async def insert(ledger: Ledger, row: Mapping[str, Any]) -> None:
        await steps.insert(ledger, row)
        if row["status"] < 300 and known[0].alerts:  # noqa: PLR2004 - RFC 9110, 15.4
            await steps.notify(known[0].alerts, {"content": f"{row['model']} answered {row['status']}"})

    return replace(steps, gate=gate, insert=insert)


@fault("alert.for-each-stream", itself, ON_SUCCESS)
def for_each_stream(steps: Steps) -> Steps:
    """A stream is told as a failure when it begins: how it ends is not known yet."""
    known: list[Config] = []

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        known[:] = [config]
        return await steps.gate(config, call)

    async def translate(call: Call, decision: Routed, reply: Reply) -> Reply:
        if is_stream(reply) and known[0].alerts:
            await steps.notify(known[0].alerts, steps.alert(call, Limited(0, "", "")))
        return await steps.translate(call, decision, reply)

    return replace(steps, gate=gate, translate=translate)


def _trace(fields: Fields) -> str:
    return next(value.decode("latin-1") for name, value in fields if name == TRACE)


def _keys(fields: Fields) -> Fields:
    return tuple((name, value) for name, value in fields if name in KEYS)
