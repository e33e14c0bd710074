"""Nothing that a router answers is too odd to be judged: it fails, or cannot be seen, and never breaks the judge."""

from __future__ import annotations

import json
from typing import Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge import CHECKS, verdict
from suites.selftest.answered import DONE, STOP, answered, chunk, data, message, said, streaming
from suites.selftest.plays import findings

WHOLE: Final = {
    "choices": [{"message": {"content": "Hi.", "reasoning_content": "Hm.", "tool_calls": []}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1},
}
ODD: Final = (None, True, 7, -0.5, "", "x", [], [[]], [None, 7], {}, {"choices": 7}, "\ud800")
BODIES: Final = (
    *ODD,
    *({"choices": odd} for odd in ODD),
    *({"choices": [{"message": odd, "finish_reason": odd}], "usage": odd} for odd in ODD),
    *({"choices": [{"message": {"content": odd, "reasoning_content": odd, "tool_calls": odd}}]} for odd in ODD),
    *({"choices": [{"message": {"tool_calls": [{"function": odd, "id": odd}]}}]} for odd in ODD),
    *({"content": odd, "stop_reason": odd} for odd in ODD),
    *({"content": [{"type": "tool_use", "input": odd, "name": odd}], "usage": odd} for odd in ODD),
)
EVENTS: Final = (
    *ODD,
    *(chunk(finish=odd) for odd in ODD),
    *({**chunk(), "choices": [{"index": odd, "delta": odd, "usage": odd}], "usage": odd, "error": odd} for odd in ODD),
    *(chunk({"content": odd, "tool_calls": odd, "reasoning_content": odd}) for odd in ODD),
    *(chunk({"tool_calls": [{"index": 0, "function": odd, "id": odd}]}) for odd in ODD),
    *({"type": odd, "error": odd, "message": odd, "delta": odd, "content_block": odd, "usage": odd} for odd in ODD),
    *({"type": "message_delta", "delta": odd, "usage": odd} for odd in ODD),
    *({"type": "content_block_start", "index": odd, "content_block": odd} for odd in ODD),
)
TWINS: Final = frozenset(
    f"router.stream.{name}"
    for name in ("utf8-across-packets", "line-separators-kept", "any-packet-split-same-events", "comments-tolerated")
)
RESPONSE: Final = [name for name in CHECKS if name.startswith("router.response.")]
STREAM: Final = [name for name in CHECKS if name.startswith("router.stream.")]


@pytest.mark.parametrize("requirement", RESPONSE)
def test_an_odd_body_is_judged_on_either_side(requirement: str) -> None:
    for body in BODIES:
        raw = json.dumps(body).encode()
        for wire in ("chat", "messages"):
            made = answered(WHOLE, raw, wire=wire), answered(raw, WHOLE, wire=wire)
            assert all(finding.message for one in made for finding in findings(requirement, one))


@pytest.mark.parametrize("requirement", STREAM)
def test_an_odd_event_is_judged_on_either_side(requirement: str) -> None:
    plain = [said("one "), STOP, DONE]
    for event in EVENTS:
        odd = [said("one "), data(json.dumps(event)), data(json.dumps(event), "error"), STOP, DONE]
        trips = [streaming(plain, odd), streaming(odd, plain), streaming(message("one "), odd, wire="messages")]
        trips.append(streaming(plain, odd, surface="messages", wire="chat"))
        for made in trips:
            both = (made, made) if requirement in TWINS else (made,)
            assert all(finding.message for finding in findings(requirement, *both))


def test_an_odd_body_is_not_the_upstreams() -> None:
    untouched = "router.response.body-untouched"
    unlike = [verdict(findings(untouched, answered(WHOLE, json.dumps(body).encode()))) for body in BODIES]
    assert set(unlike) == {Verdict.FAIL}
