"""The reference router's translation by itself: what it makes of requests, answers, errors and streams."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.reference.call import Body, Call, Reply, Routed
from kimi_conformance.reference.config import Route, Upstream
from kimi_conformance.reference.translate import translate, translated_body
from kimi_conformance.reference.translate_request import chat_members
from kimi_conformance.reference.upstream import UpstreamError
from kimi_conformance.registry.contracts import bodies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

CHAT_ONLY: Final = Routed(Route("direct", Upstream("http://kimi.test", {}, chat_only=True), {}, "direct"))
CALL: Final = Call("messages", "/v1/messages", "", (), None, "trace-1", Body(b"{}", {}))
JSON: Final = b"application/json; charset=utf-8"
STREAM: Final = b"text/event-stream"


async def _pieces(data: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


def told(*pieces: bytes, kind: bytes = JSON, status: int = 200) -> tuple[Reply, bytes]:
    """What a client gets of an answer in these pieces."""

    async def translated() -> tuple[Reply, bytes]:
        headers = ((b"Content-Type", kind), (b"Content-Length", b"7"), (b"Msh-Request-Id", b"x"))
        reply = await translate(CALL, CHAT_ONLY, Reply(status, headers, _pieces(pieces), lambda: None))
        return reply, b"".join([piece async for piece in reply.pieces])

    return asyncio.run(translated())


def chunk(finish: str | None = None, usage: Any = None, **delta: Any) -> bytes:
    """A chunk of the chat wire."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    said = {"id": "chatcmpl-1", "model": "kimi-k3", "choices": [choice], **({"usage": usage} if usage else {})}
    return b"data: " + json.dumps(said).encode() + b"\n\n"


def fragment(index: int, arguments: str, **named: str) -> dict[str, Any]:
    """A piece of a call."""
    function = {"arguments": arguments, **({"name": named["name"]} if named else {})}
    return {"index": index, **({"id": named["id"]} if named else {}), "function": function}


def events(*pieces: bytes) -> list[dict[str, Any]]:
    """The events of a stream."""
    _, body = told(*pieces, kind=STREAM)
    return [json.loads(event.split("\ndata: ")[1]) for event in body.decode().split("\n\n") if event]


DONE: Final = b"data: [DONE]\n\n"


def test_a_request_is_said_on_the_chat_wire() -> None:
    sent = {
        "model": "kimi-k3",
        "max_tokens": 7,
        "system": "Be terse.",
        "messages": [{"role": "user", "content": "Hi."}],
        "stop_sequences": ["x"],
        "thinking": {"type": "disabled"},
        "metadata": {"user_id": "u"},
        "top_k": 1,
        "temperature": 1,
        "x_nobody_knows": [1],
        "stream": True,
    }
    assert chat_members(sent) == {
        "model": "kimi-k3",
        "max_tokens": 7,
        "messages": [{"role": "system", "content": "Be terse."}, {"role": "user", "content": "Hi."}],
        "stop": ["x"],
        "thinking": {"type": "disabled"},
        "temperature": 1,
        "x_nobody_knows": [1],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_results_stand_before_what_is_said_beside_them() -> None:
    messages = chat_members(bodies().translations["results"]["text-beside"])["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "user"]
    assert messages[2]["tool_call_id"] == "get_weather_0"


def test_integers_keep_their_digits() -> None:
    raw = b'{"model":"kimi-k3","messages":[{"role":"user","content":"Hi."}],"seed":12345678901234567890}'
    assert b"12345678901234567890" in translated_body(Body(raw, {}))


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"messages": "Hi."},
        {"messages": ["Hi."]},
        {"messages": [{"role": "system", "content": "Hi."}]},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"role": "user", "content": [{"type": "document"}]}]},
        {"messages": [], "tools": [{}], "tool_choice": "any"},
    ],
    ids=json.dumps,
)
def test_what_has_no_place_on_the_chat_wire_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|must have|has no place"):
        chat_members(members)


