"""What laws say about usages, calls, reasoning and models of chat answers, whole, and what they leave alone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suites.selftest.law_answers import BASE, FIRST, HELD, WHOLE, paced, piece, used
from suites.selftest.sights import HEAD, HELLO, TOOL, asking, bears, calling, chat, error, flaws, seen, stream, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

BYTE: Final = re.compile(r" \(byte \d+\)")
SAVED: Final = "msh-context-cache-token-saved"
ALIKE, HIT, EQUAL = "api.usage.cached-twins-equal", "api.usage.cached-only-on-hit", "api.usage.header-equals-counter"
WITHIN, REASONED = "api.usage.cached-within-prompt", "api.usage.reasoning-within-completion"
SHAPE, JSON, IDS = "api.tools.call-shape", "api.tools.arguments-are-json", "api.tools.ids-unique"
NAME, INDEX, SEVERAL = "api.tools.name-is-declared", "api.tools.index-outside-streams", "api.tools.parallel-calls"
OBEYED, PLACE, AGAIN = (
    "api.tools.required-is-obeyed",
    "api.thinking.reasoning-in-its-member",
    "api.partial.prefix-not-repeated",
)
CALLS: Final = "response /choices/0/message/tool_calls"
ELSEWHERE: Final = "reasoning stands under another name"
DIFFER: Final = "the header of the cache and the counter in the usage differ"
NESTED: Final[dict[str, Any]] = {"prompt_tokens_details": {"cached_tokens": 0}}
REQUIRED: Final = asking(tools=[TOOL], tool_choice="required")
TWO: Final = asking(tools=[TOOL, {"type": "function", "function": {"name": "a"}}])
GONE_ON: Final = asking(messages=[*HELLO, {"role": "assistant", "content": " Once upon ", "partial": True}])


def called(*calls: Any, asked: Any = None, **known: Any) -> Sight:
    return chat(whole("", finish="tool_calls", tool_calls=list(calls)), asked, **known)


def said(requirement: str, sight: Sight) -> list[tuple[str, ...]]:
    found = flaws(requirement, sight)
    return [(flaw.expected, flaw.actual, BYTE.sub("", flaw.where), flaw.message) for flaw in found]


def saved(value: str | None, **counters: Any) -> Sight:
    head = HEAD if value is None else {SAVED: value}
    return seen(200, used(**counters), asked=asking(), headers={"content-type": "application/json", **head})


def reasoned(*deltas: dict[str, Any], tokens: int) -> Sight:
    usage = used(completion_tokens_details={"reasoning_tokens": tokens})["usage"]
    return stream(*(piece(delta) for delta in deltas), {**BASE, "choices": [], "usage": usage})


ROWS: list[tuple[str, Sight, list[tuple[str, ...]]]] = [
    (
        HIT,
        chat(used(cached_tokens=0)),
        [("no such member without a hit", "0", "response /usage/cached_tokens", "a cache counter of 0")],
    ),
    (
        HIT,
        chat(used(**NESTED)),
        [
            (
                "no such member without a hit",
                "0",
                "response /usage/prompt_tokens_details/cached_tokens",
                "a cache counter of 0",
            )
        ],
    ),
    (WITHIN, chat(used(cached_tokens=0)), []),
    (WITHIN, chat(used(93, cached_tokens=93)), []),
    (WITHIN, chat({**whole(), "usage": {"cached_tokens": 5}}), []),
    (REASONED, chat(used(completion_tokens_details={"reasoning_tokens": 0})), []),
    (REASONED, chat({**whole(), "usage": {"completion_tokens_details": {"reasoning_tokens": 5}}}), []),
    (ALIKE, chat(used(cached_tokens=5)), []),
    (EQUAL, saved("5", cached_tokens=5), []),
    (EQUAL, saved(None), []),
    (EQUAL, saved(None, cached_tokens=0), []),
    (EQUAL, saved(None, cached_tokens=5), [("5", "no header", f"response header {SAVED}", DIFFER)]),
    (EQUAL, saved("6", cached_tokens=5), [("5", "6", f"response header {SAVED}", DIFFER)]),
    (EQUAL, saved("6"), [("no header without a hit", "6", f"response header {SAVED}", DIFFER)]),
    (EQUAL, saved("5", cached_tokens=0, prompt_tokens_details={"cached_tokens": 5}), []),
    (SHAPE, called({**WHOLE, "type": "odd"}), [("function", '"odd"', f"{CALLS}/0/type", "a call of no known type")]),
    (
        SHAPE,
        called({**WHOLE, "function": {"name": 5, "arguments": 6}}),
        [
            ("a name", "5", f"{CALLS}/0/function/name", "a call of nothing"),
            ("a string", "6", f"{CALLS}/0/function/arguments", "a call without arguments"),
        ],
    ),
    (SHAPE, called({**WHOLE, "id": "a"}), []),
    (
        JSON,
        called({**WHOLE, "function": {"name": "a", "arguments": "[" * 100_000}}),
        [
            (
                "a JSON object in a string",
                '"' + "[" * 158 + "…",
                f"{CALLS}/0/function/arguments",
                "arguments hold no JSON object",
            )
        ],
    ),
    (
        IDS,
        called({**WHOLE, "id": "b"}, {**WHOLE, "id": "b"}, WHOLE, WHOLE),
        [("an id of its own for each call", each, CALLS, "two calls have one id") for each in ("a", "b")],
    ),
    (
        NAME,
        called({**WHOLE, "function": {"name": "b"}}, asked=TWO),
        [("a or get_weather", '"b"', f"{CALLS}/0/function/name", "a tool is called that nobody offered")],
    ),
    (
        SEVERAL,
        called({**WHOLE, "index": 1}, {**WHOLE, "index": 0}),
        [("0, 1, 2 …", "[1, 0]", CALLS, "the calls of one answer are not told apart by index")],
    ),
    (SEVERAL, called({"id": "a"}, {"id": "b"}), []),
    (OBEYED, chat(whole(), REQUIRED), [("a call", "none", CALLS, "a call was required, and none is there")]),
    (OBEYED, chat(whole(finish="length"), REQUIRED), []),
    (
        PLACE,
        chat(whole(reasoning="a")),
        [("reasoning_content", "reasoning", "response /choices/0/message/reasoning", ELSEWHERE)],
    ),
    (
        PLACE,
        stream(piece({"reasoning": "a"}), piece({"reasoning": "b"})),
        [("reasoning_content", "reasoning", "response event 0 /choices/0/delta/reasoning", ELSEWHERE)],
    ),
    (
        PLACE,
        stream({**piece({}), "choices": [{"index": 0, "delta": {}}, {"index": 1, "delta": {"reasoning": "a"}}]}),
        [("reasoning_content", "reasoning", "response event 0 /choices/1/delta/reasoning", ELSEWHERE)],
    ),
    (
        PLACE,
        reasoned({"content": "a"}, tokens=2),
        [
            (
                "the reasoning of 2 tokens",
                "none",
                "response, reasoning_content",
                "reasoning was counted, and is not there",
            )
        ],
    ),
    (PLACE, reasoned({"content": "a"}, tokens=1), []),
    (PLACE, reasoned({"reasoning_content": "a"}, tokens=2), []),
    (PLACE, replace(reasoned({"content": "a"}, tokens=2), partial=True), []),
    (
        AGAIN,
        chat(whole(" Once upon a time"), GONE_ON),
        [
            (
                "what follows",
                '" Once upon a time"',
                "response /choices/0/message/content",
                "the answer repeats what it was to go on from",
            )
        ],
    ),
    (AGAIN, chat(whole("a time"), GONE_ON), []),
    (
        "api.partial.not-with-json-object",
        error(400, "odd", "no", {**GONE_ON, "response_format": {"type": "json_object"}}),
        [
            (
                "invalid_request_error",
                '"odd"',
                "response /error/type",
                "refused with another type than invalid_request_error",
            )
        ],
    ),
    (
        FIRST,
        paced(1, 0.0, 901_000.0, first_ms=901_000.0),
        [("within 900 s", "901 s", "response event 0", "the first event came after the gateway's own limit")],
    ),
    (
        HELD,
        paced(11, 0.5, 300.0),
        [
            (
                "events over the time of the answer",
                "all 11 events within 5 ms, in an answer of 300 ms",
                "response",
                "the stream was held back and came in one go",
            )
        ],
    ),
    (HELD, paced(11, 1.1, 300.0), []),
]


@pytest.mark.parametrize(("requirement", "sight", "told"), ROWS)
def test_a_flaw_of_an_answer_is_told_whole(requirement: str, sight: Sight, told: list[tuple[str, ...]]) -> None:
    assert said(requirement, sight) == told


@pytest.mark.parametrize(
    ("requirement", "sight"),
    [
        ("api.usage.present", seen(200, [], asked=asking())),
        ("api.usage.total-is-sum", chat({"choices": []})),
        ("api.usage.positive", chat({"choices": []})),
        ("api.usage.positive", chat(whole(finish="content_filter"))),
        *((requirement, chat(whole())) for requirement in (WITHIN, ALIKE, HIT, REASONED)),
        (EQUAL, chat({"choices": []})),
        (EQUAL, seen(200, used(cached_tokens=5), headers={"content-type": "application/json"})),
        (JSON, chat(whole())),
        (JSON, chat(calling(), partial=True)),
        (SEVERAL, chat(calling())),
        (SEVERAL, chat(whole())),
        (OBEYED, chat(whole(), asking(tool_choice="required"))),
        (OBEYED, chat(whole(), REQUIRED, partial=True)),
        (OBEYED, chat({"choices": []}, REQUIRED)),
        (PLACE, chat({"choices": []})),
        (AGAIN, chat({"choices": []}, GONE_ON)),
        *(
            (AGAIN, chat(whole(), asking(messages=[*HELLO, {"role": "assistant", "content": "Once upon", **last}])))
            for last in (
                {},
                {"partial": False},
                {"partial": True, "role": "user"},
                {"partial": True, "content": " a  b  c "},
            )
        ),
        *(
            ("api.partial.not-with-json-object", chat(whole(), asked))
            for asked in (
                asking(response_format={"type": "json_object"}),
                GONE_ON,
                {**GONE_ON, "response_format": {"type": "text"}},
            )
        ),
        *(
            ("api.partial.not-with-json-object", sight)
            for sight in (
                seen(200, whole(), asked={**GONE_ON, "response_format": {"type": "json_object"}}, path="/v1/responses"),
                error(429, "a", "b", {**GONE_ON, "response_format": {"type": "json_object"}}),
            )
        ),
        (
            FIRST,
            replace(
                stream(),
                exchange=replace(seen(200, "", headers={"content-type": "text/event-stream"}).exchange),
                timed=True,
            ),
        ),
        (HELD, replace(paced(11, 0.0, 300.0), exchange=replace(paced(11, 0.0, 300.0).exchange, start_ms=1.0))),
    ],
)
def test_what_shows_nothing_of_an_answer_says_nothing(requirement: str, sight: Sight) -> None:
    assert not bears(requirement, sight)


def test_time_counts_from_the_beginning_of_the_exchange() -> None:
    late = paced(11, 0.5, 1_000_000.0, first_ms=900_500.0)
    begun = replace(late, exchange=replace(late.exchange, start_ms=999_000.0))
    assert said(HELD, begun)[0][1] == "all 11 events within 5 ms, in an answer of 1000 ms"
    assert said(FIRST, replace(late, exchange=replace(late.exchange, start_ms=1_000.0))) == []
