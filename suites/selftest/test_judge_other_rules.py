"""The rules of a model are what the catalogue says: by another catalogue the same request is judged otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from kimi_conformance.contract.model_rules import Thinking, ToolChoice
from kimi_conformance.judge.api.known_good import DOCUMENTED, keeps
from kimi_conformance.judge.api.law import LAWS, Contract
from suites.selftest.law_lifecycle import CODING, KIMI
from suites.selftest.law_messages_requests import CHOICE, said
from suites.selftest.law_tools_refusals import K3_NAMED, K3_REQUIRED
from suites.selftest.sights import bears, chat, contract, whole

NAMED: Final = ("api.tools.named-refused-while-thinking", chat(whole(), K3_NAMED))
NAMED_THERE: Final = ("api.messages.named-tool-refused", said(**CHOICE))
EVERYTHING: Final = {
    **KIMI,
    "frequency_penalty": 0,
    "max_completion_tokens": 64,
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Say it in JSON."}],
    "n": 1,
    "presence_penalty": 0,
    "prompt_cache_key": "a",
    "reasoning_effort": "low",
    "response_format": {"type": "json_object"},
    "safety_identifier": "b",
    "stop": "c",
    "stream": False,
    "stream_options": {},
    "temperature": 1,
    "thinking": {"type": "disabled"},
    "tool_choice": "auto",
    "tools": K3_NAMED["tools"],
    "top_p": 0.95,
}


def ruled(model: str, **rules: Any) -> Contract:
    """The contract, with other rules for this model."""
    known = contract().catalogue
    row = known.models[model].model_copy(update=rules)
    return replace(contract(), catalogue=known.model_copy(update={"models": {**known.models, model: row}}))


def test_a_named_tool_is_refused_only_where_thinking_does_not_go_with_it() -> None:
    free = ruled("kimi-k3", tool_choice=ToolChoice(thinking=("auto", "named")))
    for requirement, sight in (NAMED, NAMED_THERE):
        assert bears(requirement, sight)
        assert not LAWS[requirement].when(sight, free)


def test_a_tool_may_be_required_by_who_thinks_where_that_alone_goes_with_it() -> None:
    asked = {**K3_REQUIRED, "thinking": {"type": "disabled"}}
    thinks = ruled("kimi-k3", tool_choice=ToolChoice(thinking=("auto", "none", "required")))
    assert keeps(chat(whole(), K3_REQUIRED), thinks)
    assert not keeps(chat(whole(), asked), thinks)


def test_a_request_to_the_coding_host_may_have_everything_that_is_documented() -> None:
    silent = ruled("kimi-for-coding", thinking=Thinking(disable="honoured", ignores_effort=True))
    sight = chat(whole(), EVERYTHING, **CODING)
    assert sight.asked.keys() == DOCUMENTED
    assert LAWS["api.coding.chat-answered"].when(sight, silent)
    assert not bears("api.coding.chat-answered", sight)
