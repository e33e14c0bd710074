"""The Anthropic face: counters that belong together, where a message is told to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.messages import EVENTS, MESSAGE
from kimi_conformance.judge.api.places import count, event
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

THOUGHT = ("output_tokens_details", "thinking_tokens")


def _last_usages(s: Sight) -> Iterator[tuple[str, dict[str, Any]]]:
    """The usage of a whole message, or of each message_delta; not of message_start, where nothing is settled yet."""
    found = [(event(s, number, "/usage"), data.get("usage")) for number, data in s.messages.deltas]
    for at, used in found if s.streamed else [("response /usage", s.answer.get("usage"))]:
        if isinstance(used, dict):
            yield at, used


def _thought(s: Sight, _c: Contract) -> bool:
    return any(count(used, *THOUGHT) is not None for _, used in _last_usages(s))


def _twins(s: Sight, _c: Contract) -> bool:
    names = ("cached_tokens", "cache_read_input_tokens")
    return any(None not in [count(used, name) for name in names] for _, used in _last_usages(s))


@law("api.messages.thinking-within-output", MESSAGE, EVENTS, when=_thought)
def thinking_within_output(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The output includes the reasoning."""
    for at, used in _last_usages(s):
        thought, written = count(used, *THOUGHT), count(used, "output_tokens")
        if thought is not None and written is not None and not 0 <= thought <= written:
            where = f"{at}/{'/'.join(THOUGHT)}"
            yield Flaw(f"0 to {written}", str(thought), where, "more was reasoned than was written")


@law("api.messages.cached-twins-equal", MESSAGE, EVENTS, when=_twins)
def cached_twins_equal(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Both spellings of the cache counter say the same."""
    for at, used in _last_usages(s):
        theirs, own = count(used, "cache_read_input_tokens"), count(used, "cached_tokens")
        if None not in (theirs, own) and theirs != own:
            yield Flaw(str(theirs), str(own), f"{at}/cached_tokens", "the two cache counters differ")
