"""`POST /v1/responses` of the offline Kimi: refusals as observed, and an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from suites.selftest.serve_client import RESPONSES, answer_to, ask, events, post, said

ASKS = {"model": "kimi-k3", "input": "Repeat exactly: 你好"}


def error(members: dict[str, Any]) -> tuple[int, Any]:
    status, found = answer_to(post(RESPONSES, {**ASKS, **members}))
    return status, found["error"]


def refusal(message: str) -> dict[str, Any]:
    """What all refusals have in common but that of a model."""
    return {"message": message, "type": "invalid_request_error", "param": None, "code": "invalid_request_error"}


def test_an_unknown_model_is_400_here() -> None:
    assert error({"model": "kimi-k2-turbo"}) == (
        400,
        {
            "message": "Not found the model kimi-k2-turbo or Permission denied",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        },
    )


def test_the_effort_is_checked_and_its_error_doubles_the_type() -> None:
    doubled = 'invalid_request_error: invalid_request_error: reasoning.effort value "none" is not supported'
    assert error({"reasoning": {"effort": "none"}}) == (400, refusal(doubled))


@pytest.mark.parametrize("effort", ["low", "medium", "high", "max"])
def test_every_known_effort_is_taken(effort: str) -> None:
    assert said({**ASKS, "reasoning": {"effort": effort}}, path=RESPONSES)["status"] == "completed"


@pytest.mark.parametrize(
    ("wrong", "message", "right"),
    [
        (
            {"tool_choice": "required"},
            'invalid_request_error: responses: unsupported tool_choice value: "required"',
            {"tool_choice": "auto"},
        ),
        (
            {"text": {"format": {"type": "json_object"}}},
            'invalid_request_error: invalid_request_error: text.format: unsupported type "json_object"',
            {"text": {"format": {"type": "text"}}},
        ),
        (
            {"prompt_cache_retention": "24h"},
            "invalid_request_error: invalid_request_error: prompt_cache_retention is not supported",
            {"thinking": {"type": "disabled"}},
        ),
        ({"temperature": 0.5}, "invalid temperature: only 1 is allowed for this model", {"temperature": 1}),
    ],
)
def test_what_this_face_does_not_take_is_400_in_the_published_words(
    wrong: dict[str, Any], message: str, right: dict[str, Any]
) -> None:
    assert error(wrong) == (400, refusal(message))
    assert said({**ASKS, **right}, path=RESPONSES)["status"] == "completed"


@pytest.mark.parametrize("given", [[], None, 7])
def test_no_input_is_400_with_both_members_too(given: Any) -> None:
    status, found = error({"input": given})
    assert (status, found) == (400, refusal(found["message"]))


@pytest.mark.parametrize("given", [ASKS["input"], [{"role": "user", "content": ASKS["input"]}]])
def test_an_answer_has_its_text_and_the_fixed_sampling(given: Any) -> None:
    found = said({**ASKS, "input": given}, path=RESPONSES)
    assert found["output"][-1]["content"][0]["text"] == "你好"
    assert (found["object"], found["temperature"], found["top_p"], found["store"]) == ("response", 1, 0.95, False)
    assert found["usage"]["total_tokens"] == found["usage"]["input_tokens"] + found["usage"]["output_tokens"]


def test_a_stream_ends_with_the_whole_response() -> None:
    (exchange,) = ask(post(RESPONSES, {**ASKS, "stream": True}))
    found = [(name, json.loads(data)) for name, data in events(exchange)]
    assert [name for name, _ in found] == ["response.created", "response.output_text.delta", "response.completed"]
    assert found[-1][1]["response"]["output"][-1]["content"][0]["text"] == found[1][1]["delta"] == "你好"
