"""Streams of the chat wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material

HELLO = "chat/kimi-k3-hello"
REPEAT = "stream/kimi-k3-repeat"
CALLS = ("stream/kimi-k3-call", "stream/kimi-k3-two-calls")
USED = (REPEAT, "stream/kimi-k3-hello", "stream/kimi-k3-call")
STREAMS = ("stream/kimi-k3-hello", REPEAT, "stream/kimi-k3-json", *CALLS)


@cases_of(
    "api.stream.is-event-stream",
    "api.stream.well-formed",
    "api.stream.chunk-shape",
    "api.stream.one-id",
    "api.stream.one-created",
    "api.stream.role-first-and-once",
    "api.stream.one-finish",
    "api.stream.done-once-and-last",
    "api.stream.no-error-inside",
    "api.stream.usage-reachable",
    "api.stream.usage-in-last-choice",
    "api.stream.folds-to-completion",
    "api.stream.reasoning-before-content",
    "api.stream.fingerprint",
)
def streams(m: Material) -> Iterator[Case]:
    """Texts with usage at their end, a JSON object, one call and two; what is not streamed is answered."""
    yield from each(m.named(*STREAMS), m[HELLO])


@cases_of("api.stream.usage-chunk-when-asked", "api.stream.usage-agrees")
def with_usage(m: Material) -> Iterator[Case]:
    """Streams for which the usage was asked."""
    yield from each(m.named(*USED))


@cases_of("api.stream.text-complete")
def text_complete(m: Material) -> Iterator[Case]:
    """A stream whose text is known."""
    yield from each(m.named(REPEAT))


@cases_of("api.stream.fragments-join")
def fragments_join(m: Material) -> Iterator[Case]:
    """One call in a stream, and two."""
    yield from each(m.named(*CALLS))


@cases_of("api.stream.incremental", "api.latency.first-event")
def over_time(m: Material) -> Iterator[Case]:
    """A stream and its times."""
    yield from each(m.named(REPEAT), m[HELLO])
