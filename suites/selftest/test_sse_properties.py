"""The event-stream reader under random bytes, random pieces and random events.

The examples are the same in every run (`derandomize`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kimi_conformance.exchange import Piece
from kimi_conformance.sse import NoticeKind, Reader, Reading, read

# No verdict may hang on how busy the machine is: neither a deadline nor the health check that times the examples.
steady = settings(
    derandomize=True,
    database=None,
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

BOM = b"\xef\xbb\xbf"
LINES = [
    *b"data|data:|data: |data:a|data: b|data:  c|data: d:e|data: \0|data: \xe4\xbd".split(b"|"),
    *b"event|event:|event: f|event: \xff|id|id:|id: 1|id: 2\0|id: \xed\xa0\x80|retry:|retry: 3".split(b"|"),
    *b":|: g|:data: h|Data: i| data: j|data : k|l|\xef\xbb\xbf|\xef\xbb\xbfdata: m|\xef\xbb|\xff".split(b"|"),
    *"data: n\u2028\u2029\u0085\v\f\x1c\x1d\x1eo|data: 你🙂".encode().split(b"|"),
]
line_ends = st.sampled_from([b"\n", b"\r", b"\r\n"])
lines = st.sampled_from([*LINES, *[b""] * 12])
bodies = st.one_of(
    st.builds(
        lambda ended, rest: b"".join(line + end for line, end in ended) + rest,
        st.lists(st.tuples(lines, line_ends), min_size=6, max_size=30),
        lines,
    ),
    st.binary(max_size=60),
)
places = st.lists(st.integers(0, 150), max_size=20)
texts = st.text(
    st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]) | st.sampled_from(" :\u2028\u2029\u0085\v\f")
)


@dataclass(frozen=True)
class Written:
    """An event as it is to be read back, with a comment to stand within it."""

    type: str
    lines: list[str]
    id: str
    retry: int
    comment: str


written = st.builds(
    Written,
    type=texts.filter(bool),
    lines=st.lists(texts, min_size=1, max_size=4),
    id=texts.map(lambda text: text.replace("\0", "")),
    retry=st.integers(0, 10**18 - 1),
    comment=texts,
)


def cut(body: bytes, places: list[int]) -> list[Piece]:
    """`body` in pieces that end at `places`, some of them empty; piece n arrives at n ms."""
    ends = [*sorted({min(place, len(body)) for place in places}), len(body), len(body)]
    return [Piece(float(n), body[start:end]) for n, (start, end) in enumerate(zip([0, *ends], ends, strict=False))]


def timeless(reading: Reading) -> Reading:
    """The reading without its times."""
    return replace(
        reading,
        events=tuple(replace(event, t_ms=0.0) for event in reading.events),
        comments=tuple(replace(comment, t_ms=0.0) for comment in reading.comments),
    )


def interpreted(body: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Type, data and id of each event as 9.2.6 words it, on the whole stream at once, with its buffers."""
    events, data, kind, last_id = [], b"", b"", b""
    *lines, _unfinished = re.split(rb"\r\n|\n|\r", body.removeprefix(BOM))
    for line in lines:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            if data:
                events.append((kind or b"message", data[:-1], last_id))
            data, kind = b"", b""
        elif name == b"data":
            data += value + b"\n"
        elif name == b"event":
            kind = value
        elif name == b"id" and b"\0" not in value:
            last_id = value
    return events


def first_invalid(data: bytes) -> list[int]:
    """Where decoding the whole as UTF-8 fails, if it does."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return [error.start]
    return []


@steady
@given(body=bodies, places=places)
@example(body=b"\xef\xbb\xbfdata: a\r\n\r\n", places=[1, 2])
@example(body=b"data: a\r\n\r\ndata: b\r\n", places=[8, 10, 19])
def test_any_pieces_of_the_same_bytes_read_the_same(body: bytes, places: list[int]) -> None:
    assert timeless(read(cut(body, places))) == timeless(read([Piece(0.0, body)]))


@steady
@given(body=bodies)
def test_single_bytes_read_the_same(body: bytes) -> None:
    pieces = [Piece(0.0, bytes([byte])) for byte in body]
    assert read(pieces) == read([Piece(0.0, body)])


@steady
@given(body=bodies)
def test_any_bytes_read_as_the_standard_words_it(body: bytes) -> None:
    events = read([Piece(0.0, body)]).events
    assert [(event.type.encode(errors="surrogateescape"), event.data, event.id) for event in events] == interpreted(
        body
    )


@steady
@given(body=bodies, places=places)
def test_an_event_comes_with_the_piece_that_holds_its_last_byte(body: bytes, places: list[int]) -> None:
    reader, received = Reader(), b""
    for piece in cut(body, places):
        before, received = len(received), received + piece.data
        for event in reader.feed(piece):
            assert before < event.end <= len(received)
            assert event.t_ms == piece.t_ms
        for event in reader.close().events:
            assert event.end <= len(received)


@steady
@given(body=bodies)
def test_an_event_stands_in_the_stream_where_it_says(body: bytes) -> None:
    events = read([Piece(0.0, body)]).events
    assert [event.index for event in events] == list(range(len(events)))
    for event in events:
        (alone,) = read([Piece(0.0, body[event.offset : event.end])]).events
        assert (alone.type, alone.data) == (event.type, event.data)


@steady
@given(body=bodies)
def test_the_tail_ends_the_stream_and_holds_no_event(body: bytes) -> None:
    reading = read([Piece(0.0, body)])
    assert body.endswith(reading.tail)
    assert not reading.tail.startswith((b"\r", b"\n"))
    assert read([Piece(0.0, b"\n\n" + reading.tail)]).events == ()
    unfinished = [notice.offset for notice in reading.notices if notice.kind == NoticeKind.UNFINISHED]
    assert unfinished == ([len(body) - len(reading.tail)] if reading.tail else [])


@steady
@given(body=bodies)
def test_invalid_utf8_is_noted_where_decoding_the_whole_fails(body: bytes) -> None:
    noted = [notice.offset for notice in read([Piece(0.0, body)]).notices if notice.kind == NoticeKind.INVALID_UTF8]
    assert noted[:1] == first_invalid(body)


@steady
@given(
    events=st.lists(written, max_size=5),
    ends=st.lists(line_ends, min_size=1, max_size=7),
    blank=st.sampled_from(["", " "]),
    bom=st.sampled_from([b"", BOM]),
    places=places,
)
def test_written_events_are_read_back(
    events: list[Written], ends: list[bytes], blank: str, bom: bytes, places: list[int]
) -> None:
    stream = [
        line
        for event in events
        for line in (
            f":{event.comment}",
            *(f"{name}:{' ' if value.startswith(' ') else blank}{value}" for name, value in fields(event)),
            "",
        )
    ]
    # A line that ends in CR and a blank one that ends in LF would read as one line: no such two in one stream.
    if b"\r" in ends:
        ends = [end for end in ends if end != b"\n"]
    body = b"".join(line.encode() + ends[n % len(ends)] for n, line in enumerate(stream))
    reading = read(cut(bom + body, places))
    assert [(event.type, event.text.split("\n"), event.id.decode(), event.retry_ms) for event in reading.events] == [
        (event.type, event.lines, event.id, event.retry) for event in events
    ]
    assert [comment.data.decode() for comment in reading.comments] == [event.comment for event in events]
    assert reading.tail == b""


def fields(event: Written) -> list[tuple[str, str]]:
    """Its fields in an order of their own."""
    head, *rest = [("data", line) for line in event.lines]
    return [("id", event.id), head, ("event", event.type), *rest, ("retry", str(event.retry))]
