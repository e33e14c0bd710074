"""Thinking: turned off where that can be done, asked for in degrees, and sent back with tool calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material


@cases_of("api.thinking.disabled-is-honoured")
def disabled_is_honoured(m: Material) -> Iterator[Case]:
    """Thinking turned off."""
    yield from each(m.named("thinking/kimi-k3-disabled", "thinking/kimi-k2.6-disabled"))
    for model in m.each("temperature-by-thinking"):
        yield from each(m.named(f"sampling/{model.id}-no-thinking-0.6"))


@cases_of("api.thinking.disable-refused")
def disable_refused(m: Material) -> Iterator[Case]:
    """Thinking turned off where it cannot be."""
    for model in m.each("thinking-cannot-be-disabled"):
        if m.has(f"thinking/{model.id}-disabled"):
            twins = m.named(f"chat/{model.id}-hello")
            yield case(m[f"thinking/{model.id}-disabled"], twins=twins, model=model.id)


@cases_of("api.thinking.efforts-accepted")
def efforts_accepted(m: Material) -> Iterator[Case]:
    """The lowest effort; the highest is the default of every other call."""
    yield from each(m.named("thinking/kimi-k3-effort-low"))


@cases_of("api.thinking.unknown-effort-accepted")
def unknown_effort_accepted(m: Material) -> Iterator[Case]:
    """An effort that other APIs know; without it the request is accepted."""
    names = ("thinking/kimi-k3-effort-medium", "chat/kimi-k3-members-nobody-knows")
    yield from each(m.named(*names), m["chat/kimi-k3-hello"])


@cases_of("api.thinking.effort-ignored")
def effort_ignored(m: Material) -> Iterator[Case]:
    """An effort asked of a model that has none; without it the request is accepted."""
    yield from each(m.named("thinking/kimi-k2.6-effort"), m["chat/kimi-k2.6-hello"])


@cases_of("api.thinking.keep")
def keep(m: Material) -> Iterator[Case]:
    """All reasoning is to be kept; without that the request is accepted."""
    yield from each(m.named("thinking/kimi-k2.6-keep-all"), m["chat/kimi-k2.6-hello"])


@cases_of("api.thinking.reasoning-may-be-left-out")
def reasoning_may_be_left_out(m: Material) -> Iterator[Case]:
    """Such a history to kimi-k3, which answers a plain request."""
    yield from each(m.named("thinking/kimi-k3-reasoning-left-out"), m["chat/kimi-k3-hello"])


@cases_of("api.thinking.reasoning-sent-back")
def reasoning_sent_back(m: Material) -> Iterator[Case]:
    """A history with tool calls and without the reasoning before them; kimi-k3 takes the like."""
    yield case(m["thinking/kimi-k2.6-reasoning-left-out"], twins=m.named("chat/kimi-k2.6-hello"), model="kimi-k2.6")
    yield case(m["thinking/kimi-k2.5-reasoning-left-out"], twins=m.named("chat/kimi-k3-hello"), model="kimi-k2.5")
