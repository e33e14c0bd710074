"""Streams that do not end as they should: cut, or with an error in their midst."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import token
from kimi_conformance.upstream.acts.act import act
from kimi_conformance.upstream.acts.streams import PATIENCE_S, word_of
from kimi_conformance.upstream.reply import Reply
from kimi_conformance.upstream.script import Close, Gate, Reset, Script, Send, compact, event_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.upstream.acts.act import Heard
    from kimi_conformance.upstream.script import Step

WORDS: Final = 3

ERROR: Final = {"type": "engine_overloaded_error", "message": "The engine is currently overloaded, please try again"}
"""Nobody has published an error inside a stream of Kimi's: this is its error of an overload, in its usual shape."""
ANTHROPIC_ERROR: Final = {"type": "overloaded_error", "message": "Overloaded"}


@act("cut-clean")
def cut_clean(heard: Heard) -> Script:
    """The stream ends as any body does, but without a finish: as when a process behind the server was ended."""
    return replace(_begun(heard), declared=None)


@act("cut-reset")
def cut_reset(heard: Heard) -> Script:
    """The connection is reset in the midst of an event."""
    return _broken(heard, lambda next_: next_[: len(next_) // 2], Reset())


@act("cut-half-event")
def cut_half_event(heard: Heard) -> Script:
    """The connection is closed in the midst of an event."""
    return _broken(heard, lambda next_: next_[: len(next_) // 2], Close())


@act("cut-half-character")
def cut_half_character(heard: Heard) -> Script:
    """The connection is closed in the midst of a character."""
    return _broken(heard, _up_to_half_a_character, Close())


@act("cut-after-first")
def cut_after_first(heard: Heard) -> Script:
    """The connection is reset as soon as the client has seen the first word."""
    script = _begun(heard)
    steps: list[Step] = []
    for step in script.steps:
        steps.append(step)
        if word_of(step, heard.mark) == 0:
            break
    return replace(script, steps=(*steps, Gate("seen-0", PATIENCE_S), Reset()))


@act("error-event")
def error_event(heard: Heard) -> Script:
    """After some words an error, and the end."""
    script = _begun(heard)
    if heard.wire == "messages":
        said = event_bytes(("error", compact({"type": "error", "error": ANTHROPIC_ERROR}).decode()))
    else:
        said = event_bytes(compact({"error": ERROR}).decode())
    return replace(script, steps=(*script.steps, Send(said)))


def _begun(heard: Heard) -> Script:
    """The stream up to its last word."""
    script = heard.healthy(Reply(text=heard.words(WORDS), reasoning=""))
    steps: list[Step] = []
    for step in script.steps:
        steps.append(step)
        if word_of(step, heard.mark) == WORDS - 1:
            break
    return replace(script, steps=tuple(steps))


def _broken(heard: Heard, part: Callable[[bytes], bytes], end: Step) -> Script:
    """The stream up to its last word and a part of one more, and then its end."""
    script = _begun(heard)
    *_, last = (step.data for step in script.steps if isinstance(step, Send))
    more = last.replace(token(heard.mark, WORDS - 1).encode(), "再见 ".encode())
    return replace(script, steps=(*script.steps, Send(part(more)), end))


def _up_to_half_a_character(event: bytes) -> bytes:
    return event[: event.index("再".encode()) + 1]
