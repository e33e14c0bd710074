"""What the laws of chat answers say, word by word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.judge.api.law import LAWS
from kimi_conformance.judge.check import Flaw
from suites.selftest.sights import asking, calling, chat, contract, stream, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

CONTRACT: Final = contract()
AT: Final = "response /choices/0"
SAID: Final = [
    (
        "api.chat.finish-reason",
        chat(whole(finish="done")),
        ("stop or length or tool_calls or content_filter", '"done"', f"{AT}/finish_reason"),
        "the finish_reason is none of those that are known",
    ),
    (
        "api.chat.finish-fits-content",
        chat({**calling(), "choices": [{**calling()["choices"][0], "finish_reason": "stop"}]}),
        ("tool_calls", '"stop"', f"{AT}/finish_reason"),
        "tool calls are there, and not announced",
    ),
    (
        "api.chat.finish-fits-content",
        chat(whole(finish="tool_calls")),
        ("tool calls", "none", f"{AT}/message/tool_calls"),
        "tool calls are announced, and not there",
    ),
    (
        "api.chat.budget-kept",
        chat(whole(), asking(max_tokens=53)),
        ("at most 53", "54", "response /usage/completion_tokens"),
        "more was completed than was asked for",
    ),
    (
        "api.chat.length-fills-budget",
        chat(whole(finish="length"), asking(max_tokens=55)),
        ("55", "54", "response /usage/completion_tokens"),
        "the answer was cut for its length before its budget was used up",
    ),
]


@pytest.mark.parametrize(("requirement", "sight", "seen", "message"), SAID)
def test_a_flaw_of_a_chat_answer_is_told_word_by_word(
    requirement: str, sight: Sight, seen: tuple[str, str, str], message: str
) -> None:
    assert LAWS[requirement].when(sight, CONTRACT)
    assert list(LAWS[requirement].check(sight, CONTRACT)) == [Flaw(*seen, message)]


def test_an_answer_may_use_up_its_budget_and_no_more() -> None:
    law = LAWS["api.chat.budget-kept"]
    assert list(law.check(chat(whole(), asking(max_tokens=54)), CONTRACT)) == []


def test_a_stream_without_choices_says_nothing_of_finish_reasons() -> None:
    assert not LAWS["api.chat.finish-reason"].when(stream({"choices": []}), CONTRACT)
