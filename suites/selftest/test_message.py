"""Messages for a webhook: whatever stands in them, Discord takes them, and no key stands there."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from kimi_conformance.api.drifting import known_of
from kimi_conformance.faults.wire.edit import put
from kimi_conformance.judge.discord import all_text, breaches
from kimi_conformance.judge.drift.whole import drift
from kimi_conformance.reporting.message import MOST, RED, Line, drift_message, message
from kimi_conformance.reporting.redact import redactor
from suites.selftest.drifted import DAY, edited, pair
from suites.selftest.nights import plan
from suites.selftest.specimens import SPECIMENS

TEXTS = st.text(max_size=9000)
KEY = "sk-a-key-that-nobody-may-see"


@given(title=TEXTS, text=TEXTS, lines=st.lists(st.tuples(TEXTS, TEXTS), max_size=40))
def test_discord_takes_every_message(title: str, text: str, lines: list[tuple[str, str]]) -> None:
    made = message(title or "-", text, [Line(*each) for each in lines], RED, redactor({}))
    assert list(breaches(json.loads(json.dumps(made)))) == []
    assert all(field["name"].strip() and field["value"].strip() for field in made["embeds"][0]["fields"])


def test_what_is_too_much_is_counted() -> None:
    made = message("a", "b", [Line(f"n{n}", "x") for n in range(20)], RED, redactor({}))
    fields = made["embeds"][0]["fields"]
    assert len(fields) == MOST + 1
    assert fields[-1] == {"name": "and", "value": "12 more, which the report has"}


def test_nobody_is_called_and_no_key_is_told() -> None:
    made = message(f"a {KEY}", f"b {KEY}", [Line(f"c {KEY}", f"@everyone {KEY}")], RED, redactor({"key": KEY}))
    assert made["allowed_mentions"] == {"parse": []}
    assert KEY not in json.dumps(made)


def test_a_drift_is_told_with_its_calls_and_what_it_means() -> None:
    after = edited("chat", put("object", "completion"))
    found = drift(
        [pair("chat/kimi-k3-hello", SPECIMENS["chat"], after)], [], known_of(plan()), names=("old", "new"), on=DAY
    )
    text = all_text(drift_message(found, redactor({})))
    for said in (
        "Drift: new",
        "1 breaking",
        "Against old, 2026-11-26",
        "/object",
        "chat.completion → completion",
        "Kimi changed",
    ):
        assert said in text


def test_that_nothing_could_be_compared_is_told_as_that() -> None:
    found = drift([], [], known_of(plan()), names=("old", "new"), on=DAY)
    assert "No answer could be compared: new" in all_text(drift_message(found, redactor({})))
