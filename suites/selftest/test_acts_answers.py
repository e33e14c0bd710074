"""What the stand-ins play for the response and stream areas: on every wire it is what its name says, and no more."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.exchange import Piece, Request
from kimi_conformance.judge.api.fold import fold
from kimi_conformance.judge.meaning import Meaning, meaning_of_stream
from kimi_conformance.sse import read
from kimi_conformance.upstream import anthropic, kimi, openai
from kimi_conformance.upstream.acts import ACTS, Heard
from kimi_conformance.upstream.acts.responses import CALLS, FINISHES, LETTERS
from kimi_conformance.upstream.script import Close, Gate, Reset, Script, Send

if TYPE_CHECKING:
    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.sse import Reading
    from kimi_conformance.upstream.reply import Reply

MARK: Final = "kc7f3a2bx0000017"
SPEAKERS: Final[list[tuple[str, Surface]]] = [
    ("kimi", "chat"),
    ("openai", "chat"),
    ("kimi", "messages"),
    ("anthropic", "messages"),
]
WHOLE: Final = ("rich", "unknown-members", "calls", "letters", "letters-escaped", "gzip", "identified")
ODD: Final = (
    *("cut-characters", "line-separators", "crlf", "one-packet", "interleaved-calls"),
    *(f"split-{how}" for how in ("bytes", "in-data", "after-data", "in-blank-line", "in-crlf")),
    *(f"comments-{where}" for where in ("between", "processing", "inside")),
    *(f"usage-in-{place}" for place in ("choice", "chunk", "both")),
)
CUTS: Final = ("cut-clean", "cut-reset", "cut-half-event", "cut-half-character", "cut-after-first", "error-event")


def heard(dialect: str, wire: Surface, *, stream: bool, accept: str = "") -> Heard:
    body = {"model": "kimi-k3", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi."}], "stream": stream}
    on_messages = kimi.MESSAGES if dialect == "kimi" else anthropic.MESSAGES
    path = on_messages if wire == "messages" else kimi.CHAT
    headers = (("accept-encoding", accept),) if accept else ()
    request = Request("POST", path, headers, json.dumps(body).encode())
    return Heard(request, dialect, wire, MARK, 0, partial(_healthy, dialect, request))


def _healthy(dialect: str, request: Request, reply: Reply) -> Script:
    match dialect:
        case "kimi":
            return kimi.answer(request, kimi.Config(reply=reply))
        case "openai":
            return openai.answer(request, openai.Config(reply=reply))
        case _:
            return anthropic.answer(request, anthropic.Config(reply=reply))


def streamed(act: str, dialect: str, wire: Surface) -> tuple[Script, Reading, Meaning]:
    script = ACTS[act](heard(dialect, wire, stream=True))
    reading = read([Piece(0.0, step.data) for step in script.steps if isinstance(step, Send)])
    return script, reading, meaning_of_stream(reading.events, wire)


@pytest.mark.parametrize("act", [*WHOLE, *ODD])
@pytest.mark.parametrize(("dialect", "wire"), SPEAKERS)
def test_a_stream_is_whole_however_it_is_sent(act: str, dialect: str, wire: Surface) -> None:
    script, reading, meaning = streamed(act, dialect, wire)
    assert script.status == 200
    assert not reading.tail
    assert not any("not UTF-8" in notice.message for notice in reading.notices)
    assert meaning.finish == ("tool_calls" if "calls" in act else "stop")
    assert (MARK in meaning.text) != ("calls" in act)


@pytest.mark.parametrize("act", WHOLE)
@pytest.mark.parametrize(("dialect", "wire"), SPEAKERS)
def test_an_answer_is_json(act: str, dialect: str, wire: Surface) -> None:
    script = ACTS[act](heard(dialect, wire, stream=False))
    assert isinstance(json.loads(script.body), dict)


@pytest.mark.parametrize(("dialect", "wire"), SPEAKERS)
def test_both_calls_join_wherever_their_fragments_stand(dialect: str, wire: Surface) -> None:
    due = [(call.name, json.loads(call.arguments)) for call in CALLS]
    for act in ("calls", "interleaved-calls"):
        assert streamed(act, dialect, wire)[2].calls == due


def test_fragments_alternate_on_the_chat_wire() -> None:
    _, reading, _ = streamed("interleaved-calls", "kimi", "chat")
    chunks = [chunk for _, chunk in fold(reading.events).chunks]
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    order = [call["index"] for delta in deltas for call in delta.get("tool_calls", ())]
    assert order[:6] == [0, 1, 0, 1, 0, 1]


@pytest.mark.parametrize(("place", "in_choice", "in_chunk"), [("choice", 1, 0), ("chunk", 0, 1), ("both", 1, 1)])
@pytest.mark.parametrize("dialect", ["kimi", "openai"])
def test_counters_stand_where_the_act_says(place: str, in_choice: int, in_chunk: int, dialect: str) -> None:
    stream = fold(streamed(f"usage-in-{place}", dialect, "chat")[1].events)
    assert (len(stream.choices[0].usages), len(stream.usages)) == (in_choice, in_chunk)
    assert all(said["cached_tokens"] == 93 for _, said in stream.all_usages)


@pytest.mark.parametrize("finish", FINISHES)
def test_an_answer_ends_for_its_reason(finish: str) -> None:
    said = json.loads(ACTS[f"finish-{finish}"](heard("kimi", "chat", stream=False)).body)
    assert said["choices"][0]["finish_reason"] == finish


def test_packets_end_where_the_act_says() -> None:
    assert sum(map(_torn, packets("cut-characters"))) >= 6
    assert all(packet.endswith(b"da") for packet in packets("split-in-data")[:-1])
    assert all(packet.endswith(b"\r") for packet in packets("split-in-crlf")[:-1])
    assert [len(packet) for packet in packets("split-bytes")].count(1) == 360


def packets(act: str) -> list[bytes]:
    return [step.data for step in streamed(act, "kimi", "chat")[0].steps if isinstance(step, Send)]


def _torn(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def test_letters_are_plain_or_escaped_and_the_same() -> None:
    plain, escaped = (ACTS[act](heard("kimi", "chat", stream=False)).body for act in ("letters", "letters-escaped"))
    assert escaped.isascii()
    assert LETTERS.encode() in plain
    assert [_text(body) for body in (plain, escaped)] == [f"{LETTERS} {MARK}"] * 2


def _text(body: bytes) -> Any:
    return json.loads(body)["choices"][0]["message"]["content"]


def test_gzip_is_for_those_who_name_it() -> None:
    for accept, packed in (("gzip, br", True), ("identity", False), ("", False)):
        script = ACTS["gzip"](heard("kimi", "chat", stream=False, accept=accept))
        assert script.body.startswith(b"\x1f\x8b") is packed
        assert (("Content-Encoding", "gzip") in script.headers) is packed


@pytest.mark.parametrize(("dialect", "wire"), SPEAKERS)
def test_every_dialect_has_its_own_request_id(dialect: str, wire: Surface) -> None:
    names = {"kimi": "Msh-Request-Id", "openai": "x-request-id", "anthropic": "request-id"}
    headers = dict(ACTS["identified"](heard(dialect, wire, stream=False)).headers)
    assert headers[names[dialect]]


@pytest.mark.parametrize("act", CUTS)
@pytest.mark.parametrize(("dialect", "wire"), SPEAKERS)
def test_a_stream_that_is_cut_has_words_and_no_end(act: str, dialect: str, wire: Surface) -> None:
    script, reading, meaning = streamed(act, dialect, wire)
    assert "0000017-000" in meaning.text
    assert meaning.finish is None
    assert not any(event.data == b"[DONE]" or b"message_stop" in event.data for event in reading.events)
    torn = act in ("cut-reset", "cut-half-event", "cut-half-character")
    assert bool(reading.tail) is torn
    ends = {"cut-reset": Reset, "cut-after-first": Reset, "cut-half-event": Close, "cut-half-character": Close}
    assert isinstance(script.steps[-1], ends.get(act, Send))


def test_half_a_character_is_half_a_character() -> None:
    _, reading, _ = streamed("cut-half-character", "kimi", "chat")
    assert _torn(reading.tail)


def test_a_word_waits_for_the_one_before() -> None:
    script = ACTS["gated"](heard("kimi", "chat", stream=True))
    assert [step.name for step in script.steps if isinstance(step, Gate)] == ["seen-0", "seen-1", "seen-2"]
