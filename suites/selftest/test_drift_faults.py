"""Defects of the wire seen as drift: what changes form is noticed, what only changes values is left to the judge."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.faults.wire import WIRE, DoesNotFit
from kimi_conformance.judge.drift.compare import compare, why_not
from kimi_conformance.registry.contracts import drift_rules
from suites.selftest.sights import contract
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

BREAKING = [
    "accept-any-key",
    "accept-any-model",
    "accept-any-path",
    "all-html",
    "body-empty",
    "refuse-everything",
    "refusal-422",
    "gone-400",
    "401-as-400",
    "401-no-envelope",
    "401-html",
    "429-types-swapped",
    "429-all-rate",
    "usage-missing",
    "choices-empty",
    "tool-id-missing",
    "tool-type-missing",
    "tool-name-missing",
    "tool-calls-null",
    "done-missing",
    "done-twice",
    "stream-role-twice",
    "stream-role-missing",
    "stream-tool-id-missing",
    "finish-null",
    "finish-unknown",
    "usage-chunk-missing",
    "stream-usage-missing",
    "block-stop-missing",
    "event-name-wrong",
    "message-start-late",
    "message-stop-twice",
    "models-no-data",
    "models-prefixed",
    "models-live-missing",
    "models-context-wrong",
    "models-ability-wrong",
    "request-ids-missing",
]
ADDITIVE = [
    "fingerprint-in-whole-answer",
    "error-with-param",
    "error-with-code",
    "budget-headers",
    "message-signature-delta",
    "models-dead-listed",
    "reasoning-twice",
    "sse-byte-order-mark",
    "sse-carriage-return",
    "overload-with-retry-after",
]
WORDING = [
    "401-says-nothing",
    "gone-unnamed",
    "gone-without-permission",
    "rate-unnamed",
    "trace-mode-off",
    "trace-mode-missing",
    "names-nothing-sampling-temperature-fixed",
    "names-nothing-tools-function-name-checked",
    "refusal-says-nothing",
]
LEFT_TO_THE_JUDGE = [
    "model-substituted",
    "id-empty",
    "usage-wrong-total",
    "usage-zero",
    "args-invalid-json",
    "tool-ids-equal",
    "json-fenced",
    "utf8-mangled",
    "chunk-id-each",
    "stream-drop-chunk",
    "message-usage-split-wrong",
    "balance-too-much",
    "stream-buffered",
    "retry-after-date",
]
NOT_COMPARED = ["all-500", "all-500-on-messages", "refusal-500", "midstream-cut"]


def harmed(name: str) -> Iterator[tuple[Sight, Sight]]:
    """The specimens that the fault is made for, healthy and harmed."""
    fault = WIRE[name]
    for sight in (each for key, each in SPECIMENS.items() if fnmatchcase(key, fault.on)):
        try:
            yield sight, replace(sight, exchange=fault.apply(sight.exchange))
        except DoesNotFit:
            continue


def classes(name: str) -> set[str]:
    """The classes of all changes that the fault makes."""
    pairs = [pair for pair in harmed(name) if why_not(*pair) is None]
    assert pairs
    return {each.class_ for pair in pairs for each in compare(*pair, drift_rules(), contract()).changes}


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_clients_is_breaking(name: str) -> None:
    assert "breaking" in classes(name)


@pytest.mark.parametrize(("names", "expected"), [(ADDITIVE, {"additive"}), (WORDING, {"wording"})])
def test_what_adds_or_words_anew_is_that_and_no_more(names: list[str], expected: set[str]) -> None:
    assert {name: classes(name) for name in names} == dict.fromkeys(names, expected)


@pytest.mark.parametrize("name", LEFT_TO_THE_JUDGE)
def test_values_are_left_to_the_judge(name: str) -> None:
    assert classes(name) == set()
    assert WIRE[name].kills


@pytest.mark.parametrize("name", NOT_COMPARED)
def test_an_answer_that_is_no_answer_is_not_compared(name: str) -> None:
    assert all(why_not(*pair) for pair in harmed(name))


def test_most_defects_of_the_wire_are_seen_as_drift() -> None:
    seen = [name for name in WIRE if any(why_not(*pair) is None for pair in harmed(name)) and classes(name)]
    assert len(seen) > 280
