"""The event-stream reader, rule by rule of WHATWG HTML 9.2.5 and 9.2.6. Offsets are counted by hand."""

from __future__ import annotations

import pytest

from kimi_conformance.exchange import Piece
from kimi_conformance.sse import Comment, Event, Notice, NoticeKind, Reader, Reading, read


def whole(body: bytes) -> Reading:
    return read([Piece(1.0, body)])


def met(body: bytes) -> list[tuple[str, int]]:
    return [(str(notice.kind), notice.offset) for notice in whole(body).notices]


@pytest.mark.parametrize(
    ("body", "data"),
    [
        pytest.param(b"", [], id="empty-stream"),
        pytest.param(b"data: a\n\n", [b"a"], id="lf"),
        pytest.param(b"data: a\r\r", [b"a"], id="cr"),
        pytest.param(b"data: a\r\n\r\n", [b"a"], id="crlf"),
        pytest.param(b"data: a\n\r", [b"a"], id="lf-then-cr-are-two-line-ends"),
        pytest.param(b"data: a\r\n\n", [b"a"], id="crlf-then-lf"),
        pytest.param(b"data: a\r\ndata: b\r\n\r\n", [b"a\nb"], id="crlf-is-one-line-end"),
        pytest.param(b"data: a\rdata: b\ndata: c\r\ndata: d\r\r", [b"a\nb\nc\nd"], id="line-ends-mixed"),
        pytest.param(b"\n\r\r\n\n\ndata: a\n\n\n\n", [b"a"], id="stray-blank-lines"),
        pytest.param(b"data: a\n\ndata: b\n\n", [b"a", b"b"], id="two-events"),
        pytest.param(b"data: a\ndata: b\n\n", [b"a\nb"], id="data-lines-join-with-lf"),
        pytest.param(b"data: a\ndata:\ndata: b\n\n", [b"a\n\nb"], id="empty-data-line-counts"),
        pytest.param(b"data:a\n\n", [b"a"], id="no-blank-after-colon"),
        pytest.param(b"data:  a\n\n", [b" a"], id="exactly-one-blank-removed"),
        pytest.param(b"data: a \n\n", [b"a "], id="trailing-blank-kept"),
        pytest.param(b"data:\ta\n\n", [b"\ta"], id="tab-is-not-removed"),
        pytest.param(b"data: a:b: c\n\n", [b"a:b: c"], id="only-the-first-colon-divides"),
        pytest.param(b"data:\n\n", [b""], id="empty-data-line-is-an-event"),
        pytest.param(b"data\n\n", [b""], id="data-without-colon-is-an-event"),
        pytest.param(b"data\ndata\n\n", [b"\n"], id="two-without-colon-give-one-lf"),
        pytest.param(b"event: ping\n\n", [], id="no-data-no-event"),
        pytest.param(b"event: ping\n\ndata: a\n\n", [b"a"], id="no-data-then-an-event"),
        pytest.param(b": hello\n\ndata: a\n\n", [b"a"], id="comment-block"),
        pytest.param(b"data: a\n:data: no\ndata: b\n\n", [b"a\nb"], id="comment-within-a-block"),
        pytest.param(b"Data: x\ndata : x\n data: x\ndat: x\ndata: a\n\n", [b"a"], id="other-names-ignored"),
        pytest.param(b"\0data: x\ndata\0: x\ndata: \0\n\n", [b"\0"], id="nul-is-no-blank-and-is-kept-in-data"),
        pytest.param(b"\xef\xbb\xbfdata: a\n\n", [b"a"], id="leading-bom"),
        pytest.param(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [b"b"], id="second-bom-spoils-the-name"),
        pytest.param(b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [b"a"], id="later-bom-spoils-the-name"),
        pytest.param(b"data: \xef\xbb\xbfa\n\n", [b"\xef\xbb\xbfa"], id="bom-in-data-kept"),
        pytest.param("data: a\u2028b\n\n".encode(), ["a\u2028b".encode()], id="u2028-is-data"),
        pytest.param("data: a\u2029b\n\n".encode(), ["a\u2029b".encode()], id="u2029-is-data"),
        pytest.param("data: a\u0085b\n\n".encode(), ["a\u0085b".encode()], id="u0085-is-data"),
        pytest.param(b"data: a\x85b\n\n", [b"a\x85b"], id="byte-85-is-data"),
        pytest.param(
            b"data: a\x0bb\x0cc\x1cd\x1de\x1ef\n\n", [b"a\x0bb\x0cc\x1cd\x1de\x1ef"], id="vt-ff-fs-gs-rs-are-data"
        ),
        pytest.param(b"data: \xff\xc3\n\n", [b"\xff\xc3"], id="invalid-utf8-kept"),
        pytest.param(b"data: \xe4\xbd\ndata: b\n\n", [b"\xe4\xbd\nb"], id="cut-character-eats-no-line-end"),
        pytest.param(b"data: a\n\ndata: b\n", [b"a"], id="no-blank-line-at-the-end-no-event"),
        pytest.param(b"data: a\n\ndata: b", [b"a"], id="no-line-end-at-the-end-no-event"),
    ],
)
def test_a_stream_gives_the_data_of_its_events(body: bytes, data: list[bytes]) -> None:
    assert [event.data for event in whole(body).events] == data


