"""What laws say about chat answers, whole and streamed, word for word, and which answers show nothing of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.judge.check import Flaw
from suites.selftest.law_answers import BASE, WHOLE, broken_off, piece
from suites.selftest.sights import HEAD, HELLO, MESSAGES, TOOL, asking, bears, chat, flaws, seen, stream, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

SHAPE, CONTENT, ECHOED = "api.chat.shape", "api.chat.content-is-string", "api.chat.model-echoed"
BUDGET, FILLED, UTF8 = "api.chat.budget-kept", "api.chat.length-fills-budget", "api.chat.text-is-utf8"
ANSWERED, PRINTED = "api.chat.answered", "api.chat.fingerprint-only-in-streams"
CALL, IDS, NAME, SEVERAL = (
    "api.tools.call-shape",
    "api.tools.ids-unique",
    "api.tools.name-is-declared",
    "api.tools.parallel-calls",
)
SAID: Final = "response /choices/0/message/content"
SPENT: Final = "response /usage/completion_tokens"
CALLS: Final = "response /choices/{}/message/tool_calls"
SHORT: Final = "the answer was cut for its length before its budget was used up"
KIMI: Final = asking("kimi-k2.6", max_tokens=9)
ALIAS: Final = asking("kimi-latest", max_tokens=9)
NOBODY: Final = asking("kimi-k9", max_tokens=9)
OBJECT: Final = asking(response_format={"type": "json_object"})
NAMES: Final = sorted("abcdefgh")
MANY: Final = asking(tools=[{"type": "function", "function": {"name": name}} for name in reversed(NAMES)])
ODD_ASKED: Final = asking(messages=["odd", *HELLO], tools=[TOOL])


def answers(*messages: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A whole answer with a choice for each message."""
    choices = [{"index": index, "message": each, "finish_reason": "stop"} for index, each in enumerate(messages)]
    return {**whole(), "choices": choices, **members}


