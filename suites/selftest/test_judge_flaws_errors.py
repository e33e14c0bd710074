"""What laws say about errors, reasoning, and the smaller endpoints, whole: expected, actual, the place, the message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from suites.selftest import law_messages
from suites.selftest.law_answers import BASE, PLACE, piece, twice, used
from suites.selftest.law_echo import TEXT, WORDS, repeated
from suites.selftest.law_endpoints import ESTIMATE
from suites.selftest.law_lifecycle import CODING, KIMI, SIGNED
from suites.selftest.law_messages import START, begin, end, last
from suites.selftest.law_messages_requests import ANTHROPICS, MUTE, SILENCED
from suites.selftest.law_messages_requests import WORDS as KINDS
from suites.selftest.sights import MESSAGES, asking, chat, error, events, flaws, page, seen, stream

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

BYTE: Final = re.compile(r" \(byte \d+\)")
HIT, TOKENS, FAMILY = "api.caching.implicit-hit", "api.tokens.shape", "api.tokens.error-family"
WORDING, AGENTS = "api.coding.401-wording", "api.coding.agents-only-403"
NO_FAMILY: Final = "a refused estimate in another shape than the gateway's"
NOT_KIMI: Final = "an error of a type that is not Moonshot's"
HTML: Final = "text/html <html>oh no</html>"
THOUGHT: Final = (begin(0, law_messages.THINKING), *law_messages.THOUGHT[1:3], end(0), last())


def reasoning(tokens: int) -> dict[str, Any]:
    return {"completion_tokens_details": {"reasoning_tokens": tokens}}


def of_messages(told: dict[str, Any], **members: Any) -> Sight:
    body = {"type": "error", "error": told, **members}
    return seen(400, body, asked=asking(max_tokens=64), path=MESSAGES)


ROWS: list[tuple[str, Sight, list[tuple[str, ...]]]] = [
    (
        WORDING,
        error(401, "a", 5, KIMI, sent=SIGNED, **CODING),  # type: ignore[arg-type]
        [
            (
                "invalid or expired, or Invalid Authentication",
                "5",
                "response /error/message",
                "a 401 in words that are not known",
            )
        ],
    ),
    (
        AGENTS,
        error(403, "odd", "no", KIMI, **CODING),
        [("access_terminated_error", '"odd"', "response /error/type", "a 403 of another type")],
    ),
    (
        AGENTS,
        page(403, KIMI, **CODING),
        [("access_terminated_error", f"403 {HTML}", "response /error/type", "a 403 of another type")],
    ),
    (
        KINDS,
        of_messages({"type": "odd", "message": "no"}),
        [("one of Moonshot's words", '"odd"', "response /error/type", NOT_KIMI)],
    ),
    (
        KINDS,
        of_messages({"message": "no"}),
        [
            (
                "one of Moonshot's words",
                '400 application/json {"type":"error","error":{"message":"no"}}',
                "response /error/type",
                NOT_KIMI,
            )
        ],
    ),
    (
        ANTHROPICS,
        of_messages({"type": "invalid_request_error", "message": "no"}, request_id=5),
        [
            ("a string", "5", "response /request_id", "/request_id must be a string, not 5"),
            ("a string", "5", "response /request_id", "the error does not say which request it was"),
        ],
    ),
    (
        SILENCED,
        events(START, *THOUGHT, asked={**MUTE, "stream": True}),
        [
            (
                "no thinking block",
                '"The user"',
                "response event 1 /content_block",
                "it reasons although told not to",
            )
        ],
    ),
    (
        TOKENS,
        seen(200, {"data": {"total_tokens": 0}}, **ESTIMATE),
        [("more than 0", "0", "response /data/total_tokens", "the estimate counts nothing")],
    ),
    (
        FAMILY,
        seen(400, {"error": {"type": "a"}}, **ESTIMATE),
        [("a string", '{"type": "a"}', "response /error", NO_FAMILY)],
    ),
    (FAMILY, page(400, **ESTIMATE), [("a string", f"400 {HTML}", "response /error", NO_FAMILY)]),
    (
        HIT,
        twice({"cached_tokens": 0}, {"cached_tokens": 1}),
        [("more than 0", "0", "response event 0 usage/cached_tokens", "nothing came from the cache")],
    ),
    (HIT, chat(used(cached_tokens=1)), []),
    (
        PLACE,
        stream(
            piece({"content": "a"}),
            *({**BASE, "choices": [], "usage": used(**reasoning(tokens))["usage"]} for tokens in (1, 2)),
        ),
        [
            (
                "the reasoning of 2 tokens",
                "none",
                "response, reasoning_content",
                "reasoning was counted, and is not there",
            )
        ],
    ),
    (
        TEXT,
        repeated("kimi-conf", " 1 2 3"),
        [
            (
                WORDS,
                '"kimi-conf 1 2 3"',
                "response, folded, /choices/0/message/content",
                "the text of the stream is not that asked for",
            )
        ],
    ),
]


@pytest.mark.parametrize(("requirement", "sight", "told"), ROWS)
def test_a_flaw_is_told_whole(requirement: str, sight: Sight, told: list[tuple[str, ...]]) -> None:
    found = flaws(requirement, sight)
    assert [(flaw.expected, flaw.actual, BYTE.sub("", flaw.where), flaw.message) for flaw in found] == told
