"""The laws of usage: what the counters have to say, and what they must not."""

from __future__ import annotations

from typing import Any

from suites.selftest.law_answers import BASE, used
from suites.selftest.sights import chat, stream, whole

PRESENT, SUM, POSITIVE = "api.usage.present", "api.usage.total-is-sum", "api.usage.positive"
WITHIN, TWINS, HIT = "api.usage.cached-within-prompt", "api.usage.cached-twins-equal", "api.usage.cached-only-on-hit"
AT, REASONED = "response /usage", "api.usage.reasoning-within-completion"
THOUGHT = {"completion_tokens": 1, "completion_tokens_details": {"reasoning_tokens": 2}}
HALF = {**whole(), "choices": [*whole()["choices"], *whole("", finish="content_filter")["choices"]]}


def nested(tokens: int) -> dict[str, Any]:
    return {"prompt_tokens_details": {"cached_tokens": tokens}}


HELD = used(cached_tokens=5, **nested(5))
FINE = [
    (PRESENT, chat(used())),
    (SUM, chat(used())),
    (WITHIN, chat(used(93, **nested(93)))),
    (TWINS, chat(HELD)),
    (HIT, chat(used(cached_tokens=5))),
    *((name, stream({**BASE, "choices": [], "usage": HELD["usage"]})) for name in (SUM, POSITIVE, WITHIN, TWINS, HIT)),
    (
        REASONED,
        stream(
            {**BASE, "choices": [], "usage": {"completion_tokens": 1}},
            {**BASE, "choices": [], "usage": used(completion_tokens_details={"reasoning_tokens": 5})["usage"]},
        ),
    ),
]
WRONG = [
    *((PRESENT, chat({**whole(), "usage": odd}), AT) for odd in (None, [])),
    *(
        (SUM, chat({**whole(), "usage": {**used()["usage"], member: odd}}), f"{AT}/total_tokens")
        for member, odd in (("total_tokens", 148), ("prompt_tokens", None), ("completion_tokens", None))
    ),
    *((POSITIVE, chat(used(0, odd)), f"{AT}/prompt_tokens, {AT}/completion_tokens") for odd in (0, -1)),
    (POSITIVE, chat({**whole(), "usage": {"prompt_tokens": 1}}), f"{AT}/completion_tokens"),
    (WITHIN, chat(used(**nested(94))), f"{AT}/cached_tokens"),
    (
        REASONED,
        stream({**BASE, "choices": [], "usage": {}}, {**BASE, "choices": [], "usage": THOUGHT}),
        "response event 1 usage/completion_tokens_details/reasoning_tokens",
    ),
    (TWINS, chat(used(cached_tokens=5, **nested(6))), f"{AT}/prompt_tokens_details/cached_tokens"),
]
SILENT = [(TWINS, chat(used())), (POSITIVE, chat(HALF))]
