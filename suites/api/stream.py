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
STREAMS = (REPEAT, "stream/kimi-k3-json", "stream/kimi-k3-two-calls")


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
    """A text with usage at its end, a JSON object, and two tool calls; what is not streamed is answered."""
    yield from each(m.named(*STREAMS), m[HELLO])


@cases_of("api.stream.usage-chunk-when-asked", "api.stream.usage-agrees", "api.stream.text-complete")
def with_usage(m: Material) -> Iterator[Case]:
    """A stream for which the usage was asked, and whose text is known."""
    yield from each(m.named(REPEAT))


@cases_of("api.stream.fragments-join")
def fragments_join(m: Material) -> Iterator[Case]:
    """Two calls in one stream."""
    yield from each(m.named("stream/kimi-k3-two-calls"))


@cases_of("api.stream.incremental", "api.latency.first-event")
def over_time(m: Material) -> Iterator[Case]:
    """A stream and its times."""
    yield from each(m.named(REPEAT), m[HELLO])