@pytest.mark.parametrize(
    ("body", "types"),
    [
        pytest.param(b"data: a\n\n", ["message"], id="default"),
        pytest.param(b"event: ping\ndata: a\n\n", ["ping"], id="named-before-data"),
        pytest.param(b"data: a\nevent: ping\n\n", ["ping"], id="named-after-data"),
        pytest.param(b"event: a\nevent: b\ndata\n\n", ["b"], id="last-one-counts"),
        pytest.param(b"event: a\nevent:\ndata\n\n", ["message"], id="empty-is-default"),
        pytest.param(b"event\ndata\n\n", ["message"], id="no-colon-is-default"),
        pytest.param(b"event: a\ndata\n\ndata\n\n", ["a", "message"], id="does-not-last"),
        pytest.param(b"event: a\n\ndata\n\n", ["message"], id="does-not-outlive-a-block-without-data"),
        pytest.param("event: 事件\ndata\n\n".encode(), ["事件"], id="utf8"),
        pytest.param(b"event: \xff\ndata\n\n", ["\udcff"], id="invalid-utf8-can-be-told"),
    ],
)
def test_an_event_has_the_type_of_its_block(body: bytes, types: list[str]) -> None:
    assert [event.type for event in whole(body).events] == types


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        pytest.param(b"data\n\n", [b""], id="none"),
        pytest.param(b"id: 1\ndata\n\ndata\n\n", [b"1", b"1"], id="lasts"),
        pytest.param(b"id: 1\ndata\n\nid: 2\ndata\n\n", [b"1", b"2"], id="changes"),
        pytest.param(b"id: 1\ndata\n\nid:\ndata\n\n", [b"1", b""], id="empty-resets"),
        pytest.param(b"id: 1\ndata\n\nid\ndata\n\n", [b"1", b""], id="no-colon-resets"),
        pytest.param(b"id: 1\nid: 2\ndata\n\n", [b"2"], id="last-one-counts"),
        pytest.param(b"id: 1\n\ndata\n\n", [b"1"], id="set-by-a-block-without-data"),
        pytest.param(b"id: 1\ndata\n\nid: 2\0\ndata\n\n", [b"1", b"1"], id="nul-ignored"),
        pytest.param(b"id:  1\ndata\n\n", [b" 1"], id="one-blank-removed"),
    ],
)
def test_an_id_lasts_until_the_next(body: bytes, ids: list[bytes]) -> None:
    assert [event.id for event in whole(body).events] == ids


