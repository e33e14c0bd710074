"""Streams of the offline Kimi: where the usage stands, what each chunk has, and how fast they come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from suites.selftest.serve_client import CHAT, CONFIG, MESSAGES, WEATHER, ask, body, chunks, header, post, said

ASKED = {"stream": True, "stream_options": {"include_usage": True}}


@pytest.mark.parametrize("options", [{}, {"stream_options": {}}, {"stream_options": {"include_usage": True}}])
def test_the_usage_stands_in_the_last_choice_and_once_more_where_it_is_asked_for(options: dict[str, object]) -> None:
    (exchange,) = ask(post(CHAT, body(stream=True, **options)))
    found = chunks(exchange)
    choices = [chunk for chunk in found if chunk["choices"]]
    bare = [chunk for chunk in found if not chunk["choices"]]
    assert ["usage" in chunk["choices"][0] for chunk in choices].index(True) == len(choices) - 1
    usages = [choices[-1]["choices"][0]["usage"]] * len(bare)
    assert [chunk["usage"] for chunk in bare] == usages
    assert len(bare) == int("include_usage" in options.get("stream_options", {}))  # type: ignore[operator]


def test_chunks_have_one_id_and_a_fingerprint_that_whole_answers_lack() -> None:
    (exchange,) = ask(post(CHAT, body(stream=True)))
    found = chunks(exchange)
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in found}) == 1
    assert {chunk["system_fingerprint"] for chunk in found} == {"fpv0_25844b67"}
    assert "system_fingerprint" not in said(body())
    assert header(exchange, "content-type") == "text/event-stream"


def test_the_role_is_first_then_reasoning_then_words() -> None:
    (exchange,) = ask(post(CHAT, body(stream=True)))
    first, *rest, last = [chunk["choices"][0] for chunk in chunks(exchange)]
    assert first["delta"] == {"role": "assistant", "content": ""}
    members = [next(iter(choice["delta"])) for choice in rest]
    assert members == sorted(members, reverse=True)
    assert set(members) == {"reasoning_content", "content"}
    assert (last["delta"], last["finish_reason"]) == ({}, "stop")
    assert all(choice["finish_reason"] is None for choice in (first, *rest))


def test_a_stream_is_cut_by_its_budget_as_a_whole_answer_is() -> None:
    (exchange,) = ask(post(CHAT, body(max_tokens=16, **ASKED)))
    found = chunks(exchange)
    assert found[-2]["choices"][0]["finish_reason"] == "length"
    assert found[-1]["usage"]["completion_tokens"] == 16
    assert not any("content" in chunk["choices"][0]["delta"] for chunk in found[1:-1])


def test_two_streamed_calls_are_told_apart_by_their_index() -> None:
    (exchange,) = ask(post(CHAT, body("Weather in Paris and Beijing?", tools=[WEATHER], stream=True)))
    joined: dict[int, str] = {}
    for chunk in chunks(exchange):
        for part in chunk["choices"][0]["delta"].get("tool_calls", ()):
            joined[part["index"]] = joined.get(part["index"], "") + part["function"]["arguments"]
    assert joined == {0: '{"city":"Paris"}', 1: '{"city":"Beijing"}'}


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_a_delay_stands_between_events_and_half_of_it_on_a_fast_model(path: str) -> None:
    config = replace(CONFIG, delay_s=0.02)
    members = body(stream=True, max_tokens=99)
    slow, fast = ask(
        post(path, {**members, "model": "kimi-k3.1-pro"}),
        post(path, {**members, "model": "kimi-k3.1-pro-highspeed"}),
        config=config,
    )
    assert slow.response is not None
    assert fast.response is not None
    for exchange, least_ms in ((slow, 20), (fast, 10)):
        assert exchange.response is not None
        times = [piece.t_ms for piece in exchange.response.pieces]
        assert times[-1] - times[0] >= least_ms * (len(times) - 1) * 0.9
    assert slow.end_ms - slow.start_ms > fast.end_ms - fast.start_ms