def test_a_whole_answer_is_a_message() -> None:
    said = {"role": "assistant", "content": "", "reasoning_content": "Hm."}
    calls = [{"id": "a_0", "function": {"name": "a", "arguments": ""}}]
    used = {"prompt_tokens": 9, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4}}
    choices = [{"message": {**said, "tool_calls": calls}, "finish_reason": "tool_calls"}]
    reply, body = told(json.dumps({"id": "c", "model": "kimi-k3", "choices": choices, "usage": used}).encode())
    assert reply.headers == ((b"content-type", b"application/json"), (b"Msh-Request-Id", b"x"))
    assert json.loads(body) == {
        "id": "c",
        "type": "message",
        "role": "assistant",
        "model": "kimi-k3",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": ""},
            {"type": "tool_use", "id": "a_0", "name": "a", "input": {}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 5,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 4,
            "output_tokens": 5,
        },
    }


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"choices": []}', b"[]", b'{"choices": [null]}'])
def test_an_answer_that_is_none_is_an_upstream_error(body: bytes) -> None:
    with pytest.raises(UpstreamError):
        told(body)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"error": {"type": "t", "message": "m"}}', {"type": "t", "message": "m"}),
        (b'{"error": {}}', {"type": "api_error", "message": ""}),
        (b'{"error": "url.not_found"}', {"type": "api_error", "message": '{"error": "url.not_found"}'}),
        (b"<html>", {"type": "api_error", "message": "<html>"}),
    ],
)
def test_an_error_keeps_its_words(body: bytes, error: dict[str, str]) -> None:
    reply, said = told(body, status=504)
    assert reply.status == 504
    assert json.loads(said) == {"type": "error", "error": error}


def test_a_stream_is_told_block_by_block() -> None:
    used = {"prompt_tokens": 9, "completion_tokens": 5}
    said = [
        chunk(role="assistant", content=""),
        chunk(reasoning_content="Hm."),
        chunk(content="Hi."),
        chunk("stop", used),
    ]
    kinds = [(event["type"], event.get("index")) for event in events(*said, DONE)]
    assert kinds == [
        ("message_start", None),
        ("content_block_start", 0),
        ("content_block_delta", 0),
        ("content_block_stop", 0),
        ("content_block_start", 1),
        ("content_block_delta", 1),
        ("content_block_stop", 1),
        ("message_delta", None),
        ("message_stop", None),
    ]


def test_calls_whose_fragments_alternate_are_told_one_after_the_other() -> None:
    said = [
        chunk(tool_calls=[fragment(0, "", id="a_0", name="a")]),
        chunk(tool_calls=[fragment(1, "", id="b_1", name="b"), fragment(0, '{"n"')]),
        chunk(tool_calls=[fragment(1, "{}")]),
        chunk(tool_calls=[fragment(0, ": 1}")]),
        chunk("tool_calls"),
    ]
    found = [
        (event["index"], event.get("content_block", {}).get("id") or event.get("delta", {}).get("partial_json"))
        for event in events(*said, DONE)
        if "index" in event
    ]
    assert found == [(0, "a_0"), (0, '{"n"'), (0, ": 1}"), (0, None), (1, "b_1"), (1, "{}"), (1, None)]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_stream_says_the_same_whatever_pieces_it_comes_in(size: int) -> None:
    data = b": hello\n\n" + chunk(role="assistant", content="") + chunk(content="你好 \u2028") + chunk("stop") + DONE
    assert events(*(data[at : at + size] for at in range(0, len(data), size))) == events(data)


@pytest.mark.parametrize(
    "rest", [b"", b"data: {\n\n", b"data: {}\n\n", b'data: {"id": "x", "model": "m", "choices": 7}\n\n']
)
def test_a_stream_that_breaks_off_is_an_upstream_error(rest: bytes) -> None:
    with pytest.raises(UpstreamError):
        events(chunk(content="Hi."), rest)


def test_an_error_within_a_stream_is_its_end() -> None:
    error = {"type": "engine_overloaded_error", "message": "busy"}
    said = events(chunk(content="Hi."), b"data: " + json.dumps({"error": error}).encode() + b"\n\n", DONE)
    assert said[-1] == {"type": "error", "error": error}
