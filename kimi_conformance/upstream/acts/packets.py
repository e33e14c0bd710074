"""The bytes of a healthy stream, sent otherwise: in odd packets, with other line ends, with comments in between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.upstream.acts.act import act
from kimi_conformance.upstream.acts.changing import cut_at, streams
from kimi_conformance.upstream.acts.responses import letters, rich
from kimi_conformance.upstream.reply import Reply
from kimi_conformance.upstream.script import Script, Send, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.upstream.acts.act import Heard
    from kimi_conformance.upstream.script import Step

CUTS: Final = 6
"""So many cuts are made where there could be hundreds: each costs a little time."""

SINGLE: Final = (300, 60)
"""So many bytes at either end go out one by one: an event and the beginning of the next; the last `[DONE]`."""

CONTINUED: Final = frozenset(range(0x80, 0xC0))
"""The bytes of a character in UTF-8 after its first."""


@act("cut-characters")
def cut_characters(heard: Heard) -> Script:
    """A text in many scripts, whose packets end in the midst of characters."""
    script = letters(heard)
    inside = [at for at, byte in enumerate(script.body) if byte in CONTINUED]
    return cut_at(script, _some(inside))


@act("line-separators")
def line_separators(heard: Heard) -> Script:
    """A text with characters that end a line in Unicode, and not in an event stream."""
    return heard.healthy(Reply(text=f"a\u2028b\u2029c\u0085d {heard.mark}", reasoning="one\u2028two\u0085three"))


@act("split-bytes")
def split_bytes(heard: Heard) -> Script:
    """Every byte by itself, at the beginning and at the end: all of them would take long on a busy machine."""
    script = heard.healthy(Reply(text=f"Ok {heard.mark}.", reasoning="Hm."))
    between = len(script.body) - sum(SINGLE)
    return split(script, [*[1] * SINGLE[0], *[between] * (between > 0), *[1] * SINGLE[1]])


@act("split-in-data")
def split_in_data(heard: Heard) -> Script:
    """Packets that end in the midst of the word `data:`."""
    return _cut_inside(heard, b"data: ", 2)


@act("split-after-data")
def split_after_data(heard: Heard) -> Script:
    """Packets that end behind the colon of `data:`."""
    return _cut_inside(heard, b"data: ", 5)


@act("split-in-blank-line")
def split_in_blank_line(heard: Heard) -> Script:
    """Packets that end between the two line ends behind an event."""
    return _cut_inside(heard, b"\n\n", 1)


@act("split-in-crlf")
def split_in_crlf(heard: Heard) -> Script:
    """Lines that end in CR LF, in packets that end between the two."""
    script = _with_crlf(heard.healthy(rich(heard)))
    return cut_at(script, _some([at + 1 for at in _places(script.body, b"\r\n")])) if streams(script) else script


@act("crlf")
def crlf(heard: Heard) -> Script:
    """Lines that end in CR LF, an event in each packet."""
    return _with_crlf(heard.healthy(rich(heard)))


@act("one-packet")
def one_packet(heard: Heard) -> Script:
    """All events at once."""
    script = heard.healthy(rich(heard))
    return replace(script, steps=(Send(script.body),))


@act("comments-between")
def comments_between(heard: Heard) -> Script:
    """Comments between the events, as many gateways send them to keep a connection; on the messages wire a ping."""
    return _commented(heard, b": keep-alive\n\n", b'event: ping\ndata: {"type": "ping"}\n\n')


@act("comments-processing")
def comments_processing(heard: Heard) -> Script:
    """The comments that OpenRouter sends while a model thinks."""
    return _commented(heard, b": OPENROUTER PROCESSING\n\n", b"")


@act("comments-inside")
def comments_inside(heard: Heard) -> Script:
    """Comments among the lines of an event."""
    return _commented(heard, b": inside\n", b"")


def _commented(heard: Heard, comment: bytes, ping: bytes) -> Script:
    """A comment ahead of the first event, and of every other one after it; a ping where the wire has pings."""
    script = heard.healthy(rich(heard))
    if not streams(script):
        return script
    steps: list[Step] = []
    for number, step in enumerate(script.steps):
        if isinstance(step, Send):
            pinged = ping if number == 1 and heard.wire == "messages" else b""
            steps.append(Send(pinged + (b"" if number % 2 else comment) + step.data))
    return replace(script, steps=tuple(steps))


def _cut_inside(heard: Heard, what: bytes, after: int) -> Script:
    script = heard.healthy(rich(heard))
    return cut_at(script, _some([at + after for at in _places(script.body, what)]))


def _with_crlf(script: Script) -> Script:
    if not streams(script):
        return script
    return replace(
        script,
        steps=tuple(
            Send(step.data.replace(b"\n", b"\r\n")) if isinstance(step, Send) else step for step in script.steps
        ),
    )


def _places(body: bytes, what: bytes) -> Iterator[int]:
    at = body.find(what)
    while at >= 0:
        yield at
        at = body.find(what, at + len(what))


def _some(places: list[int]) -> list[int]:
    """A few of the places, from the first to the last of them."""
    if len(places) <= CUTS:
        return places
    return [places[index * (len(places) - 1) // (CUTS - 1)] for index in range(CUTS)]
