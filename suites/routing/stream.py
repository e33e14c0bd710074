"""Stream: events come back as they were sent, at once, in order, and tell the truth about their end."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, islice
from typing import TYPE_CHECKING

from kimi_conformance.contract.scene import Scene
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.matrix import Matrix

WHERE = "agent model surface"
AT_ONCE = 50
WITH_USAGE = {"stream_options": {"include_usage": True}}
SPLITS = (
    "split-bytes",
    "split-in-data",
    "split-after-data",
    "split-in-blank-line",
    "split-in-crlf",
    "crlf",
    "one-packet",
)
CUTS = ("cut-clean", "cut-reset", "cut-half-event", "cut-half-character")


def beside_plain(m: Matrix, plain: str, odd: str) -> Iterator[tuple[Ask, Ask]]:
    """The same ask twice, for a plain stream and for an odd one: what befalls both is not the odd one's."""
    return zip(streamed(m, plain), streamed(m, odd), strict=True)


def streamed(m: Matrix, *acts: str) -> Iterator[Ask]:
    """One ask of each kind that is routed for a stream, which its upstream answers with these acts."""
    for ask in m.subjects(stream=True):
        yield replace(ask, scene=Scene(acts=acts))


@cases_of("router.stream.events-equal-in-order")
def events_equal_in_order(m: Matrix) -> Iterator[Case]:
    """A stream with all that Kimi says, one with members that nobody knows, one that calls tools."""
    for act in ("rich", "unknown-members", "calls"):
        for ask in streamed(m, act):
            yield case(ask, vary=WHERE, answer=act)


@cases_of("router.stream.incremental")
def incremental(m: Matrix) -> Iterator[Case]:
    """A stream whose every word waits until the client has seen the one before."""
    for ask in streamed(m, "gated"):
        yield case(ask, vary=WHERE)


@cases_of("router.stream.done-once-and-last")
def done_once_and_last(m: Matrix) -> Iterator[Case]:
    """A stream, with counters in a chunk behind the last word, and without."""
    for ask in streamed(m, "rich"):
        yield case(ask, vary=WHERE, usage="unasked")
        if ask.surface == "chat":
            yield case(replace(ask, members=WITH_USAGE), vary=WHERE, usage="asked")


@cases_of("router.stream.usage-kept")
def usage_kept(m: Matrix) -> Iterator[Case]:
    """Counters in the last choice, where Kimi has them; in a chunk of their own; in both; and in Anthropic's places."""
    for place in ("choice", "chunk", "both"):
        for ask in streamed(m, f"usage-in-{place}"):
            if ask.surface == "chat":
                asked = ask if place == "choice" else replace(ask, members=WITH_USAGE)
                yield case(asked, vary=WHERE, place=place)
    for ask in streamed(m, "rich"):
        if ask.surface == "messages":
            yield case(ask, vary=WHERE, place="messages")


@cases_of("router.stream.fragments-rejoin")
def fragments_rejoin(m: Matrix) -> Iterator[Case]:
    """Two calls at once: one after the other, and with fragments that alternate."""
    for order, act in (("in-turn", "calls"), ("interleaved", "interleaved-calls")):
        for ask in streamed(m, act):
            yield case(replace(ask, members=m.bodies.tools[ask.surface]["schema"]), vary=WHERE, order=order)


@cases_of("router.stream.utf8-across-packets")
def utf8_across_packets(m: Matrix) -> Iterator[Case]:
    """A text in many scripts, whose packets end in the midst of characters."""
    for pair in beside_plain(m, "letters", "cut-characters"):
        yield case(*pair, vary=WHERE)


@cases_of("router.stream.line-separators-kept")
def line_separators_kept(m: Matrix) -> Iterator[Case]:
    """A text with characters that end a line in Unicode, and not in an event stream."""
    for pair in beside_plain(m, "rich", "line-separators"):
        yield case(*pair, vary=WHERE)


@cases_of("router.stream.any-packet-split-same-events")
def any_packet_split_same_events(m: Matrix) -> Iterator[Case]:
    """The same stream in every odd way of cutting it into packets and lines."""
    for act in SPLITS:
        for pair in beside_plain(m, "rich", act):
            yield case(*pair, vary=WHERE, split=act.removeprefix("split-"))


@cases_of("router.stream.comments-tolerated")
def comments_tolerated(m: Matrix) -> Iterator[Case]:
    """Comments between the events, OpenRouter's own among them, and inside an event; a ping where there may be one."""
    for where in ("between", "processing", "inside"):
        for pair in beside_plain(m, "rich", f"comments-{where}"):
            yield case(*pair, vary=WHERE, comments=where)


@cases_of("router.stream.truncation-visible")
def truncation_visible(m: Matrix) -> Iterator[Case]:
    """A stream that ends without its end, in every way."""
    for act in CUTS:
        for ask in streamed(m, act):
            yield case(ask, vary=WHERE, cut=act.removeprefix("cut-"), disturbs=True)


@cases_of("router.stream.error-event-kept")
def error_event_kept(m: Matrix) -> Iterator[Case]:
    """A stream with an error after some words."""
    for ask in streamed(m, "error-event"):
        yield case(ask, vary=WHERE, disturbs=True)


@cases_of("router.stream.cancel-reaches-upstream")
def cancel_reaches_upstream(m: Matrix) -> Iterator[Case]:
    """A client that leaves at the first word of a stream that goes on for long."""
    for ask in streamed(m, "endless"):
        yield case(replace(ask, hangs_up=True), vary=WHERE, disturbs=True)


@cases_of("router.stream.no-cross-talk")
def no_cross_talk(m: Matrix) -> Iterator[Case]:
    """Fifty streams at once."""
    if asks := [*streamed(m, "words")]:
        yield case(*islice(cycle(asks), m.at_most(AT_ONCE)), together=True)


@cases_of("router.stream.no-retry-after-first-byte")
def no_retry_after_first_byte(m: Matrix) -> Iterator[Case]:
    """A stream that breaks when its client has seen the first word; whoever is asked then would answer."""
    for ask in streamed(m, "cut-after-first", "rich"):
        yield case(ask, vary=WHERE, disturbs=True)
