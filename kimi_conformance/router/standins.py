"""The stand-ins of a profile: each upstream in the dialects that it speaks, answering with the mark of its request."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.scene import HEALTHY, REFUSED
from kimi_conformance.router.outside import OUTSIDE, refuse
from kimi_conformance.upstream import anthropic, kimi, openai, portkey, postgrest, webhook
from kimi_conformance.upstream.acts import ACTS, Heard, said
from kimi_conformance.upstream.acts.transport import ITSELF
from kimi_conformance.upstream.reply import Reply
from kimi_conformance.upstream.server import StandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kimi_conformance.contract.profile import Dialect, Profile, Upstream
    from kimi_conformance.exchange import Request
    from kimi_conformance.router.forward import Forward
    from kimi_conformance.router.stage import Stage
    from kimi_conformance.router.traffic import Traffic
    from kimi_conformance.upstream.acts.act import Wire
    from kimi_conformance.upstream.gates import Gates
    from kimi_conformance.upstream.script import Script
    from kimi_conformance.upstream.store import Store

    Speak = Callable[[Request, Reply], Script]

MODEL_DIALECTS: Final = frozenset({"kimi", "openai", "anthropic", "portkey"})
"""The dialects of those who serve models; the others keep rows, or take alerts."""


def stand_ins(
    profile: Profile,
    folder: Path,
    *,
    secret: Callable[[str], str],
    traffic: Traffic,
    stage: Stage,
    clock: Callable[[], float],
    gates: Gates,
    store: Store,
    forwards: Mapping[str, Forward] | None = None,
) -> tuple[StandIn, ...]:
    """A stand-in, not yet started, for every upstream of `profile`; its config files lie in `folder`.

    `secret` gives the canary of a name, `clock` milliseconds; `stage` knows what is to be answered to whom; `store`
    gets the ledger's rows. Those that have one of `forwards` pass everything on.
    """
    ledger = _ledger(profile, store)
    forwards = forwards or {}
    return tuple(
        StandIn(
            name,
            _passing_on(forwards[name])
            if name in forwards
            else _answering(name, upstream, folder=folder, secret=secret, traffic=traffic, stage=stage, ledger=ledger),
            port=int(upstream.listen.rsplit(":", 1)[1]) if upstream.listen else 0,
            clock=clock,
            on_arrival=traffic.arrived,
            on_done=traffic.done,
            gates=gates,
        )
        for name, upstream in profile.upstreams.items()
    )


def outer_world(traffic: Traffic, clock: Callable[[], float], gates: Gates) -> StandIn:
    """The proxy that the router gets instead of the network: it refuses, and what it is asked for is a stray."""
    return StandIn(OUTSIDE, refuse, clock=clock, on_arrival=traffic.arrived, on_done=traffic.done, gates=gates)


def _passing_on(forward: Forward) -> Callable[[Request], Forward]:
    return lambda _: forward


def _answering(
    name: str,
    upstream: Upstream,
    *,
    folder: Path,
    secret: Callable[[str], str],
    traffic: Traffic,
    stage: Stage,
    ledger: postgrest.Config,
) -> Callable[[Request], Script]:
    """How this upstream answers: by the act of the request's ask, if it is one that a healthy server would serve.

    A wrong key, path or model is refused whatever the act: that is the router's doing.
    """
    key = secret(upstream.secret) if upstream.secret else None
    if "portkey" in upstream.speaks:
        return _gateway(name, upstream, folder=folder, key=key, traffic=traffic, stage=stage)
    if not MODEL_DIALECTS & {*upstream.speaks}:
        return _aside(name, upstream, key=key, traffic=traffic, stage=stage, ledger=ledger)
    spoken = {dialect: _speaker(dialect, upstream, key) for dialect in upstream.speaks}
    usual = spoken[upstream.speaks[0]]

    def answer(request: Request) -> Script:
        mark = traffic.marks.find(request)
        script = traffic.scripts.get(mark or "")
        if script:
            return script(request) if callable(script) else script
        on_messages = request.url.split("?", 1)[0].endswith("/v1/messages")
        speak = spoken.get("anthropic", usual) if on_messages else usual
        healthy = speak(request, said(mark or ""))
        act, attempt = stage.act(name, mark, request)
        if not mark or act in (HEALTHY, REFUSED) or healthy.status >= 400:  # noqa: PLR2004 - RFC 9110, 15.5
            return healthy  # REFUSED: it comes so late that we listen again
        wire: Wire = "messages" if on_messages else "chat"
        heard = Heard(request, upstream.speaks[0], wire, mark, attempt, partial(speak, request))
        return ACTS[act](heard)

    return answer


class _BreaksOff(Exception):
    """The gateway itself breaks off, whatever its providers do."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self.script = script