@pytest.mark.parametrize(
    ("body", "retries"),
    [
        pytest.param(b"data\n\n", [None], id="none"),
        pytest.param(b"retry: 0\ndata\n\n", [0], id="zero"),
        pytest.param(b"retry: 3000\ndata\n\ndata\n\n", [3000, 3000], id="lasts"),
        pytest.param(b"retry: 3000\n\ndata\n\n", [3000], id="set-by-a-block-without-data"),
        pytest.param(b"retry: 010\ndata\n\n", [10], id="base-ten"),
        pytest.param(b"retry: 5\nretry: 5s\ndata\n\n", [5], id="letters-ignored"),
        pytest.param(b"retry: -5\ndata\n\n", [None], id="sign-ignored"),
        pytest.param(b"retry: 1_000\ndata\n\n", [None], id="underscore-ignored"),
        pytest.param(b"retry:  5\ndata\n\n", [None], id="blank-ignored"),
        pytest.param(b"retry:\ndata\n\n", [None], id="empty-ignored"),
        pytest.param("retry: ٣\ndata\n\n".encode(), [None], id="other-digits-ignored"),
        pytest.param(b"retry: 999999999999999999\ndata\n\n", [10**18 - 1], id="18-digits"),
        pytest.param(b"retry: 1000000000000000000\ndata\n\n", [None], id="19-digits-ignored"),
        pytest.param(b"retry: " + b"9" * 5000 + b"\ndata\n\n", [None], id="5000-digits-ignored"),
    ],
)
def test_a_retry_of_digits_lasts_until_the_next(body: bytes, retries: list[int | None]) -> None:
    assert [event.retry_ms for event in whole(body).events] == retries


@pytest.mark.parametrize(
    ("body", "notices"),
    [
        pytest.param(b": hi\n\nevent: a\nid: 1\nretry: 1\ndata: b\ndata: c\n\ndata:\n\n", [], id="plain-stream"),
        pytest.param("data: a\u2028b\u0085c\n\n".encode(), [], id="line-separators"),
        pytest.param(b"\xef\xbb\xbfdata: a\n\n", [("bom", 0)], id="bom"),
        pytest.param(b"\xef\xbb\xbf", [("bom", 0)], id="bom-alone"),
        pytest.param(b"data: a\r\r", [("cr", 7)], id="cr"),
        pytest.param(b"data: a\r\n\r\n", [("crlf", 7)], id="crlf"),
        pytest.param(b"data: a\n\r\n", [("crlf", 8), ("mixed-line-ends", 8)], id="lf-then-crlf"),
        pytest.param(b"data: a\n\r", [("cr", 8), ("mixed-line-ends", 8)], id="lf-then-cr-at-the-end"),
        pytest.param(b": a\r\n\r\n: b\n", [("crlf", 3), ("mixed-line-ends", 10)], id="crlf-then-lf"),
        pytest.param(b"\n\n\r\r\n\r", [("cr", 2), ("mixed-line-ends", 2), ("crlf", 3)], id="all-three-noted-once"),
        pytest.param(b"data:a\ndata:b\n\n", [("no-space-after-colon", 0)], id="no-space-noted-once"),
        pytest.param(b"data: a\nid:1\n\n", [("no-space-after-colon", 8)], id="no-space-later"),
        pytest.param(b"data\n\ndata\n\n", [("no-colon", 0), ("no-colon", 6)], id="no-colon"),
        pytest.param(b"data: a\nfoo: b\nbar\n\n", [("unknown-field", 8), ("unknown-field", 15)], id="unknown-field"),
        pytest.param(b"event: a\nevent: b\ndata: c\n\n", [("repeated-field", 9)], id="event-twice"),
        pytest.param(b"id: a\nid: b\ndata: c\n\n", [("repeated-field", 6)], id="id-twice"),
        pytest.param(b"id: a\ndata: b\n\nid: c\ndata: d\n\n", [], id="id-in-two-blocks"),
        pytest.param(b"data: a\nid: 1\0\n\n", [("id-with-nul", 8)], id="id-with-nul"),
        pytest.param(b"data: a\nretry: 1s\n\n", [("bad-retry", 8)], id="bad-retry"),
        pytest.param(b"data: a\nretry:\n\n", [("bad-retry", 8)], id="empty-retry"),
        pytest.param(b"event: a\n\n", [("no-data", 0)], id="no-data"),
        pytest.param(b": hi\nretry: 1\n\n", [("no-data", 5)], id="no-data-behind-a-comment"),
        pytest.param(b"data: a\xffb\xff\n\n", [("invalid-utf8", 7)], id="invalid-byte-noted-once-a-line"),
        pytest.param(b"\xef\xbb\xbfdata: \xff\n\n", [("bom", 0), ("invalid-utf8", 9)], id="invalid-byte-behind-bom"),
        pytest.param(b": \xff\n\n", [("invalid-utf8", 2)], id="invalid-byte-in-a-comment"),
        pytest.param(b"data: \xed\xa0\x80\n\n", [("invalid-utf8", 6)], id="encoded-surrogate"),
        pytest.param(b"data: \xc0\xaf\n\n", [("invalid-utf8", 6)], id="overlong"),
        pytest.param(b"data: a\n", [("unfinished", 0)], id="unfinished-block"),
        pytest.param(b"data: a\n\n: b\ndata: c", [("unfinished", 13)], id="unfinished-line"),
        pytest.param(b"data: \xe4\xbd", [("unfinished", 0), ("invalid-utf8", 6)], id="cut-in-a-character"),
    ],
)
def test_what_the_reader_met_is_noted_with_its_offset(body: bytes, notices: list[tuple[str, int]]) -> None:
    assert met(body) == notices


