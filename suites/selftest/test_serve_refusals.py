"""What the offline Kimi refuses, each with a twin that it takes."""

from __future__ import annotations

from typing import Any

import pytest

from suites.selftest.serve_client import CHAT, CODING, CODING_CHAT, OLD, answer_to, body, post, refused, said
from suites.selftest.serve_refused import LOOP, MODELLED, PUBLISHED

INVALID = "invalid_request_error"


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_refusal_says_what_was_published_and_its_twin_is_answered(name: str) -> None:
    wrong, message, right = PUBLISHED[name]
    assert refused(body() | wrong) == (400, INVALID, message)
    assert said(body() | right)["object"] == "chat.completion"


@pytest.mark.parametrize("name", MODELLED)
def test_a_refusal_of_no_published_text_names_what_is_wrong_and_its_twin_is_answered(name: str) -> None:
    wrong, word, right = MODELLED[name]
    status, type_, message = refused(body() | wrong)
    assert (status, type_) == (400, INVALID)
    assert word in message
    assert said(body() | right)["object"] == "chat.completion"


def test_a_kimi_k3_takes_a_call_back_without_its_reasoning() -> None:
    assert said(body(messages=LOOP))["model"] == "kimi-k3"


def test_more_than_the_context_is_refused_with_the_limit_and_what_was_asked_for() -> None:
    members = body("word " * 10_300, model="moonshot-v1-8k")
    status, type_, message = refused(members, OLD)
    assert (status, type_) == (400, INVALID)
    assert message.startswith("Invalid request: Your request exceeded model token limit: 8192 (requested: 12")
    assert said(body("word " * 6_000, model="moonshot-v1-8k"), OLD)["choices"]


@pytest.mark.parametrize("given", [-0.1, 1.1, "1"])
def test_a_model_of_old_takes_a_temperature_within_its_range(given: Any) -> None:
    status, _, message = refused(body(model="moonshot-v1-8k", temperature=given), OLD)
    assert (status, message) == (400, "invalid temperature: must be between 0 and 1")
    assert said(body(model="moonshot-v1-8k", temperature=0.3), OLD)["model"] == "moonshot-v1-8k"


def test_only_the_coding_host_refuses_an_empty_part_of_text() -> None:
    members = body(messages=[{"role": "user", "content": [{"type": "text", "text": ""}]}])
    status, found = answer_to(post(CODING_CHAT, {**members, "model": "k3"}, key=CODING))
    assert (status, found["error"]["message"]) == (400, "text content is empty")
    assert answer_to(post(CHAT, members))[0] == 200


@pytest.mark.parametrize("sent", [b"", b"[1]", b'{"model":', b'{"model":"kimi-k3","messages":[{}],"n":NaN}'])
def test_a_body_that_is_no_json_object_is_400(sent: bytes) -> None:
    status, found = answer_to(post(CHAT, sent))
    assert (status, found["error"]["type"]) == (400, INVALID)
