"""What laws say about keys and errors, word for word; and that a requirement has one law."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.judge.api.law import LAWS, law
from kimi_conformance.judge.check import Flaw
from suites.selftest.law_lifecycle import LOST, TURBO, odd
from suites.selftest.sights import error, flaws, page, seen

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

INVALID, SHAPE = "api.auth.invalid-key-401", "api.auth.401-shape"
FILTER, FAILED, LATE = (
    "api.errors.content-filter",
    "api.errors.server-error-500",
    "api.errors.gateway-timeout-504",
)
TYPE, MESSAGE = "response /error/type", "response /error/message"
UNKNOWN: Final = "invalid_authentication_error"
ROWS: list[tuple[str, Sight, list[Flaw]]] = [
    (
        INVALID,
        error(401, "odd", "no", key="wrong"),
        [Flaw(UNKNOWN, '"odd"', TYPE, f"refused with another type than {UNKNOWN}")],
    ),
    (
        SHAPE,
        seen(401, {"error": {"type": "odd", "message": 5}}),
        [
            Flaw(f"{UNKNOWN} or incorrect_api_key_error", '"odd"', TYPE, "a 401 of another type"),
            Flaw("a sentence", "5", MESSAGE, "a 401 that says nothing"),
        ],
    ),
    (
        FILTER,
        error(400, "odd", "It was considered high risk."),
        [Flaw("content_filter", '"odd"', TYPE, "a text that is too risky is refused with another type")],
    ),
    (
        FAILED,
        error(500, "odd", "no"),
        [Flaw("server_error or unexpected_output", '"odd"', TYPE, "a 500 of another type")],
    ),
    (
        FAILED,
        page(500),
        [
            Flaw(
                "server_error or unexpected_output",
                "500 text/html <html>oh no</html>",
                TYPE,
                "a 500 of another type",
            )
        ],
    ),
    (
        LATE,
        page(504, ms=899_000.0, timed=True),
        [Flaw("after 900 s", "after 899 s", "response", "a 504 before its time")],
    ),
    (
        "api.responses.unknown-model-400",
        odd(asked=TURBO, **{**LOST, "message": "no"}),
        [Flaw("kimi-k2-turbo", '"no"', MESSAGE, "the message does not name the model")],
    ),
]


@pytest.mark.parametrize(("requirement", "sight", "told"), ROWS)
def test_a_flaw_of_an_error_is_told_whole(requirement: str, sight: Sight, told: list[Flaw]) -> None:
    assert flaws(requirement, sight) == told


def test_the_gateways_patience_counts_from_when_it_was_asked() -> None:
    late = page(504, ms=900_000.0, timed=True)
    begun = replace(late, exchange=replace(late.exchange, start_ms=300_000.0))
    assert flaws(LATE, begun) == [Flaw("after 900 s", "after 600 s", "response", "a 504 before its time")]


def test_a_requirement_has_one_law(monkeypatch: pytest.MonkeyPatch) -> None:
    one = LAWS[SHAPE]
    monkeypatch.setitem(LAWS, SHAPE, one)
    with pytest.raises(ValueError, match=f"{SHAPE} has two laws"):
        law(SHAPE)(one.check)
    assert LAWS[SHAPE] is one