@pytest.mark.parametrize(
    ("body", "tail"),
    [
        pytest.param(b"data: a\n\n", b"", id="clean"),
        pytest.param(b"data: a\n\n: ping\n", b"", id="comment-line-is-complete"),
        pytest.param(b"data: a\r\n\r\n", b"", id="clean-crlf"),
        pytest.param(b"data: a\n\nda", b"da", id="cut-in-a-name"),
        pytest.param(b"data: a\n\ndata: b", b"data: b", id="cut-in-a-line"),
        pytest.param(b"data: a\n\ndata: b\n", b"data: b\n", id="cut-before-the-blank-line"),
        pytest.param(b"\r\ndata: b\r\n: c\r\ndata: d\r\ne", b"data: b\r\n: c\r\ndata: d\r\ne", id="cut-after-lines"),
        pytest.param(b"data: a\r", b"data: a\r", id="cut-in-a-crlf"),
        pytest.param(b"data: a\n\n: pi", b": pi", id="cut-in-a-comment"),
        pytest.param(b"data: a\n\n: ping\nretry: 1\n", b"retry: 1\n", id="comments-ahead-do-not-count"),
        pytest.param(b"\xef\xbb\xbf", b"", id="bom-alone"),
        pytest.param(b"\xef\xbb\xbfda", b"da", id="bom-and-a-cut-name"),
        pytest.param(b"\xef\xbb", b"\xef\xbb", id="cut-in-the-bom"),
    ],
)
def test_the_tail_is_what_the_end_of_the_stream_cut_off(body: bytes, tail: bytes) -> None:
    assert whole(body).tail == tail


def test_an_event_knows_its_place_and_its_time() -> None:
    reading = read(
        [Piece(1.0, b": hi\nda"), Piece(2.5, b"ta: a\nid: 7\n"), Piece(4.0, b"\ndata: b\r\n\r"), Piece(5.0, b"\n")]
    )
    assert reading.events == (
        Event(index=0, type="message", data=b"a", id=b"7", retry_ms=None, offset=5, end=20, t_ms=4.0),
        Event(index=1, type="message", data=b"b", id=b"7", retry_ms=None, offset=20, end=30, t_ms=4.0),
    )


def test_offsets_count_the_bom() -> None:
    (event,) = whole(b"\xef\xbb\xbfdata: a\n\n").events
    assert (event.offset, event.end) == (3, 12)


