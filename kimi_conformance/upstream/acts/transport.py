"""Upstreams that break off, stay silent, or send less than they promised."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.upstream.acts.act import act, said
from kimi_conformance.upstream.script import Close, Pause, Reset, Script, cut_after

if TYPE_CHECKING:
    from kimi_conformance.upstream.acts.act import Heard

SILENCE_S: Final = 120.0
"""Longer than any router's bound should be. The silence ends as soon as the router has left."""


ITSELF: Final = frozenset({"upstream-reset", "upstream-closed"})
"""Acts of the very server that the router calls: behind a gateway, what a provider does the gateway makes a 500 of."""


@act("reset")
@act("upstream-reset")
def reset(_: Heard) -> Script:
    """RST instead of an answer."""
    return Script(before=(Reset(),))


@act("closed")
@act("upstream-closed")
def closed(_: Heard) -> Script:
    """FIN instead of an answer."""
    return Script(before=(Close(),))


@act("reset-after-head")
def reset_after_head(heard: Heard) -> Script:
    """The head of a healthy answer, then RST."""
    return cut_after(_healthy(heard), 0, "reset")


@act("reset-in-body")
def reset_in_body(heard: Heard) -> Script:
    """Half of a healthy answer, then RST."""
    return _half(heard, "reset")


@act("short")
def short(heard: Heard) -> Script:
    """Half of a healthy answer, then FIN, though the Content-Length (or the last chunk that is missing) says more."""
    return _half(heard, "close")


@act("slow-head")
def slow_head(heard: Heard) -> Script:
    """Silence, and a healthy answer only when nobody can wait for it any more."""
    return replace(_healthy(heard), before=(Pause(SILENCE_S),))


@act("slow-body")
def slow_body(heard: Heard) -> Script:
    """Half of a healthy answer, then silence."""
    script = _healthy(heard)
    half = _half(heard, "close")
    return replace(script, steps=(*half.steps[:-1], Pause(SILENCE_S), Close()), declared=half.declared)


def _half(heard: Heard, how: str) -> Script:
    script = _healthy(heard)
    return cut_after(script, len(script.body) // 2, "reset" if how == "reset" else "close")


def _healthy(heard: Heard) -> Script:
    return heard.healthy(said(heard.mark))
