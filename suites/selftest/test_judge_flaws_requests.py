"""Which requests with tools show something of a rule about tools, and which messages are known to be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from suites.selftest.sights import HELLO, MESSAGES, TOOL, asking, bears, chat, error, flaws, invalid, seen, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

OFF: Final = {"type": "disabled"}
NAMED: Final = {"type": "function", "function": {"name": "get_weather"}}
SYSTEM: Final = {"role": "system", "tools": [TOOL]}
REF: Final = {"$ref": "#/$defs/a", "properties": {}}
REQUIRED, CHOSEN = "api.tools.required-refused-while-thinking", "api.tools.named-refused-while-thinking"
WORKS, ALONE = "api.tools.named-works-without-thinking", "api.tools.required-without-tools-refused"
AUTO, FLAVOUR, PLACED = (
    "api.tools.auto-without-tools-accepted",
    "api.tools.schema-flavour-checked",
    "api.tools.dynamic-tools-placed",
)
TAKEN: Final = "api.messages.answered"
THEIRS: Final = {"name": "get_weather", "input_schema": TOOL["function"]["parameters"]}
SILENT_NAMED: Final = asking("kimi-k2.6", thinking=OFF, tools=[TOOL], tool_choice=NAMED)


@pytest.mark.parametrize(
    ("requirement", "asked", "shows"),
    [
        (REQUIRED, asking("kimi-k2.6", tools=[TOOL], tool_choice="required"), True),
        (REQUIRED, asking("kimi-k2.6", tools=[TOOL], tool_choice="auto"), False),
        (REQUIRED, asking("kimi-k2.6", tool_choice="required"), False),
        (REQUIRED, asking("kimi-k2.6", thinking=OFF, tools=[TOOL], tool_choice="required"), False),
        (REQUIRED, asking("kimi-k9", tools=[TOOL], tool_choice="required"), False),
        (CHOSEN, asking("kimi-k2.6", tools=[TOOL], tool_choice=NAMED), True),
        (CHOSEN, asking("kimi-k2.6", tools=[], tool_choice=NAMED), False),
        (CHOSEN, asking("kimi-k9", tools=[TOOL], tool_choice=NAMED), False),
        (WORKS, SILENT_NAMED, True),
        (WORKS, {**SILENT_NAMED, "thinking": {"type": "enabled"}}, False),
        (WORKS, {**SILENT_NAMED, "model": "kimi-k9"}, False),
        (ALONE, asking(tool_choice="required"), True),
        (ALONE, asking(tool_choice="required", tools=[]), True),
        (ALONE, asking(tool_choice="required", tools="odd"), False),
        (ALONE, asking(tool_choice="required", tools=[TOOL]), False),
        (AUTO, asking(tool_choice="auto"), True),
        (AUTO, asking(), False),
        (AUTO, asking(tool_choice="auto", n=2), False),
        (FLAVOUR, asking(tools=[{"type": "function", "function": {"name": "a", "parameters": REF}}]), False),
        (PLACED, asking(messages=[{**SYSTEM, "role": "user"}, *HELLO]), True),
        (PLACED, asking(messages=[{**SYSTEM, "content": "Hi."}, *HELLO]), True),
        (PLACED, asking(messages=[SYSTEM, {**SYSTEM, "role": "user"}, *HELLO]), True),
        (PLACED, asking(messages=[SYSTEM, *HELLO]), False),
        (PLACED, asking("kimi-k2.6", messages=[{**SYSTEM, "role": "user"}, *HELLO]), False),
        (PLACED, asking(tools=[TOOL, TOOL]), False),
    ],
)
def test_a_request_shows_what_its_tools_and_its_choice_are_about(
    requirement: str, asked: dict[str, Any], *, shows: bool
) -> None:
    assert bears(requirement, chat(whole(), asked)) is shows


@pytest.mark.parametrize(
    ("members", "known"),
    [
        ({}, True),
        ({"max_tokens": 1}, True),
        ({"max_tokens": 0}, False),
        ({"max_tokens": True}, False),
        ({"system": "Be brief."}, True),
        ({"system": ""}, False),
        ({"stream": True}, True),
        ({"stream": "yes"}, False),
        ({"odd": 1}, False),
        ({"temperature": 0.5, "top_k": 1}, True),
        ({"temperature": 0.4}, False),
        ({"tools": [THEIRS]}, True),
        ({"tools": []}, False),
        ({"tools": [THEIRS, {**THEIRS, "name": "a b"}]}, False),
        ({"tools": [{"input_schema": THEIRS["input_schema"]}]}, False),
        ({"tools": [{**THEIRS, "input_schema": "odd"}]}, False),
        ({"output_config": {"effort": "high"}}, True),
        ({"output_config": {"effort": 5}}, False),
        ({"output_config": {"effort": "high", "odd": 1}}, False),
        ({"messages": [*HELLO, {"role": "assistant", "content": "Hi."}, *HELLO]}, False),
    ],
)
def test_a_message_is_known_to_be_taken_or_nothing_is_said(members: dict[str, Any], *, known: bool) -> None:
    asked = asking(**{"max_tokens": 64, **members})
    assert bears(TAKEN, seen(200, {"type": "message"}, asked=asked, path=MESSAGES)) is known


def test_a_message_and_its_answer_fit_the_context_with_a_byte_to_spare() -> None:
    def of(most: int) -> Sight:
        return seen(200, {"type": "message"}, asked=asking("kimi-k2.6", max_tokens=most), path=MESSAGES)

    body = len(of(200_000).exchange.request.body)
    assert [bears(TAKEN, of(262_144 - body - spare)) for spare in (1, 0)] == [True, False]


def test_a_refusal_with_another_status_type_and_message_is_told_whole() -> None:
    asked = asking(tool_choice="required")
    answer = '200 application/json {"a":1}'
    assert [(flaw.expected, flaw.actual, flaw.where, flaw.message) for flaw in flaws(ALONE, chat({"a": 1}, asked))] == [
        ("400", answer, "response", f"not refused with 400: {answer}")
    ]
    assert [(flaw.expected, flaw.actual, flaw.where) for flaw in flaws(ALONE, error(400, "odd", "", asked))] == [
        ("invalid_request_error", '"odd"', "response /error/type"),
        ("a message that matches .", '""', "response /error/message"),
    ]
    assert flaws(ALONE, invalid("no", asked)) == []
