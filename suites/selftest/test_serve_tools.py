"""Calls of the offline Kimi: when it makes them, which, and what follows a result."""

from __future__ import annotations

import json
from typing import Any

import pytest

from suites.selftest.serve_client import WEATHER, body, message_of, said

SEARCH = {"type": "function", "function": {"name": "web_search", "parameters": {"type": "object", "properties": {}}}}
OFF = {"thinking": {"type": "disabled"}}


def made(members: Any) -> list[tuple[str, str, Any]]:
    """Id, name and arguments of each call."""
    found = message_of(members).get("tool_calls", [])
    return [(call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])) for call in found]


def test_a_tool_is_called_when_a_user_asks_and_not_when_its_result_is_there() -> None:
    asks = body("Weather in Paris?", tools=[WEATHER])
    message = message_of(asks)
    assert (message["content"], said(asks)["choices"][0]["finish_reason"]) == ("", "tool_calls")
    assert message["tool_calls"] == [
        {
            "index": 0,
            "id": "get_weather_0",
            "type": "function",
            "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
        }
    ]
    result = {"role": "tool", "tool_call_id": "get_weather_0", "content": "21 degrees"}
    follows = {**asks, "messages": [*asks["messages"], message, result]}
    assert message_of(follows)["content"] == "The tool says: 21 degrees"
    assert made(follows) == []


@pytest.mark.parametrize(
    ("text", "cities"),
    [
        ("Weather in Paris and Beijing?", ["Paris", "Beijing"]),
        ("巴黎和北京的天气", ["巴黎", "北京"]),
        ("Beijing and Paris? 巴黎和北京?", ["Beijing", "Paris"]),
    ],
)
def test_two_cities_are_two_calls_with_ids_of_their_own(text: str, cities: list[str]) -> None:
    expected = [(f"get_weather_{at}", "get_weather", {"city": city}) for at, city in enumerate(cities)]
    assert made(body(text, tools=[WEATHER])) == expected


def test_ids_run_on_over_the_conversation() -> None:
    asks = body("Weather in Paris?", tools=[WEATHER])
    message = message_of(asks)
    result = {"role": "tool", "tool_call_id": "get_weather_0", "content": "ok"}
    again = {"role": "user", "content": "And in Beijing?"}
    later = {**asks, "messages": [*asks["messages"], message, result, again]}
    assert made(later) == [("get_weather_1", "get_weather", {"city": "Beijing"})]


def test_the_tool_with_a_word_of_its_name_in_the_question_is_taken() -> None:
    assert [name for _, name, _ in made(body("Use the search.", tools=[WEATHER, SEARCH]))] == ["web_search"]
    assert [name for _, name, _ in made(body("Go on.", tools=[WEATHER, SEARCH]))] == ["get_weather"]


@pytest.mark.parametrize("choice", ["auto", None])
def test_an_exact_text_is_given_rather_than_a_call_where_the_choice_is_free(choice: str | None) -> None:
    members = body("Repeat exactly: weather", tools=[WEATHER], tool_choice=choice)
    assert (made(members), message_of(members)["content"]) == ([], "weather")


def test_required_is_obeyed_by_kimi_k3_while_it_thinks() -> None:
    message = message_of(body("Repeat exactly: weather", tools=[WEATHER], tool_choice="required"))
    assert message["tool_calls"][0]["function"]["name"] == "get_weather"
    assert message["reasoning_content"]


def test_a_named_function_is_called_without_thinking() -> None:
    named = {"type": "function", "function": {"name": "web_search"}}
    members = body("Weather in Paris?", tools=[WEATHER, SEARCH], tool_choice=named, **OFF)
    assert [name for _, name, _ in made(members)] == ["web_search"]


@pytest.mark.parametrize(
    "members", [{"tools": [WEATHER], "tool_choice": "none"}, {"tools": []}, {"tool_choice": "auto"}]
)
def test_no_call_is_made_where_none_may_be(members: dict[str, Any]) -> None:
    assert made(body("Weather in Paris?", **members)) == []


def test_only_functions_are_called() -> None:
    builtin = {"type": "builtin_function", "function": {"name": "$web_search"}}
    assert made(body("Search the web.", tools=[builtin])) == []
    assert [name for _, name, _ in made(body("Search the web.", tools=[builtin, WEATHER]))] == ["get_weather"]


def test_tools_of_a_system_message_are_called() -> None:
    system = {"role": "system", "content": "", "tools": [WEATHER]}
    asks = {"role": "user", "content": "Weather in Paris?"}
    assert made(body(messages=[system, asks])) == [("get_weather_0", "get_weather", {"city": "Paris"})]


def test_calls_that_do_not_fit_the_budget_are_not_made() -> None:
    found = said(body("Weather in Paris?", tools=[WEATHER], max_tokens=20))
    (choice,) = found["choices"]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("length", "")
    assert "tool_calls" not in choice["message"]