def calling(*calls: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": "", "tool_calls": list(calls)}


def cut(asked: dict[str, Any], host: str = "platform-ai", **used: int) -> Sight:
    """An answer that was cut for its length, with this usage."""
    return chat({**whole(finish="length"), "usage": used}, asked, host=host)


def full(asked: dict[str, Any], total: int, host: str = "platform-ai") -> Sight:
    return cut(asked, host, completion_tokens=8, total_tokens=total)


def by_another(*models: Any, kind: str = "text/event-stream") -> Sight:
    """A chat stream with a chunk from each model."""
    chunks = stream(*({**piece({"content": "a"}), "model": model} for model in models)).exchange.response
    assert chunks is not None
    return seen(200, chunks.body, asked=asking(stream=True), headers={**HEAD, "content-type": kind})


def unanswered(sight: Sight, **known: Any) -> Sight:
    return replace(sight, exchange=replace(sight.exchange, response=None), **known)


def unread(*body: bytes) -> Sight:
    return chat(b'{"choices":[],"a":"%s"}' % b"".join(body))


TEXT: Final = {"role": "assistant", "content": "Hello!"}
ROWS: list[tuple[str, Sight, list[Flaw]]] = [
    (
        SHAPE,
        chat("no"),
        [Flaw("a JSON object", "200 application/json no", "response body", "the answer is no JSON object")],
    ),
    (
        SHAPE,
        chat([]),
        [Flaw("a JSON object", "200 application/json []", "response body", "the answer is no JSON object")],
    ),
    (CONTENT, chat(answers({"content": 5})), [Flaw("a string", "5", SAID, "content is no string")]),
    (CONTENT, chat(answers({})), [Flaw("a string", "no such member", SAID, "content is no string")]),
    (
        ECHOED,
        by_another("kimi-k3", "kimi-k9"),
        [Flaw("kimi-k3", '"kimi-k9"', "response event 1 (byte 165) /model", "another model answers")],
    ),
    (ECHOED, chat({**whole(), "model": "kimi-k9"}, asking("kimi-k9")), []),
    (
        ECHOED,
        chat(whole(), asking("kimi-k9")),
        [Flaw("kimi-k9", '"kimi-k3"', "response /model", "another model answers")],
    ),
    (BUDGET, chat({**whole(), "usage": {"prompt_tokens": 9}}, KIMI), []),
    (FILLED, cut(KIMI, prompt_tokens=9), [Flaw("9", "null", SPENT, SHORT)]),
    (FILLED, cut(KIMI, completion_tokens=8), [Flaw("9", "8", SPENT, SHORT)]),
    (FILLED, full(KIMI, 262_144 - 1025), [Flaw("9", "8", SPENT, SHORT)]),
    (FILLED, full(KIMI, 262_144 - 1024), []),
    *((FILLED, full(asked, 8192 - 1025), [Flaw("9", "8", SPENT, SHORT)]) for asked in (ALIAS, NOBODY)),
    *((FILLED, full(asked, 8192 - 1024), []) for asked in (ALIAS, NOBODY)),
    (FILLED, full(KIMI, 8192 - 1025, "coding"), [Flaw("9", "8", SPENT, SHORT)]),
    (FILLED, full(KIMI, 8192 - 1024, "coding"), []),
    (
        UTF8,
        unread(b"ab", b"\xff\xfe", b"cd"),
        [Flaw("UTF-8", r"b'\xff'", "response byte 21", "the body is not UTF-8: invalid start byte")],
    ),
    (
        UTF8,
        chat(b'{"choices":[],"a":"\xe6\x9c'),
        [Flaw("UTF-8", r"b'\xe6\x9c'", "response byte 19", "the body is not UTF-8: unexpected end of data")],
    ),
    (UTF8, broken_off(b"data: \xe6\x9c"), []),
    (UTF8, seen(200, b"data: \xe6\x9c", asked=OBJECT, headers={"content-type": "text/event-stream"}, partial=True), []),
    (
        UTF8,
        chat(whole("a\ufffdX", finish="length")),
        [Flaw("whole characters", '"a\ufffdX"', SAID, "a character was lost: U+FFFD stands in its place")],
    ),
    (UTF8, chat(whole("a\ufffd\ufffd", finish="length")), []),
    (
        ANSWERED,
        chat({"choices": []}),
        [
            Flaw(
                "an answer with choices",
                '200 application/json {"choices":[]}',
                "response body",
                '200, and no answer: 200 application/json {"choices":[]}',
            )
        ],
    ),
    (ANSWERED, stream({**BASE, "choices": []}, partial=True), []),
    (
        "api.messages.answered",
        seen(200, {"content": "Hello!"}, asked=asking(max_tokens=64), path=MESSAGES),
        [
            Flaw(
                "a message",
                '200 application/json {"content":"Hello!"}',
                "response body",
                '200, and no answer: 200 application/json {"content":"Hello!"}',
            )
        ],
    ),
    (
        CALL,
        chat(answers(TEXT, calling({**WHOLE, "type": "odd"}))),
        [Flaw("function", '"odd"', f"{CALLS.format(1)}/0/type", "a call of no known type")],
    ),
    (
        IDS,
        chat(answers(calling(*({**WHOLE, "id": each} for each in (*reversed(NAMES), *NAMES))))),
        [Flaw("an id of its own for each call", each, CALLS.format(0), "two calls have one id") for each in NAMES],
    ),
    (
        NAME,
        chat(answers(calling(WHOLE)), MANY),
        [
            Flaw(
                "a or b or c or d or e or f or g or h",
                '"get_weather"',
                f"{CALLS.format(0)}/0/function/name",
                "a tool is called that nobody offered",
            )
        ],
    ),
    (NAME, chat(answers(calling(WHOLE)), ODD_ASKED), []),
    (
        SEVERAL,
        chat(answers(calling(WHOLE), calling(WHOLE, 5))),
        [Flaw("0, 1, 2 …", "[0]", CALLS.format(1), "the calls of one answer are not told apart by index")],
    ),
]


@pytest.mark.parametrize(("requirement", "sight", "told"), ROWS)
def test_a_flaw_of_a_chat_answer_is_told_whole(requirement: str, sight: Sight, told: list[Flaw]) -> None:
    assert flaws(requirement, sight) == told


@pytest.mark.parametrize(
    ("requirement", "sight"),
    [
        (CONTENT, chat({"choices": []})),
        (PRINTED, chat({"choices": [], "system_fingerprint": "fpv0_a"})),
        (ECHOED, chat({**whole(), "model": "kimi-k8"}, asking("kimi-k9"), host="coding")),
        (ECHOED, chat("")),
        (ECHOED, stream()),
        (ECHOED, by_another("kimi-k3", kind="application/json")),
        (BUDGET, chat({"choices": []}, KIMI)),
        (UTF8, chat("")),
        (UTF8, unanswered(chat(""), given="chat.completion")),
    ],
)
def test_what_shows_nothing_of_a_chat_answer_says_nothing(requirement: str, sight: Sight) -> None:
    assert not bears(requirement, sight)
