"""Which members of a chat request leave a doubt whether it may be refused: by their names, and by their types."""

from __future__ import annotations

from typing import Any

import pytest

from kimi_conformance.judge.api.known_good import keeps
from kimi_conformance.judge.api.law import Contract
from kimi_conformance.registry.contracts import catalogue, wire_schemas
from suites.selftest.sights import asking, chat, whole

CONTRACT = Contract(catalogue(), wire_schemas())


def doubtful(**members: Any) -> bool:
    return not keeps(chat(whole(), {**asking(), **members}), CONTRACT)


@pytest.mark.parametrize(
    "name",
    [
        "audio",
        "function_call",
        "functions",
        "logit_bias",
        "logprobs",
        "modalities",
        "prediction",
        "prompt_cache_options",
        "top_logprobs",
        "web_search_options",
    ],
)
def test_a_member_of_which_it_is_not_known_what_is_taken_is_doubtful_whatever_it_says(name: str) -> None:
    assert all(doubtful(**{name: value}) for value in (True, False, 1, "a", {}))
    assert not doubtful(**{f"own_{name}": True})


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("metadata", {"a": "b"}),
        ("n", 1),
        ("parallel_tool_calls", True),
        ("prompt_cache_key", "k"),
        ("reasoning_effort", "low"),
        ("safety_identifier", "s"),
        ("seed", 7),
        ("service_tier", "auto"),
        ("store", False),
        ("stream", True),
        ("stream_options", {"include_usage": True}),
        ("user", "u"),
        ("verbosity", "low"),
    ],
)
def test_a_member_of_another_type_is_doubtful(name: str, fine: Any) -> None:
    assert not doubtful(**{name: fine})
    assert doubtful(**{name: ["odd"]})


def test_six_stops_are_one_too_many() -> None:
    assert not doubtful(stop=list("abcde"))
    assert doubtful(stop=list("abcdef"))
