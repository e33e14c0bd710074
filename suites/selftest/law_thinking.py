"""The laws of thinking and of efforts, where something else is asked for beside."""

from __future__ import annotations

from suites.selftest.law_answers import BACK, BASE, CALLED, OFF, PLACE, SILENCED, piece
from suites.selftest.sights import HELLO, MESSAGES, asking, chat, invalid, seen, stream, whole

EFFORTS, ANY_EFFORT, IGNORED = (
    "api.thinking.efforts-accepted",
    "api.thinking.unknown-effort-accepted",
    "api.thinking.effort-ignored",
)
DOUBTFUL = {"logit_bias": {}}
TOLD = {"role": "assistant", "content": "Hello!"}
FIRST = piece({"role": "assistant", "content": "a"})
MINDED = whole(reasoning_content="Hm.")
COUNTED = {**MINDED["usage"], "completion_tokens_details": {"reasoning_tokens": 2}}
OTHER = {"index": 1, "message": {"role": "assistant", "content": "Hi!"}, "finish_reason": "stop"}

FINE = [
    (EFFORTS, chat(whole(), asking(reasoning_effort="low"))),
    (EFFORTS, chat(whole(), asking(reasoning_effort="low", **DOUBTFUL))),
    (ANY_EFFORT, chat(whole(), asking(reasoning_effort="odd"))),
    (IGNORED, chat(whole(), asking("kimi-k2.6", reasoning_effort="low"))),
    (PLACE, chat({**MINDED, "choices": [*MINDED["choices"], OTHER], "usage": COUNTED})),
    *((PLACE, stream(FIRST, {**BASE, "choices": choices})) for choices in (7, [7])),
    (PLACE, stream(FIRST, piece("thinking"))),
]
WRONG = [
    (EFFORTS, invalid("no", asking(reasoning_effort="low")), "response"),
    (ANY_EFFORT, invalid("no", asking(reasoning_effort="odd")), "response"),
    (IGNORED, invalid("no", asking("kimi-k2.6", reasoning_effort="low")), "response"),
    (
        PLACE,
        stream(FIRST, {**BASE, "choices": 7}, piece({"thinking": "Hm."})),
        "response event 2 /choices/0/delta/thinking",
    ),
]
SILENT = [
    (OFF, chat(whole(), {**SILENCED, "model": "kimi-k9"})),
    (EFFORTS, chat(whole())),
    (EFFORTS, seen(200, {"content": []}, asked=asking(reasoning_effort="low"), path=MESSAGES)),
    (EFFORTS, invalid("no", asking(reasoning_effort="low", **DOUBTFUL))),
    (ANY_EFFORT, chat(whole())),
    (ANY_EFFORT, chat(whole(), asking(reasoning_effort=5))),
    (ANY_EFFORT, invalid("no", asking(reasoning_effort="odd", **DOUBTFUL))),
    (IGNORED, chat(whole(), asking("kimi-k2.6"))),
    (IGNORED, invalid("no", asking("kimi-k2.6", reasoning_effort="low", **DOUBTFUL))),
    (BACK, chat(whole(), asking("kimi-k2.6", messages=[*HELLO, TOLD, *HELLO]))),
    *((BACK, chat(whole(), asking("kimi-k2.6", messages=messages))) for messages in (7, [7], CALLED)),
]
