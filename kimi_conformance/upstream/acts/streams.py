"""Streams that wait for their client, run long, or are cut."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import token
from kimi_conformance.upstream.acts.act import act
from kimi_conformance.upstream.reply import Reply
from kimi_conformance.upstream.script import Gate, Pause, Script, Send

if TYPE_CHECKING:
    from kimi_conformance.upstream.acts.act import Heard
    from kimi_conformance.upstream.script import Step

PATIENCE_S: Final = 2.0
"""How long a stream waits for its client to see a word before it goes on.

Longer than any healthy router takes, and shorter than the silence at which a router gives a stream up.
"""

WORDS: Final = 4

ENDLESS: Final = 60
ENDLESS_GAP_S: Final = 0.05
"""A router that does not hear of its client's leaving reads this stream for three seconds."""

MANY: Final = 12
GAP_S: Final = 0.005


@act("gated")
def gated(heard: Heard) -> Script:
    """A stream whose every word waits until the client has seen the one before."""
    script = heard.healthy(Reply(text=heard.words(WORDS), reasoning=""))
    steps: list[Step] = []
    for step in script.steps:
        number = word_of(step, heard.mark)
        if number:
            steps.append(Gate(f"seen-{number - 1}", PATIENCE_S))
        steps.append(step)
    return replace(script, steps=tuple(steps))


@act("endless")
def endless(heard: Heard) -> Script:
    """A stream that says a word and then goes on, slowly, for longer than any client here stays."""
    return _paced(heard, ENDLESS, ENDLESS_GAP_S)


@act("words")
def words(heard: Heard) -> Script:
    """A stream that takes its time, so that those beside it are under way meanwhile."""
    return _paced(heard, MANY, GAP_S)


def _paced(heard: Heard, count: int, gap_s: float) -> Script:
    """A stream of so many words with a pause before each."""
    script = heard.healthy(Reply(text=heard.words(count), reasoning=""))
    steps: list[Step] = []
    for step in script.steps:
        if word_of(step, heard.mark) is not None:
            steps.append(Pause(gap_s))
        steps.append(step)
    return replace(script, steps=tuple(steps))


def word_of(step: Step, mark: str) -> int | None:
    """The number of the word that a send has, if it has one."""
    if not isinstance(step, Send):
        return None
    return next((number for number in range(100) if token(mark, number).encode() in step.data), None)
