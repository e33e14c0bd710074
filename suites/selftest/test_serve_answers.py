"""Answers of the offline Kimi: thinking, budgets, counters, formats, prefixes, and texts that come back unharmed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from suites.selftest.serve_client import CHAT, WEATHER, ask, body, chunks, header, message_of, post, said

OFF = {"thinking": {"type": "disabled"}}
TEXTS = ("Hello", "你好 世界", "emoji 👩‍👩‍👧 🇨🇳 and \u2028 and é", '{"a": "<b>&"}', "tab\tand\nlines\r\n", "")


def test_a_model_thinks_unless_it_is_told_not_to() -> None:
    thinking, silent = said(body()), said(body(**OFF))
    assert thinking["choices"][0]["message"]["reasoning_content"]
    assert thinking["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0
    assert list(silent["choices"][0]["message"]) == ["role", "content"]
    assert "completion_tokens_details" not in silent["usage"]
    assert silent["usage"]["prompt_tokens"] < thinking["usage"]["prompt_tokens"]


def test_a_kimi_k26_counts_one_token_of_reasoning_when_it_does_not_think() -> None:
    found = said(body(model="kimi-k2.6", **OFF))
    assert found["usage"]["completion_tokens_details"] == {"reasoning_tokens": 1}
    assert "reasoning_content" not in found["choices"][0]["message"]


@pytest.mark.parametrize("effort", ["low", "high", "max", "medium", "bogus"])
def test_any_effort_is_taken(effort: str) -> None:
    assert said(body(reasoning_effort=effort))["choices"]


@pytest.mark.parametrize("model", ["kimi-k3", "kimi-k3.1-pro", "kimi-k2.6", "kimi-k2.7-code"])
@pytest.mark.parametrize("more", [{}, {"max_tokens": 20}, {"tools": [WEATHER]}, OFF])
def test_the_counters_add_up(model: str, more: dict[str, Any]) -> None:
    always_thinks = model == "kimi-k2.7-code" and more == OFF
    usage = said(body(model=model, **({} if always_thinks else more)))["usage"]
    reasoning = usage.get("completion_tokens_details", {}).get("reasoning_tokens", 0)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert 0 <= reasoning <= usage["completion_tokens"] - 3


@pytest.mark.parametrize("bound", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("budget", [1, 3, 4, 16])
def test_a_small_budget_is_used_up_by_reasoning(bound: str, budget: int) -> None:
    found = said(body(**{bound: budget}))
    (choice,) = found["choices"]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("length", "")
    assert found["usage"]["completion_tokens"] == budget


def test_a_larger_budget_cuts_the_words_and_one_that_is_enough_cuts_nothing() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve"
    members = body(f"Repeat exactly: {text}", **OFF)
    cut, whole = said({**members, "max_tokens": 8}), said({**members, "max_tokens": 200})
    assert cut["choices"][0]["finish_reason"] == "length"
    assert text.startswith(cut["choices"][0]["message"]["content"])
    assert 0 < len(cut["choices"][0]["message"]["content"]) < len(text)
    assert cut["usage"]["completion_tokens"] == 8
    assert whole["choices"][0] == {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }


@pytest.mark.parametrize(("completion", "old", "finish"), [(4, 4096, "length"), (4096, 4, "stop")])
def test_max_completion_tokens_wins_over_max_tokens(completion: int, old: int, finish: str) -> None:
    found = said(body(max_completion_tokens=completion, max_tokens=old))
    assert found["choices"][0]["finish_reason"] == finish


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("words", ["Repeat exactly: ", "请原样重复：", "请原样重复: "])  # noqa: RUF001
def test_a_text_comes_back_as_it_is_whole_and_streamed(words: str, text: str) -> None:
    members = body(words + text)
    whole, streamed = ask(post(CHAT, members), post(CHAT, {**members, "stream": True}))
    assert whole.response is not None
    assert whole.response.json()["choices"][0]["message"]["content"] == text
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks(streamed)) == text


def test_half_a_character_in_a_prompt_is_answered_in_valid_utf8() -> None:
    sent = b'{"model": "kimi-k3", "messages": [{"role": "user", "content": "Repeat exactly: \\ud83d!"}]}'
    (exchange,) = ask(post(CHAT, sent))
    assert exchange.response is not None
    assert json.loads(exchange.response.body.decode("utf-8"))["choices"][0]["message"]["content"] == "?!"


def test_a_prompt_is_cached_when_the_same_key_sends_it_again() -> None:
    other = post(CHAT, body("another"))
    first, again, changed = ask(post(CHAT, body()), post(CHAT, body(seed=1)), other)
    assert first.response is not None
    assert again.response is not None
    usage, cached = first.response.json()["usage"], again.response.json()["usage"]
    assert "cached_tokens" not in usage
    assert "prompt_tokens_details" not in usage
    assert cached["cached_tokens"] == cached["prompt_tokens_details"]["cached_tokens"] == usage["prompt_tokens"]
    saved = [header(exchange, "msh-context-cache-token-saved") for exchange in (first, again, changed)]
    assert saved == [None, str(usage["prompt_tokens"]), None]


def test_a_stop_ends_the_words_before_it() -> None:
    members = body("Repeat exactly: one, two, three", stop=["three", "two"])
    assert message_of(members)["content"] == "one, "
    assert message_of({**members, "stop": "four"})["content"] == "one, two, three"


def test_json_mode_is_answered_with_an_object() -> None:
    members = body("Say it in JSON.", response_format={"type": "json_object"})
    assert isinstance(json.loads(message_of(members)["content"]), dict)
    members["messages"] = [{"role": "user", "content": 'Repeat exactly: {"a": [1]}'}]
    assert json.loads(message_of(members)["content"]) == {"a": [1]}


SCHEMAS: dict[str, tuple[Any, Any]] = {
    "object": (
        {"type": "object", "properties": {"a": {"type": "string"}, "n": {"type": "integer"}}, "required": ["a"]},
        {"a": "text", "n": 1},
    ),
    "array": ({"type": "array", "items": {"type": "number", "minimum": 2.5}, "minItems": 2}, [2.5, 2.5]),
    "whole": ({"type": "integer", "minimum": 2.5}, 3),
    "most": ({"type": "number", "maximum": -4}, -4),
    "enum": ({"enum": ["x", "y"]}, "x"),
    "any": ({"anyOf": [{"$ref": "#/$defs/no"}, {"type": "boolean"}]}, True),
    "nullable": ({"type": ["null", "string"]}, None),
    "short": ({"type": "string", "maxLength": 2}, "te"),
    "long": ({"type": "string", "minLength": 6}, "texttt"),
    "ref": ({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "boolean"}}}, True),
    "tree": (
        {"$ref": "#/$defs/t", "$defs": {"t": {"type": "object", "properties": {"next": {"$ref": "#/$defs/t"}}}}},
        {"next": {"next": {}}},
    ),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_answer_after_a_schema_satisfies_it_in_compact_form(name: str) -> None:
    schema, expected = SCHEMAS[name]
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    content = message_of(body(response_format=wanted))["content"]
    assert json.loads(content) == expected
    assert content == json.dumps(expected, separators=(",", ":"))


def test_a_schema_that_needs_itself_without_end_is_answered_all_the_same() -> None:
    endless = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": endless}}
    assert message_of(body(response_format=wanted))["content"].startswith('{"a":{"a":')


@pytest.mark.parametrize("bound", ["1e400", "-1e400", "9" * 400])
def test_a_bound_that_is_no_number_of_this_world_breaks_nothing(bound: str) -> None:
    asks = json.dumps(body(response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}))
    sent = asks.replace('"schema": {}', f'"schema": {{"type": "integer", "minimum": {bound}, "maximum": {bound}}}')
    (exchange,) = ask(post(CHAT, sent.encode()))
    assert exchange.status == 200


def test_a_partial_answer_goes_on_behind_its_prefix() -> None:
    asks = {"role": "user", "content": "Repeat exactly: one two three"}
    begun = {"role": "assistant", "content": "one ", "partial": True, "name": "Kimi"}
    assert message_of(body(messages=[asks, begun]))["content"] == "two three"
    assert message_of(body(messages=[asks, {**begun, "partial": False}]))["content"] == "one two three"


def test_members_that_nobody_knows_are_taken() -> None:
    unknown = {"seed": 7, "user": "u", "metadata": {}, "service_tier": "x", "verbosity": "low", "do_sample": True}
    known = {"prompt_cache_key": "k", "safety_identifier": "s", "parallel_tool_calls": True, "stream_options": {}}
    assert said(body(**unknown, **known))["model"] == "kimi-k3"


def test_the_id_tells_the_time_of_the_clock() -> None:
    found = said(body())
    assert found["created"] == 1_790_000_000
    assert int(found["id"].removeprefix("chatcmpl-")[:8], 16) == found["created"]


def test_no_two_answers_have_one_id() -> None:
    assert len({said(body())["id"] for _ in range(3)}) == 3
