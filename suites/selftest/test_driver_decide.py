"""The driver `decide`, through the bench: a bare decision, asked of a function or of a program."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.trip import ABSENT, Decision, outcome
from kimi_conformance.judge.destination import on_expected_route
from kimi_conformance.oracle import Routed
from suites.selftest.driving import PROFILE, ask, cannot_start, opened

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.contract.trip import Trip

DECIDER = """
import json, os, sys

def decide(question):
    match question.get("model"):
        case "echo": return {"route": json.dumps(question), "tier": ",".join(sorted(os.environ))}
        case "refuse": return {"refuse": "not today"}
        case "odd": return {"rout": "only"}
        case "raise": raise ValueError("no such model")
        case "exit": os._exit(7)
    return {"route": "only"}

if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(decide(json.loads(line))), flush=True)
"""


def decided(folder: Path, *models: Any, program: bool) -> list[Trip]:
    """One trip for each of `models`, in turn."""
    (folder / "decider.py").write_text(DECIDER, "utf-8")
    command = {"command": ["{python}", "-B", "decider.py"], "env": {"KEY": "{secret.main}"}}

    async def trips() -> list[Trip]:
        async with opened(folder, decide=command if program else "decider:decide") as bench:
            made = [await bench.trip(ask(model)) for model in models]
            await bench.settle(made)
            return [bench.completed(trip) for trip in made]

    return asyncio.run(trips())


@pytest.mark.parametrize("program", [pytest.param(False, id="callable"), pytest.param(True, id="program")])
def test_a_bare_decision_is_asked_for_what_there_is_and_says_route_tier_or_refusal(
    tmp_path: Path, *, program: bool
) -> None:
    echo, refused, routed, absent = decided(tmp_path, "echo", "refuse", None, ABSENT, program=program)
    assert echo.decision is not None
    assert echo.decision.route == '{"model": "echo", "surface": "chat"}'
    assert [trip.decision for trip in (refused, routed, absent)] == [
        Decision(None, None, "not today"),
        Decision("only", None, None),
        Decision("only", None, None),
    ]
    assert [outcome(trip) for trip in (echo, refused, routed, absent)] == ["served", "refused", "served", "served"]
    assert [trip.sent.json() for trip in (routed, absent)] == [{"model": None, "surface": "chat"}, {"surface": "chat"}]


@pytest.mark.parametrize(
    ("program", "model", "error"),
    [
        pytest.param(False, "raise", "closed: the function raised ValueError: no such model", id="callable-raises"),
        pytest.param(False, "odd", "protocol: the answer is neither", id="callable-odd"),
        pytest.param(True, "raise", "ValueError: no such model", id="program-raises"),
        pytest.param(True, "exit", "closed: the program ended", id="program-exits"),
        pytest.param(True, "odd", "protocol: the answer is neither", id="program-odd"),
    ],
)
def test_a_decision_that_fails_is_no_decision_and_the_finding_says_why(
    model: str, error: str, tmp_path: Path, *, program: bool
) -> None:
    before, failed, after = decided(tmp_path, "k1", model, "k2", program=program)
    assert [trip.decision for trip in (before, failed, after)] == [
        Decision("only", None, None),
        None,
        Decision("only", None, None),
    ]
    assert outcome(failed) == "failed"
    assert error in (failed.client.error or "")
    profile = Profile.model_validate(PROFILE | {"decide": "decider:decide"})
    (flaw,) = on_expected_route(failed, Routed("only", "usual", model), profile)
    assert error in flaw.actual


def test_a_deciding_program_has_an_environment_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT_OUT", "yes")
    monkeypatch.setenv("LANG", "C.UTF-8")
    (echo,) = decided(tmp_path, "echo", program=True)
    assert echo.decision is not None
    assert {*(echo.decision.tier or "").split(",")} - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"} == {
        *("HOME", "KEY", "LANG", "PATH")
    }


@pytest.mark.parametrize(
    ("decide", "why"),
    [
        pytest.param("no_such_module:decide", "there is no module no_such_module", id="callable"),
        pytest.param({"command": ["./no-such-program"]}, "could not start ./no-such-program", id="program"),
    ],
)
def test_a_decision_that_cannot_be_had_is_said(decide: Any, why: str, tmp_path: Path) -> None:
    assert why in cannot_start(tmp_path, decide=decide)
