"""Whatever is sent to the offline Kimi is answered: no body breaks it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kimi_conformance.serve import State, answerer
from suites.selftest.serve_client import CHAT, CONFIG, MESSAGES, RESPONSES, Hand, body, post

LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
)
NAMES = st.sampled_from(
    "type role content text name function parameters tools tool_calls id tool_call_id partial image_url url schema "  # noqa: SIM905
    "json_schema properties items enum anyOf $ref required source input input_schema thinking reasoning_content "
    "minItems minimum arguments effort".split()
)
WORDS = st.sampled_from(
    ["function", "assistant", "user", "system", "tool", "disabled", "json_schema", "object", "array"]
)
ANY = st.recursive(
    LEAF | WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
MEMBERS = st.sampled_from(
    "messages tools tool_choice response_format stop thinking temperature n max_tokens stream stream_options system "  # noqa: SIM905
    "input reasoning text output_config stop_sequences logprobs".split()
)
ANSWER = answerer(CONFIG, State(Hand()))


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES, "/v1/tokenizers/estimate-token-count"])
@settings(max_examples=300, deadline=None)
@given(more=st.dictionaries(MEMBERS, ANY, max_size=4))
def test_any_json_is_answered_or_refused(path: str, more: dict[str, Any]) -> None:
    asks = {**body(max_tokens=99, input="hello"), **more}
    script = ANSWER(post(path, asks))
    assert script.status in (200, 400)
    assert script.body.decode("utf-8")


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
@settings(max_examples=200, deadline=None)
@given(first=ANY, second=ANY)
def test_any_message_is_answered_or_refused(path: str, first: Any, second: Any) -> None:
    asks = body(max_tokens=99, messages=[first, {"role": "user", "content": second}], input=[first, second])
    assert ANSWER(post(path, asks)).status in (200, 400)


@settings(max_examples=300, deadline=None)
@given(schema=st.dictionaries(NAMES, ANY, max_size=4))
def test_any_schema_is_answered_in_json_or_refused(schema: Any) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    script = ANSWER(post(CHAT, body(response_format=wanted)))
    assert script.status == 200
    json.loads(json.loads(script.body)["choices"][0]["message"]["content"])


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
@pytest.mark.parametrize("depth", [10, 500, 900, 990, 5000, 100_000])
def test_a_body_of_any_depth_is_answered_or_refused(path: str, depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    asks = b'{"model":"kimi-k3","max_tokens":9,"input":"x","messages":[{"role":"user","content":%s}]}' % nested
    assert ANSWER(post(path, asks)).status in (200, 400)