def _gateway(
    name: str, upstream: Upstream, *, folder: Path, key: str | None, traffic: Traffic, stage: Stage
) -> Callable[[Request], Script]:
    """How a Portkey answers: each call of a provider that it makes for a request plays the next act of the ask."""
    config = portkey.Config(key, upstream.virtual_keys, _configs(upstream, folder))

    def answer(request: Request) -> Script:
        mark = traffic.marks.find(request)
        script = traffic.scripts.get(mark or "")
        if script:
            return script(request) if callable(script) else script
        wire: Wire = "messages" if request.url.split("?", 1)[0].endswith("/v1/messages") else "chat"

        def play(leg: portkey.Leg) -> Script:
            healthy = leg.healthy(said(mark or ""))
            act, attempt = stage.act(name, mark, request, later=leg.later)
            if not mark or act in (HEALTHY, REFUSED) or healthy.status >= 400:  # noqa: PLR2004 - RFC 9110, 15.5
                return healthy
            heard = Heard(leg.request, leg.dialect, wire, mark, attempt, leg.healthy)
            if act in ITSELF:
                raise _BreaksOff(ACTS[act](heard))
            return ACTS[act](heard)

        try:
            script, attempts = portkey.gateway(request, config, play)
        except _BreaksOff as end:
            return end.script
        traffic.tried(request, attempts)
        return script

    return answer


def _aside(
    name: str, upstream: Upstream, *, key: str | None, traffic: Traffic, stage: Stage, ledger: postgrest.Config
) -> Callable[[Request], Script]:
    """How a ledger or a webhook answers. One that is down looks at nothing that it is asked."""
    own = replace(ledger, secret=key)

    def speak(request: Request, _: Reply) -> Script:
        if "postgrest" in upstream.speaks:
            return postgrest.answer(request, own)
        return webhook.answer(request, webhook.Config(key))

    def answer(request: Request) -> Script:
        mark = traffic.marks.find(request)
        act, attempt = stage.act(name, mark, request)
        if act in (HEALTHY, REFUSED):
            return speak(request, Reply())
        return ACTS[act](Heard(request, upstream.speaks[0], "other", mark or "", attempt, partial(speak, request)))

    return answer


def _ledger(profile: Profile, store: Store) -> postgrest.Config:
    """A ledger that keeps its rows in `store`, and takes any key."""
    trace = profile.ledger.columns.get("trace") if profile.ledger else None
    return postgrest.Config(store, unique=trace.split("/")[1] if trace else None)


def _speaker(dialect: Dialect, upstream: Upstream, key: str | None) -> Speak:
    serves = upstream.serves
    match dialect:
        case "kimi":
            return lambda request, reply: kimi.answer(request, kimi.Config(key, serves, reply=reply))
        case "openai":
            return lambda request, reply: openai.answer(request, openai.Config(key, serves, reply=reply))
        case _:  # Portkey is no speaker: it calls others; nor is what serves no models
            return lambda request, reply: anthropic.answer(request, anthropic.Config(key, serves, reply=reply))


def _configs(upstream: Upstream, folder: Path) -> dict[str, Any]:
    return {name: json.loads((folder / file).read_text("utf-8")) for name, file in upstream.configs.items()}
