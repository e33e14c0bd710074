"""Configs of Portkey's, what the providers do meanwhile, and what came of each at the open gateway 1.15.2.

Measured on 2026-11-25; test_portkey_real.py measures again where the gateway can be installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Answer = int | Literal["gone"]

KIMI: Final = {"provider": "moonshot"}
OTHER: Final = {"provider": "openrouter"}
RETRY_1, RETRY_2 = ({"retry": {"attempts": number}} for number in (1, 2))
FALLBACK: Final = {"strategy": {"mode": "fallback"}}
BY_MODEL: Final = {
    "mode": "conditional",
    "conditions": [{"query": {"params.model": {"$eq": "kimi-k3"}}, "then": "kimi"}],
    "default": "other",
}


@dataclass(frozen=True, slots=True)
class Row:
    """`answers`: what each option answers, call by call, the last one for ever (200 where nothing is said)."""

    id: str
    config: Mapping[str, Any]
    answers: Mapping[str, tuple[Answer, ...]]
    status: int
    option: str
    retries: str
    calls: tuple[tuple[str, Answer], ...]


ROOT, FIRST, SECOND, THIRD = "config", "config.targets[0]", "config.targets[1]", "config.targets[2]"

ROWS: Final = (
    Row("healthy", KIMI, {}, 200, ROOT, "0", ((ROOT, 200),)),
    Row(
        "429-twice-then-200",
        {**KIMI, **RETRY_2},
        {ROOT: (429, 429, 200)},
        200,
        ROOT,
        "2",
        ((ROOT, 429), (ROOT, 429), (ROOT, 200)),
    ),
    Row("429-for-ever", {**KIMI, **RETRY_1}, {ROOT: (429,)}, 429, ROOT, "-1", ((ROOT, 429), (ROOT, 429))),
    Row("400-is-not-retried", {**KIMI, **RETRY_2}, {ROOT: (400,)}, 400, ROOT, "0", ((ROOT, 400),)),
    Row("no-retry-no-count", KIMI, {ROOT: (429,)}, 429, ROOT, "0", ((ROOT, 429),)),
    Row(
        "codes-of-its-own",
        {**KIMI, "retry": {"attempts": 2, "on_status_codes": [408]}},
        {ROOT: (408, 429)},
        429,
        ROOT,
        "1",
        ((ROOT, 408), (ROOT, 429)),
    ),
    Row("gone-is-retried", {**KIMI, **RETRY_1}, {ROOT: ("gone",)}, 500, ROOT, "-1", ((ROOT, "gone"), (ROOT, "gone"))),
    Row(
        "gone-whatever-the-codes",
        {**KIMI, "retry": {"attempts": 1, "on_status_codes": [429]}},
        {ROOT: ("gone", 200)},
        200,
        ROOT,
        "1",
        ((ROOT, "gone"), (ROOT, 200)),
    ),
    Row(
        "fallback",
        {**FALLBACK, "targets": [KIMI, OTHER]},
        {FIRST: (500,)},
        200,
        SECOND,
        "0",
        ((FIRST, 500), (SECOND, 200)),
    ),
    Row(
        "fallback-with-no-codes-takes-a-400-too",
        {**FALLBACK, "targets": [KIMI, OTHER]},
        {FIRST: (400,)},
        200,
        SECOND,
        "0",
        ((FIRST, 400), (SECOND, 200)),
    ),
    Row(
        "fallback-for-its-codes-only",
        {"strategy": {"mode": "fallback", "on_status_codes": [429]}, "targets": [KIMI, OTHER]},
        {FIRST: (500,)},
        500,
        FIRST,
        "0",
        ((FIRST, 500),),
    ),
    Row(
        "fallback-after-each-has-retried",
        {**FALLBACK, **RETRY_1, "targets": [KIMI, OTHER]},
        {FIRST: (503,), SECOND: (500, 200)},
        200,
        SECOND,
        "1",
        ((FIRST, 503), (FIRST, 503), (SECOND, 500), (SECOND, 200)),
    ),
    Row(
        "retry-of-its-own",
        {**FALLBACK, **RETRY_1, "targets": [{**KIMI, "retry": {"attempts": 0}}, OTHER]},
        {FIRST: (503,)},
        200,
        SECOND,
        "0",
        ((FIRST, 503), (SECOND, 200)),
    ),
    Row(
        "all-fail",
        {**FALLBACK, "targets": [KIMI, OTHER, OTHER]},
        {FIRST: (500,), SECOND: (429,), THIRD: (503,)},
        503,
        THIRD,
        "0",
        ((FIRST, 500), (SECOND, 429), (THIRD, 503)),
    ),
    Row(
        "gone-falls-back",
        {**FALLBACK, "targets": [KIMI, OTHER]},
        {FIRST: ("gone",)},
        200,
        SECOND,
        "0",
        ((FIRST, "gone"), (SECOND, 200)),
    ),
    Row(
        "conditional",
        {"strategy": BY_MODEL, "targets": [{"name": "other", **OTHER}, {"name": "kimi", **KIMI}]},
        {},
        200,
        SECOND,
        "0",
        ((SECOND, 200),),
    ),
    Row(
        "fallback-within-a-condition",
        {
            "strategy": BY_MODEL,
            "targets": [{"name": "other", **OTHER}, {"name": "kimi", **FALLBACK, "targets": [KIMI, OTHER]}],
        },
        {f"{SECOND}.targets[0]": (500,)},
        200,
        f"{SECOND}.targets[1]",
        "0",
        ((f"{SECOND}.targets[0]", 500), (f"{SECOND}.targets[1]", 200)),
    ),
)
