"""The law of what our own requests tell a model to repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suites.selftest.law_answers import piece
from suites.selftest.sights import HELLO, asking, chat, stream, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

TEXT = "api.stream.text-complete"
WORDS = "kimi-conformance 1 2 3"
TOLD = [*HELLO, {"role": "user", "content": f"Repeat exactly: {WORDS}"}]


def repeated(
    *pieces: str, finish: str = "stop", messages: Any = TOLD, more: tuple[dict[str, Any], ...] = (), **known: Any
) -> Sight:
    said = [piece({"content": text}) for text in pieces]
    asked = asking(messages=messages, stream=True)
    return stream(*said, piece({}, finish_reason=finish), *more, asked=asked, **known)


FINE = [
    (TEXT, repeated("kimi-conf", "ormance 1 2", " 3")),
    (TEXT, repeated("\n", WORDS, " \n")),
    (TEXT, repeated(WORDS, more=(piece({"content": WORDS}, index=1, finish_reason="stop"),))),
    (TEXT, repeated(WORDS, more=(piece({"content": "kimi"}, index=1, finish_reason="length"),))),
]
WRONG = [
    (TEXT, repeated("kimi-conf", " 1 2 3"), "response, folded, /choices/0/message/content"),
    (TEXT, repeated(), "response, folded, /choices/0/message/content"),
    (
        TEXT,
        repeated(WORDS, more=(piece({"content": "1"}, index=1, finish_reason="stop"),)),
        "response, folded, /choices/1/message/content",
    ),
]
SILENT = [
    (TEXT, repeated("kimi-conf", finish="length")),
    (TEXT, repeated("kimi-conf", partial=True)),
    (TEXT, stream(asked=asking(messages=TOLD, stream=True))),
    (TEXT, chat(whole(), asking(messages=TOLD))),
    (TEXT, repeated("Hi.", messages=HELLO)),
    (TEXT, repeated("Hi.", messages=[*TOLD, *HELLO])),
    (TEXT, repeated("Hi.", messages=[{"role": "user", "content": "Repeat exactly: hello"}])),
    *((TEXT, repeated("Hi.", messages=messages)) for messages in (7, [], ["odd"], [{"role": "user"}])),
]
