"""The Anthropic face of the offline Kimi, on the platform and on the coding host."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from suites.selftest.serve_client import (
    CODING,
    CODING_MESSAGES,
    CONFIG,
    DRAINED,
    MESSAGES,
    OWN,
    answer_to,
    ask,
    body,
    events,
    post,
    said,
)

if TYPE_CHECKING:
    from kimi_conformance.exchange import Exchange

TOOL = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
OFF = {"thinking": {"type": "disabled"}}


def asks(text: str = "hello", **members: Any) -> dict[str, Any]:
    return body(text, max_tokens=512, **members)


def streamed(exchange: Exchange) -> list[Any]:
    """The events, each under the name that its data has."""
    found = [(name, json.loads(data)) for name, data in events(exchange)]
    assert [name for name, _ in found] == [data["type"] for _, data in found]
    return [data for _, data in found]


def test_a_message_has_thinking_text_and_both_kinds_of_counters() -> None:
    found = said(asks("Repeat exactly: 你好"), path=MESSAGES)
    assert [block["type"] for block in found["content"]] == ["thinking", "text"]
    assert (found["content"][0]["signature"], found["content"][1]["text"]) == ("", "你好")
    assert (found["type"], found["role"], found["model"], found["stop_reason"]) == (
        "message",
        "assistant",
        "kimi-k3",
        "end_turn",
    )
    usage = found["usage"]
    cached = usage["cache_read_input_tokens"] + usage["cache_creation_input_tokens"]
    assert usage["input_tokens"] + cached == usage["prompt_tokens"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["output_tokens"]


def test_thinking_is_off_where_it_is_disabled() -> None:
    assert [block["type"] for block in said(asks(**OFF), path=MESSAGES)["content"]] == ["text"]


def test_a_stream_goes_by_blocks_without_ping_signature_or_done() -> None:
    (exchange,) = ask(post(MESSAGES, asks(stream=True)))
    found = streamed(exchange)
    types = [event["type"] for event in found]
    assert types[0] == "message_start"
    assert types[-2:] == ["message_delta", "message_stop"]
    assert set(types) == {
        *("message_start", "content_block_start", "content_block_delta", "content_block_stop"),
        *("message_delta", "message_stop"),
    }
    assert re.fullmatch(r"chatcmpl-[0-9a-f]{24}", found[0]["message"]["id"])


def test_a_call_is_a_block_and_its_result_is_answered() -> None:
    members = asks("Weather in Paris?", tools=[TOOL])
    found = said(members, path=MESSAGES)
    assert found["stop_reason"] == "tool_use"
    (used,) = [block for block in found["content"] if block["type"] == "tool_use"]
    assert used == {"type": "tool_use", "id": "get_weather_0", "name": "get_weather", "input": {"city": "Paris"}}
    result = {"type": "tool_result", "tool_use_id": "get_weather_0", "content": "21 degrees"}
    turns = [{"role": "assistant", "content": found["content"]}, {"role": "user", "content": [result]}]
    follows = said({**members, "messages": [*members["messages"], *turns]}, path=MESSAGES)
    assert [block.get("text") for block in follows["content"]] == [None, "The tool says: 21 degrees"]


def test_the_input_of_a_streamed_call_joins_to_an_object() -> None:
    (exchange,) = ask(post(MESSAGES, asks("Weather in Paris?", tools=[TOOL], stream=True)))
    deltas = [event["delta"] for event in streamed(exchange) if event["type"] == "content_block_delta"]
    assert json.loads("".join(delta.get("partial_json", "") for delta in deltas)) == {"city": "Paris"}


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"temperature": 0.5}, id="temperature"),
        pytest.param({"top_k": 1}, id="top-k"),
        pytest.param({"top_p": 0.5, "n": 2, "logprobs": True}, id="others"),
        pytest.param({"output_config": {"effort": "bogus"}}, id="effort"),
        pytest.param({"system": [{"type": "text", "text": "Be kind."}]}, id="system"),
        pytest.param({"tools": [TOOL], "tool_choice": {"type": "any"}}, id="any"),
        pytest.param({"tools": [TOOL], "tool_choice": {"type": "tool", "name": "get_weather"}, **OFF}, id="named-off"),
    ],
)
def test_what_chat_would_refuse_or_this_face_ignores_is_answered(members: dict[str, Any]) -> None:
    assert said(asks(**members), path=MESSAGES)["type"] == "message"


def test_a_version_header_is_taken() -> None:
    assert answer_to(post(MESSAGES, asks(), ("anthropic-version", "2023-06-01")))[0] == 200


def test_a_schema_is_kept() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    found = said(asks(output_config={"format": {"type": "json_schema", "schema": schema}}), path=MESSAGES)
    assert found["content"][-1]["text"] == '{"a":1}'


@pytest.mark.parametrize(
    ("members", "status", "type_", "message"),
    [
        (
            {"model": "kimi-k2-turbo"},
            404,
            "resource_not_found_error",
            "Not found the model kimi-k2-turbo or Permission denied",
        ),
        (
            {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "get_weather"}},
            400,
            "invalid_request_error",
            "tool_choice 'specified' is incompatible with thinking enabled",
        ),
        ({"messages": []}, 400, "invalid_request_error", "Invalid request: messages must not be empty"),
        ({"max_tokens": None}, 400, "invalid_request_error", "Invalid request: max_tokens is required"),
    ],
)
def test_400_and_404_have_anthropics_shape(members: dict[str, Any], status: int, type_: str, message: str) -> None:
    found = answer_to(post(MESSAGES, {**asks(), **members}))
    id_ = found[1].pop("request_id")
    assert found == (status, {"type": "error", "error": {"type": type_, "message": message}})
    assert re.fullmatch(r"[0-9a-f-]{36}", id_)


def test_401_and_429_have_openais_shape() -> None:
    limited = replace(CONFIG, keys={OWN: replace(CONFIG.keys[OWN], rpm=0), DRAINED: CONFIG.keys[DRAINED]})
    statuses = {}
    for key, config in (("sk-nobody", CONFIG), (DRAINED, CONFIG), (OWN, limited)):
        status, found = answer_to(post(MESSAGES, asks(), key=key), config)
        assert list(found) == ["error"]
        statuses[found["error"]["type"]] = status, found["error"]["message"][:31]
    assert statuses == {
        "invalid_authentication_error": (401, "Invalid Authentication"),
        "exceeded_current_quota_error": (429, "Your account org-0123456789abcd"),
        "rate_limit_reached_error": (429, "Organization Rate limit exceede"),
    }


def test_the_coding_host_has_ids_spacing_and_errors_of_its_own() -> None:
    members = asks(model="k3")
    whole, stream, wrong = ask(
        post(CODING_MESSAGES, members, key=CODING),
        post(CODING_MESSAGES, {**members, "stream": True}, key=CODING),
        post(CODING_MESSAGES, {**members, "messages": []}, key=CODING),
    )
    assert whole.response is not None
    assert stream.response is not None
    assert wrong.response is not None
    assert re.fullmatch(r"msg_[0-9a-zA-Z]{24}", whole.response.json()["id"])
    assert stream.response.body.startswith(b'event:message_start\ndata:{"type"')
    start = streamed(stream)[0]["message"]["usage"]
    assert (start["input_tokens"], start["cache_read_input_tokens"]) == (0, start["prompt_tokens"])
    assert (wrong.response.status, list(wrong.response.json())) == (400, ["error", "type"])


def test_a_picture_from_the_net_is_refused_and_an_inline_one_is_taken() -> None:
    def pictured(source: dict[str, str]) -> dict[str, Any]:
        return asks(messages=[{"role": "user", "content": [{"type": "image", "source": source}]}])

    remote = {"type": "url", "url": "https://example.org/a.png"}
    inline = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    assert answer_to(post(MESSAGES, pictured(remote)))[0] == 400
    assert answer_to(post(MESSAGES, pictured(inline)))[0] == 200