def test_a_comment_keeps_its_bytes_offset_and_time() -> None:
    reading = read([Piece(1.0, b":\n: a"), Piece(2.0, b" \r"), Piece(3.0, b"\n\ndata: b\n:\xff:c\n\n: cut")])
    assert reading.comments == (Comment(b"", 0, 1.0), Comment(b" a ", 2, 2.0), Comment(b"\xff:c", 17, 3.0))


def test_an_event_is_delivered_with_the_piece_that_completes_it() -> None:
    reader = Reader()
    steps = [b"data: a\n", b"\ndata: b", b"", b"\n\ndata: c\n\nda", b"ta: d\n\n"]
    delivered = [[event.data for event in reader.feed(Piece(0.0, step))] for step in steps]
    assert delivered == [[], [b"a"], [], [b"b", b"c"], [b"d"]]


def test_a_cr_delivers_at_once_and_the_lf_behind_it_is_swallowed() -> None:
    reader = Reader()
    steps = [b"data: a\r", b"\n\r", b"\ndata: b\r\n\r", b"\n", b"\ndata: c\n\n"]
    delivered = [[event.data for event in reader.feed(Piece(0.0, step))] for step in steps]
    assert delivered == [[], [b"a"], [b"b"], [], [b"c"]]


def test_a_cr_and_a_lf_with_an_empty_piece_between_are_one_line_end() -> None:
    pieces = [Piece(0.0, step) for step in (b"data: a\r", b"", b"\n", b"data: b\n\n")]
    assert [event.data for event in read(pieces).events] == [b"a\nb"]


def test_a_lf_behind_another_line_is_not_swallowed() -> None:
    assert [event.data for event in whole(b"data: a\rdata: b\n\ndata: c\n\n").events] == [b"a\nb", b"c"]


def test_text_is_strict_and_data_is_kept() -> None:
    good, bad = whole("data: 你好 🙂\n\n".encode() + b"data: \xe4\xbd\n\n").events
    assert good.text == "你好 🙂"
    assert bad.data == b"\xe4\xbd"
    with pytest.raises(UnicodeDecodeError):
        _ = bad.text


def test_a_notice_says_what_became_of_it() -> None:
    assert whole(b"foo: bar\ndata: a\n\n").notices == (
        Notice(NoticeKind.UNKNOWN_FIELD, 0, "no field is called b'foo': ignored"),
    )


def test_a_message_does_not_grow_with_the_stream() -> None:
    long = b"x" * 10_000
    reading = whole(long + b"\nretry: " + long + b"\nid: \0" + long + b"\ndata: \xff" + long + b"\n\n" + long)
    assert len(reading.notices) == 5
    assert max(len(notice.message) for notice in reading.notices) < 120


def test_closing_leaves_the_reader_as_it_is() -> None:
    reader = Reader()
    reader.feed(Piece(0.0, b"\xef\xbb\xbfdata: \xff"))
    assert reader.close() == reader.close()
    reader.feed(Piece(0.0, b"b\r"))
    assert reader.close().tail == b"data: \xffb\r"
    (event,) = reader.feed(Piece(0.0, b"\n\r\n"))
    assert event.data == b"\xffb"
    assert [notice.kind for notice in reader.close().notices] == ["bom", "invalid-utf8", "crlf"]


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        (b"ab\xffcd: x\n", Notice(NoticeKind.INVALID_UTF8, 2, r"not UTF-8: invalid start byte at b'\xff'")),
        (b"\r", Notice(NoticeKind.CR, 0, "a line ends in CR, here for the first time")),
        (b"\r\n", Notice(NoticeKind.CRLF, 0, "a line ends in CR LF, here for the first time")),
        (b"x" * 41 + b": 1\n", Notice(NoticeKind.UNKNOWN_FIELD, 0, f"no field is called {b'x' * 40!r}: ignored")),
    ],
)
def test_a_notice_shows_what_was_met_and_no_more(body: bytes, notice: Notice) -> None:
    assert notice in whole(body).notices
