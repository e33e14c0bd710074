"""Requests that keep every rule we know, and doubtful ones: only of the first may a refusal be blamed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.judge.api.flavour import plain
from kimi_conformance.judge.api.known_good import is_inline_image, keeps
from suites.selftest.sights import HELLO, MESSAGES, TOOL, asking, chat, contract, seen, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTRACT: Final = contract()
PIXEL: Final = "data:image/png;base64,iVBORw0KGgo="
OFF: Final = {"type": "disabled"}
ON: Final = {"type": "enabled"}
OBJECT: Final = {"type": "object"}
BRINGER: Final = {"role": "system", "content": "", "tools": [TOOL]}


def tool(**function: Any) -> dict[str, Any]:
    """A tool with other members of its function."""
    return {**TOOL, "function": {**TOOL["function"], **function}}


def said(content: Any) -> dict[str, Any]:
    """A request whose user says this."""
    return asking(messages=[{"role": "user", "content": content}])


def schema(**members: Any) -> dict[str, Any]:
    """A request for JSON of a schema, with other members of what describes it."""
    named = {"name": "town", "schema": OBJECT, **members}
    return asking(response_format={"type": "json_schema", "json_schema": named})


def named(name: str, kind: str = "function") -> dict[str, Any]:
    """A choice of a tool."""
    return {"type": kind, "function": {"name": name}}


FIRST: Final = tool(name="first")
SECOND: Final = tool(name="second")
KEPT: Final = [
    asking(),
    asking(stream_options={}),
    asking(stream_options={"include_usage": True}),
    asking(stream_options={"include_usage": False}),
    asking(prompt_cache_key="k", safety_identifier="s" * 64),
    asking(max_tokens=1),
    asking(max_completion_tokens=1),
    asking(temperature=1, top_p=0.95, n=1, presence_penalty=0, frequency_penalty=0),
    asking("kimi-k2.6", temperature=1),
    asking("kimi-k2.6", temperature=0.6, thinking=OFF),
    asking("kimi-k2.6", thinking=ON),
    asking("kimi-k2.7-code", thinking=ON),
    asking("kimi-k3", thinking=OFF),
    asking("kimi-k3", reasoning_effort="low"),
    asking("kimi-k3", reasoning_effort="of my own"),
    asking("kimi-k3.1-pro", reasoning_effort="high"),
    asking("kimi-k2.6", reasoning_effort="of my own"),
    asking(stop="a" * 32),
    asking(stop=["a", "b", "c", "d", "e"]),
    asking(tools=[tool(name=f"tool_{number}") for number in range(128)]),
    asking(tools=[tool(name="a" * 63, description="Tells it.", strict=False)]),
    asking(tools=[tool(strict=True)]),
    asking(tool_choice="auto"),
    asking(tool_choice="none"),
    asking(tools=[TOOL], tool_choice="required"),
    asking("kimi-k2.6", tools=[TOOL], tool_choice="required", thinking=OFF),
    asking("kimi-k2.6", tools=[FIRST, SECOND], tool_choice=named("second"), thinking=OFF),
    asking(response_format={"type": "text"}),
    asking(response_format={"type": "json_object"}, messages=[{"role": "user", "content": "Say it in JSON."}]),
    schema(),
    said([{"type": "text", "text": "Hello."}]),
    said([{"type": "text", "text": "Which?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]),
    asking(messages=[{"role": "system", "content": "Be brief."}, *HELLO]),
]
DOUBTFUL: Final = [
    asking(stream_options={"include_usage": "yes"}),
    asking(stream_options={"another": True}),
    {**asking(), "seed": None},
    {**asking(), "nobody": None},
    asking(metadata="no object"),
    asking(prompt_cache_key=""),
    asking(prompt_cache_key="k" * 65),
    asking(safety_identifier="s" * 65),
    asking(max_tokens=True),
    asking(max_tokens=0),
    asking(max_tokens="64"),
    asking(max_tokens=1_048_576),
    asking(max_tokens=1, max_completion_tokens=1_048_576),
    asking(temperature=True),
    asking(temperature=0),
    asking(temperature="1"),
    asking("kimi-latest", temperature=0.5),
    asking(n=2),
    asking(top_p=1, temperature=1),
    asking("kimi-k2.6", temperature=0.6),
    asking("kimi-k2.6", temperature=1, thinking=OFF),
    asking("moonshot-v1-8k", temperature=0.5),
    asking("moonshot-v1-8k", top_p=0.5),
    asking("kimi-latest"),
    asking("kimi-k3", thinking=ON),
    asking("moonshot-v1-8k", thinking=ON),
    asking("moonshot-v1-8k", thinking=OFF),
    asking("moonshot-v1-8k", reasoning_effort="low"),
    asking("kimi-k2.6", thinking={"type": "enabled", "keep": "all"}),
    asking("kimi-k2.6", thinking={"of": "enabled"}),
    asking("kimi-k2.7-code", thinking=OFF),
    asking("kimi-k2.7-code", reasoning_effort="low"),
    asking("kimi-k3.1-pro", reasoning_effort="of my own"),
    asking("kimi-k3", reasoning_effort=""),
    asking(stop=""),
    asking(stop=[]),
    asking(stop=["a", 1]),
    asking(stop=["a", ""]),
    asking(stop=[1]),
    asking(stop=7),
    asking(stop={"a": 1}),
    asking(stop="a" * 33),
    asking(tools=[]),
    asking(tools={}),
    asking(tools="get_weather"),
    asking(tools=7),
    asking(tools=[tool(name=f"tool_{number}") for number in range(129)]),
    asking(tools=[TOOL, 7]),
    asking(tools=[7, TOOL]),
    asking(tools=[{**TOOL, "type": "builtin_function"}]),
    asking(tools=[{"type": "function"}]),
    asking(tools=[{"type": "function", "function": "get_weather"}]),
    asking(tools=[{"type": "function", "function": {}}]),
    asking(tools=[tool(name=7)]),
    asking(tools=[tool(name="größe")]),
    asking(tools=[tool(name="get weather")]),
    asking(tools=[tool(name="get-weather")]),
    asking(tools=[tool(name="a" * 64)]),
    asking(tools=[tool(description=7)]),
    asking(tools=[tool(strict="yes")]),
    asking(tools=[tool(another=1)]),
    asking(tools=[tool(parameters=7)]),
    asking(tools=[tool(parameters={"type": "string"})]),
    asking(tools=[tool(parameters={"type": "object", "oneOf": []})]),
    asking(tool_choice="required"),
    asking(tool_choice="sometimes", tools=[TOOL]),
    asking(tool_choice=named("get_weather")),
    asking("kimi-k2.6", tools=[TOOL], tool_choice="required"),
    asking("kimi-k2.6", tools=[TOOL], tool_choice=named("another"), thinking=OFF),
    asking("kimi-k2.6", tools=[TOOL], tool_choice=named("get_weather", "tool"), thinking=OFF),
    asking("kimi-k2.6", tools=[TOOL], tool_choice="named", thinking=OFF),
    asking("kimi-k2.6", tools=[TOOL], tool_choice="sometimes", thinking=OFF),
    asking("kimi-k2.7-code", tools=[TOOL], tool_choice="required", thinking=OFF),
    asking("moonshot-v1-8k", tools=[TOOL], tool_choice="required"),
    asking(response_format={"type": "json_object"}),
    asking(response_format={"type": "text", "another": 1}),
    asking(response_format="json"),
    asking(response_format={"type": "json_schema", "json_schema": "town"}),
    asking(response_format={"type": "json_schema"}),
    schema(name=7),
    schema(name="größe"),
    schema(name="a town"),
    schema(schema={"type": "string"}),
    schema(schema=7),
    said("  "),
    said([]),
    said({}),
    said(None),
    said(7),
    said(["Hello."]),
    said([{"type": "text", "text": " "}]),
    said([{"type": "text", "text": 7}]),
    said([{"type": "text"}]),
    said([{"type": "video_url", "video_url": PIXEL}]),
    said([{"type": "image_url", "image_url": "data:image/png,pixels"}]),
    said([{"type": "image_url", "image_url": "file:image/png;base64,iVBORw0KGgo="}]),
    {"model": "kimi-k3"},
    asking(messages={}),
    asking(messages=7),
    asking(messages=[]),
    asking(messages=["Hello.", *HELLO]),
    asking(messages=[*HELLO, {"role": "user", "content": "And?", "name": "Ada"}]),
    asking(messages=[{"role": "assistant", "content": "Hello."}, *HELLO]),
    asking(messages=[*HELLO, {"role": "system", "content": "Be brief."}]),
    asking(messages=[BRINGER, *HELLO]),
]
BROUGHT: Final = [[BRINGER, *HELLO], [{**BRINGER, "tools": [TOOL, SECOND]}, *HELLO], HELLO]
ILL_BROUGHT: Final = [
    [7, *HELLO],
    [{**BRINGER, "role": "user"}, *HELLO],
    [{**BRINGER, "content": "Take these."}, *HELLO],
    [{**BRINGER, "content": None}, *HELLO],
    [{**BRINGER, "tools": []}, *HELLO],
    [{**BRINGER, "tools": {"a": 1}}, *HELLO],
    [{**BRINGER, "tools": 7}, *HELLO],
    [{**BRINGER, "tools": [TOOL, 7]}, *HELLO],
    [{**BRINGER, "name": "Ada"}, *HELLO],
    {"role": "user"},
    7,
]
PLAIN: Final[list[Mapping[str, Any]]] = [
    {"type": "null"},
    {"type": "boolean"},
    {"type": "array", "items": {"type": "integer"}, "minItems": 0, "maxItems": 3},
    {"type": "string", "enum": ["a"], "default": "a", "description": "A letter.", "minLength": 1, "maxLength": 1},
    {"type": "string", "enum": ["a"] * 1000},
    {"type": "number", "minimum": 0.5, "maximum": 1},
    {"type": "object", "properties": {"a": OBJECT}, "required": ["a"], "additionalProperties": True},
    {"type": "object", "additionalProperties": {"type": "string"}},
]
NOT_PLAIN: Final[list[Any]] = [
    7,
    None,
    [],
    {},
    {"type": "thing"},
    {"type": ["string", "null"]},
    {"type": "object", "oneOf": []},
    {"type": "object", "properties": []},
    {"type": "object", "properties": {"a": {}}},
    {"type": "object", "properties": {"a": OBJECT, "b": {}}},
    {"type": "object", "required": "a"},
    {"type": "object", "required": ["a"]},
    {"type": "object", "properties": {"a": OBJECT}, "required": ["a", "b"]},
    {"type": "object", "required": [{}]},
    {"type": "object", "additionalProperties": {}},
    {"type": "object", "additionalProperties": 7},
    {"type": "array", "items": {}},
    {"type": "array", "items": True},
    {"type": "array", "minItems": "3"},
    {"type": "array", "minItems": True},
    *({"type": "string", bound: "3"} for bound in ("minLength", "maxLength")),
    *({"type": "number", bound: "3"} for bound in ("minimum", "maximum")),
    {"type": "array", "minItems": 1, "maxItems": None},
    {"type": "string", "enum": []},
    {"type": "string", "enum": "a"},
    {"type": "string", "enum": ["a"] * 1001},
]


def deep(levels: int, inside: dict[str, Any], wrap: str) -> dict[str, Any]:
    """A schema in a schema, so many levels deep."""
    for _ in range(levels):
        inside = {"type": "array", "items": inside} if wrap == "items" else {"type": "object", wrap: inside}
    return inside


@pytest.mark.parametrize("asked", KEPT)
def test_a_request_of_what_is_known_to_be_taken_keeps_the_rules(asked: dict[str, Any]) -> None:
    assert keeps(chat(whole(), asked), CONTRACT)


@pytest.mark.parametrize("asked", DOUBTFUL)
def test_a_request_with_anything_else_is_doubtful(asked: dict[str, Any]) -> None:
    assert not keeps(chat(whole(), asked), CONTRACT)


@pytest.mark.parametrize("messages", BROUGHT)
def test_system_messages_may_bring_tools_where_that_is_asked(messages: Any) -> None:
    assert keeps(chat(whole(), asking(messages=messages)), CONTRACT, bringing=True)


@pytest.mark.parametrize("model", ["kimi-k3", "kimi-k2.6"])
@pytest.mark.parametrize("messages", ILL_BROUGHT)
def test_what_brings_tools_in_another_way_is_doubtful(messages: Any, model: str) -> None:
    assert not keeps(chat(whole(), asking(model, messages=messages)), CONTRACT, bringing=True)


def test_who_requires_a_tool_offers_one_and_does_not_only_let_it_be_brought() -> None:
    asked = asking(messages=[BRINGER, *HELLO], tool_choice="required")
    assert not keeps(chat(whole(), asked), CONTRACT, bringing=True)


def test_half_of_a_surrogate_pair_in_a_stop_counts_as_one_byte() -> None:
    def of(halves: int) -> bytes:
        return json.dumps(asking(stop="\ud800" * halves)).encode()

    assert [keeps(chat(whole(), of(halves)), CONTRACT) for halves in (32, 33)] == [True, False]


def test_prompt_and_answer_fit_the_context_with_a_byte_to_spare() -> None:
    def of(most: int) -> dict[str, Any]:
        return asking("kimi-k2.6", max_tokens=most)

    body = len(chat(whole(), of(200_000)).exchange.request.body)
    assert [keeps(chat(whole(), of(262_144 - body - spare)), CONTRACT) for spare in (1, 0)] == [True, False]


def test_without_a_bound_only_the_prompt_has_to_fit() -> None:
    def of(letters: int) -> dict[str, Any]:
        return asking("kimi-k2.6", messages=[{"role": "user", "content": "a" * letters}])

    rest = len(chat(whole(), of(0)).exchange.request.body)
    assert [keeps(chat(whole(), of(262_144 - rest - spare)), CONTRACT) for spare in (1, 0)] == [True, False]


def test_only_chat_requests_keep_the_rules_of_chat() -> None:
    assert not keeps(seen(200, {}, asked=asking("kimi-k2.6", max_tokens=64), path=MESSAGES), CONTRACT)


@pytest.mark.parametrize(
    "part", [7, None, [], {"type": "text", "image_url": PIXEL}, {"type": "image_url"}], ids=lambda each: str(each)[:120]
)
def test_what_is_no_image_is_no_inline_image(part: Any) -> None:
    assert not is_inline_image(part)


@pytest.mark.parametrize("schema", PLAIN)
def test_a_schema_of_known_words_is_plain(schema: dict[str, Any]) -> None:
    assert plain(schema)


@pytest.mark.parametrize("schema", NOT_PLAIN)
def test_a_schema_of_other_words_is_not_plain(schema: Any) -> None:
    assert not plain(schema)


@pytest.mark.parametrize("wrap", ["items", "additionalProperties"])
def test_a_schema_is_followed_half_as_deep_as_is_allowed(wrap: str) -> None:
    assert [plain(deep(levels, {"type": "object"}, wrap)) for levels in (16, 17)] == [True, False]
