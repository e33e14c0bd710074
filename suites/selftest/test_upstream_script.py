"""Scripts and what can be done to them, without a socket."""

from __future__ import annotations

from itertools import repeat

import pytest

from kimi_conformance.upstream.script import (
    Close,
    Gate,
    Pause,
    Reset,
    Script,
    Send,
    cut_after,
    gated,
    json_answer,
    split,
    sse_answer,
)


def sends(*data: bytes) -> tuple[Send, ...]:
    return tuple(Send(each) for each in data)


def test_a_json_answer_is_compact_utf8_and_says_so_unless_told_otherwise() -> None:
    script = json_answer(404, {"a": ["é", "\u2028", None]}, (("X", "1"),))
    assert script.body == '{"a":["é","\u2028",null]}'.encode()
    assert (script.status, script.headers) == (404, (("Content-Type", "application/json"), ("X", "1")))
    assert json_answer(200, b"{ }", (("content-TYPE", "text/plain"),)) == Script(
        200, (("content-TYPE", "text/plain"),), sends(b"{ }")
    )


def test_each_event_of_a_stream_is_a_send_of_its_own() -> None:
    script = sse_answer(["a", ("ping", "b\nc")])
    assert script.steps == sends(b"data: a\n\n", b"event: ping\ndata: b\ndata: c\n\n", b"data: [DONE]\n\n")
    assert (script.framing, script.headers) == ("chunked", (("Content-Type", "text/event-stream"),))


def test_the_blank_after_the_colon_and_the_end_mark_can_be_left_out() -> None:
    script = sse_answer([("ping", "a")], headers=(("A", "b"),), done=False, space_after_colon=False)
    assert (script.steps, script.headers) == (sends(b"event:ping\ndata:a\n\n"), (("A", "b"),))


def test_an_event_with_gates_waits_for_the_one_before_it() -> None:
    zero, one, done = sends(b"data: 0\n\n", b"data: 1\n\n", b"data: [DONE]\n\n")
    assert sse_answer(["0", "1"], gates=True).steps == (zero, Gate("event-0"), one, Gate("event-1"), done)


def test_gates_count_sends_only() -> None:
    a, b = sends(b"a", b"b")
    script = gated(Script(steps=(Pause(1), a, Pause(2), b, Close())))
    assert script.steps == (Pause(1), a, Pause(2), Gate("event-0"), b, Close())


def test_a_cut_drops_all_that_comes_after_it_and_keeps_the_promise_of_the_whole() -> None:
    script = Script(steps=(Pause(1), *sends(b"abc"), Gate("g"), *sends(b"def")))
    assert cut_after(script, 4, "reset") == Script(
        steps=(Pause(1), *sends(b"abc"), Gate("g"), *sends(b"d"), Reset()), declared=6
    )
    assert cut_after(script, 3, "close").steps == (Pause(1), *sends(b"abc"), Close())
    assert cut_after(script, 0, "close").steps == (Close(),)
    assert cut_after(cut_after(script, 5, "close"), 2, "close").declared == 6


@pytest.mark.parametrize("n_bytes", [-1, 7])
def test_a_cut_outside_of_the_body_is_an_error(n_bytes: int) -> None:
    with pytest.raises(ValueError, match=f"cannot cut a body of 6 bytes after {n_bytes}"):
        cut_after(Script(steps=sends(b"abcdef")), n_bytes, "close")


@pytest.mark.parametrize(
    ("sizes", "pieces"),
    [
        pytest.param([], [b"abcdefgh"], id="no-sizes"),
        pytest.param([1, 2], [b"a", b"bc", b"defgh"], id="the-rest-in-one"),
        pytest.param([3, 5], [b"abc", b"defgh"], id="exact"),
        pytest.param([8, 1], [b"abcdefgh"], id="more-than-enough"),
        pytest.param([100], [b"abcdefgh"], id="larger"),
        pytest.param(repeat(1), [b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h"], id="byte-by-byte"),
    ],
)
def test_a_split_sends_the_same_bytes_in_the_sizes_given(sizes: list[int], pieces: list[bytes]) -> None:
    script = Script(201, (("A", "b"),), sends(b"ab", b"cdefg", b"h"), framing="chunked")
    assert split(script, sizes) == Script(201, (("A", "b"),), sends(*pieces), framing="chunked")


def test_a_split_keeps_pauses_gates_and_ends_at_the_byte_where_they_stood() -> None:
    script = Script(steps=(Pause(1), *sends(b"abc"), Gate("g"), *sends(b"de", b"fg"), Close()))
    assert split(script, [2, 3, 1]).steps == (
        Pause(1),
        *sends(b"ab", b"c"),
        Gate("g"),
        *sends(b"de", b"f", b"g"),
        Close(),
    )
    assert split(script, repeat(3)).steps == (Pause(1), *sends(b"abc"), Gate("g"), *sends(b"def", b"g"), Close())


def test_a_split_into_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot send a piece of 0 bytes"):
        split(Script(steps=sends(b"abc")), [1, 0])
