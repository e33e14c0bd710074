"""What the two Node examples decide, against a table written by hand."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from suites.selftest.node_examples import BOTH, BOUND_S, EXAMPLES, NODE, needs_node

pytestmark = needs_node

PLAN = {"route": "plan", "tier": "max"}
KIMI = {"route": "kimi", "tier": "specialty"}
DEFAULT = {"route": "default", "tier": "default"}
REFUSED = {"refuse": "model must be a string"}
NOTHING: dict[str, str] = {}

EXPECTED_NAMES = [
    ("dispo", "claude-sonnet-4-5", PLAN),
    ("scout", "CLAUDE-opus", PLAN),
    ("dispo", "claude", PLAN),
    ("dispo", " claude-sonnet-4-5", DEFAULT),
    ("dispo", "not-claude", DEFAULT),
    ("dispo", "anthropic/claude-sonnet-4-5", DEFAULT),
    ("dispo", "\u0441laude-sonnet-4-5", DEFAULT),  # begins with a Cyrillic letter
    ("Dispo", "claude-sonnet-4-5", DEFAULT),
    ("dispo ", "claude-sonnet-4-5", DEFAULT),
    ("dispo x", "claude-sonnet-4-5", DEFAULT),
    ("nobody", "claude-sonnet-4-5", DEFAULT),
    (None, "claude-sonnet-4-5", DEFAULT),
    ("dispo", "kimi-k3", KIMI),
    (None, "kimi-k3", KIMI),
    ("nobody", "kimi-k3.1-pro", KIMI),
    ("scout", "kimi-k3.1-pro-highspeed", KIMI),
    (None, "KIMI-K3", DEFAULT),
    (None, "kimi-k3 ", DEFAULT),
    (None, "kimi-k3-preview", DEFAULT),
    (None, "kimi", DEFAULT),
    ("dispo", None, DEFAULT),
    ("dispo", "", DEFAULT),
    (None, "k" * 10_000, DEFAULT),
]
PREFIXED_NAMES = [
    ("dispo", "moonshot/kimi-k3", KIMI),
    (None, "moonshot/some-other", KIMI),
    ("dispo", "moonshot/claude-sonnet-4-5", KIMI),
    (None, "moonshot/", KIMI),
    (None, "Moonshot/kimi-k3", DEFAULT),
    (None, "moonshot", DEFAULT),
]
BUILT_IN_NAMES = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]
NON_STRINGS: list[Any] = [3, 0, 1.5, True, False, [], ["kimi-k3"], {}, {"id": "kimi-k3"}]


def _run_decisions(example: str, asks: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
    lines = "".join(json.dumps(ask) + "\n" for ask in asks)
    command = [NODE, f"{example}/proxy.mjs", "--decide"]
    return subprocess.run(  # noqa: S603 - our own example, found by shutil.which
        command,
        cwd=EXAMPLES,
        input=lines,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=BOUND_S,
        check=False,
    )


def _assert_decides(example: str, table: list[tuple[str | None, Any, dict[str, str]]]) -> None:
    asks = [{"agent": agent, "model": model, "surface": "messages"} for agent, model, _ in table]
    done = _run_decisions(example, asks)
    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    decided = [(agent, model, answer) for (agent, model, _), answer in zip(table, answers, strict=True)]
    assert decided == table


@pytest.mark.parametrize("example", BOTH)
def test_names_that_an_operator_expects_are_decided_by_the_table(example: str) -> None:
    _assert_decides(example, EXPECTED_NAMES)


def test_an_absent_agent_and_an_absent_model_take_the_default() -> None:
    assert json.loads(_run_decisions("operator", [{"surface": "chat"}]).stdout) == DEFAULT


def test_the_operator_example_resolves_prefixes() -> None:
    _assert_decides("operator", PREFIXED_NAMES)


def test_the_operator_example_takes_built_in_names_for_names() -> None:
    _assert_decides("operator", [("dispo", name, DEFAULT) for name in BUILT_IN_NAMES])
    _assert_decides("operator", [(name, "claude-sonnet-4-5", DEFAULT) for name in BUILT_IN_NAMES])


def test_the_operator_example_refuses_what_is_no_string() -> None:
    _assert_decides("operator", [("dispo", model, REFUSED) for model in NON_STRINGS])


def test_the_naive_example_finds_no_route_for_built_in_names() -> None:
    _assert_decides("operator-naive", [("dispo", name, NOTHING) for name in BUILT_IN_NAMES])
    _assert_decides("operator-naive", [(name, "claude-sonnet-4-5", NOTHING) for name in BUILT_IN_NAMES])


def test_the_naive_example_sends_false_and_zero_to_the_default() -> None:
    _assert_decides("operator-naive", [(None, False, DEFAULT), (None, 0, DEFAULT)])


def test_the_naive_example_dies_of_what_is_no_string() -> None:
    done = _run_decisions("operator-naive", [{"agent": None, "model": 3, "surface": "chat"}])
    assert done.returncode == 1
    assert "model.toLowerCase is not a function" in done.stderr
