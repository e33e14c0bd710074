"""What a night makes of its steps: what is left out and why, what stops it, and what it remembers and tells."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.cassette.shelf import path_of
from kimi_conformance.cli import nightly
from kimi_conformance.cli.night_child import Ended
from kimi_conformance.cli.surroundings import Interrupted
from kimi_conformance.contract.night import worst
from kimi_conformance.registry.home import cassettes
from suites.selftest.night_steps_made import ASKED, DRIFT, PLAN, Made, night, results

if TYPE_CHECKING:
    from suites.selftest.night_steps_made import Night

__all__ = ["night"]

UNMET, BROKE, FAILED, MISTAKE = ("not-conformant", 1), ("breaking-drift", 1), ("failed", 3), ("mistake", 2)
LATE = Ended(130, "told to end", 9.0, late=True)


def test_a_night_does_its_steps_in_their_order(night: Night) -> None:
    over = night()
    assert over.code == 0
    assert over.made.names() == ["plan", "verify", "drift", "report", "badge", "docs"]
    assert set(over.steps.values()) == {("done", 0)}
    assert over.line["asked"] == 7
    assert over.line["usd"] == 0.12
    assert (over.line["conformant"], over.line["where"]) == (True, "api.moonshot.ai")


def test_what_is_asked_is_asked_once_and_drift_compares_that(night: Night) -> None:
    _, verify, drift, *_ = night(
        None, "--cap", "9", "--rpm", "5", "--only", "api.chat.*", "--date", "2026-11-26"
    ).made.ran
    for words in (("--cap", "9"), ("--rpm", "5.0"), ("--only", "api.chat.*"), ("--date", "2026-11-26")):
        assert " ".join(words) in " ".join(verify)
    assert verify[verify.index("--keep") + 1] == drift[drift.index("--seen") + 1]
    assert drift[drift.index("--against") + 1] == str(cassettes())


@pytest.mark.parametrize(
    ("made", "code", "steps"),
    [
        pytest.param(Made(verified=results(3, 1)), 1, {"verify": UNMET}, id="a MUST does not hold"),
        pytest.param(Made(ends={"verify": 1}, verified=results(0)), 3, {"verify": FAILED}, id="nothing was seen"),
        pytest.param(Made(ends={"verify": 1}), 1, {"verify": UNMET}, id="verify says so"),
        pytest.param(Made(ends={"verify": 70}), 3, {"verify": FAILED}, id="verify broke"),
        pytest.param(Made(ends={"verify": -9}), 3, {"verify": FAILED}, id="verify was killed"),
        pytest.param(Made(ends={"drift": 1}), 1, {"drift": BROKE}, id="breaking drift"),
        pytest.param(Made(ends={"drift": 3}), 3, {"drift": FAILED}, id="nothing to compare"),
        pytest.param(Made(ends={"docs": 1}), 1, {"docs": ("stale", 1)}, id="a page without evidence"),
        pytest.param(Made(ends={"docs": 3}), 3, {"docs": FAILED}, id="no page"),
        pytest.param(Made(ends={"report": 2}), 2, {"report": MISTAKE}, id="no report"),
        pytest.param(Made(ends={"drift": 1, "docs": 3}), 1, {"drift": BROKE, "docs": FAILED}, id="1 before 3"),
        pytest.param(Made(ends={"drift": 1, "badge": 2}), 2, {"drift": BROKE, "badge": MISTAKE}, id="2 before 1"),
        pytest.param(Made(ends={"verify": LATE}), 3, {"verify": FAILED}, id="too long"),
    ],
)
def test_a_step_that_fails_gives_its_code_and_keeps_no_other_from_being_done(
    night: Night, made: Made, code: int, steps: dict[str, tuple[str, int]]
) -> None:
    over = night(made)
    assert over.code == code == over.line["code"]
    assert {name: step for name, step in over.steps.items() if step[1]} == steps
    assert over.made.names()[-1] == "docs"


@pytest.mark.parametrize(
    ("plan", "words", "code", "says"),
    [
        pytest.param(PLAN | {"funds": 0.0}, (), 3, "the account has no funds", id="no funds"),
        pytest.param(PLAN | {"funds": -31.1}, (), 3, "the account has no funds", id="in debt"),
        pytest.param(PLAN | {"usd": 0.3}, ("--max-usd", "0.25"), 2, "over --max-usd 0.25", id="too dear"),
    ],
)
def test_where_there_is_no_money_nothing_more_is_spent(
    night: Night, plan: dict[str, Any], words: tuple[str, ...], code: int, says: str
) -> None:
    over = night(Made(plan=plan), *words, "--router", "reference")
    assert over.code == code
    assert over.made.names() == ["plan", "docs"]
    assert {name for name, (outcome, _) in over.steps.items() if outcome == "left-out"} == {
        "verify",
        "drift",
        "router-reference",
    }
    assert says in over.err
    assert over.line["stopped"]


def test_funds_that_run_out_in_the_night_stop_what_comes_after(night: Night) -> None:
    asked = ASKED | {"stopped": "stopped: platform-ai answered exceeded_current_quota_error: the account has no funds"}
    over = night(Made(asked=asked), "--router", "reference")
    assert over.code == 3
    assert over.made.names() == ["plan", "verify", "drift", "report", "badge", "docs"]
    assert over.steps["router-reference"] == ("left-out", 0)
    assert "the account has no funds" in over.line["stopped"]


def test_without_a_plan_nothing_is_asked(night: Night) -> None:
    over = night(Made(ends={"plan": 2}, plan={}))
    assert (over.code, over.made.names()) == (2, ["plan", "docs"])
    assert over.night["steps"][0]["says"] == "the last words of plan"


@pytest.mark.parametrize(
    ("made", "conformant", "code"),
    [
        pytest.param(Made(), True, 0, id="conformant"),
        pytest.param(Made(routed=results(1, 2, name="router.gate.x"), ends={"check": 1}), False, 1, id="not"),
        pytest.param(Made(routed=results(0), ends={"check": 3}), None, 3, id="nothing can be said"),
    ],
)
def test_a_router_is_one_more_step(night: Night, made: Made, *, conformant: bool | None, code: int) -> None:
    over = night(made, "--router", "reference", "--router", "reference", "--router-only", "--router-cap", "4")
    assert over.made.names() == ["check", "check"]
    assert over.made.ran[0][:4] == ["check", "reference", "--mode", "live"]
    assert tuple(over.made.ran[0][-2:]) == ("--cap", "4")
    assert over.code == code
    assert over.line["routers"] == {"router-reference": conformant, "router-reference-2": conformant}


def test_what_passed_goes_on_the_shelf_after_it_was_compared_and_is_compared_with_first(
    night: Night, tmp_path: Path
) -> None:
    hello = "chat/kimi-k3-hello"

    class Recorded(Made):
        def __call__(self, words: Any, log: Path, within_s: float, about: str) -> Ended:
            if words[0] == "record":
                place = path_of(hello, Path(words[words.index("--shelf") + 1]))
                place.parent.mkdir(parents=True)
                place.write_bytes(path_of(hello).read_bytes())
            return super().__call__(words, log, within_s, about)

    first = night(Recorded(), "--shelf", "mine")
    assert first.made.names()[:3] == ["plan", "record", "drift"]
    assert first.steps["shelf"] == ("done", 0)
    assert path_of(hello, tmp_path / "mine").read_bytes() == path_of(hello).read_bytes()
    assert "mine" not in first.made.ran[2]  # it was empty when it was compared with
    second = night(Recorded(), "--shelf", "mine")
    against = [
        word for before, word in zip(second.made.ran[2], second.made.ran[2][1:], strict=False) if before == "--against"
    ]
    assert against == [str(tmp_path / "mine"), str(cassettes())]


def test_ctrl_c_keeps_what_it_has_and_tells_nobody(night: Night, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        night(Made(ends={"drift": Interrupted(signal.SIGINT)}), "--webhook", "http://127.0.0.1:1/x")
    found = json.loads((tmp_path / "night" / "night.json").read_text("utf-8"))
    assert [(step["name"], step["outcome"]) for step in found["steps"]] == [
        ("plan", "done"), ("verify", "done"), ("drift", "interrupted"), ("history", "done"),
    ]  # fmt: skip
    assert (found["told"]["code"], found["told"]["conformant"]) == (130, True)
    assert (tmp_path / "night" / "summary.md").read_text("utf-8").startswith("# Interrupted")


@pytest.mark.parametrize(("words", "times"), [((), 0), (("--tell", "always"), 1)])
def test_a_good_night_is_silent_unless_somebody_wants_to_hear(
    night: Night, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], times: int
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(nightly, "send", lambda _, message: sent.append(message))
    assert night(None, "--webhook", "http://127.0.0.1:1/x", *words).code == 0
    assert len(sent) == times


def test_a_webhook_that_fails_changes_no_exit_code(night: Night) -> None:
    over = night(Made(ends={"drift": 1}), "--webhook", "http://127.0.0.1:1/a-secret")
    assert (over.code, over.steps["webhook"]) == (1, ("failed", 0))
    assert "a-secret" not in over.err


@pytest.mark.parametrize(
    ("codes", "code"), [([], 0), ([0, 3], 3), ([3, 1], 1), ([1, 2, 3], 2), ([70, 0], 3), ([130, 1], 1)]
)
def test_the_worst_code_is_that_of_the_night(codes: list[int], code: int) -> None:
    assert worst(codes) == code


def test_a_drift_of_many_places_is_remembered_by_them(night: Night) -> None:
    side = {"origin": "live", "date": "2026-11-25", "source": "us"}
    shown = {"call": "a/a", "recorded": side, "seen": side, "means": "kimi-changed"}
    one = {"kind": "value", "class": "breaking", "where": "/object", "before": "a", "after": "b", "says": "it is b"}
    totals = {"breaking": 1, "additive": 0, "wording": 0}
    found = DRIFT | {"differences": [{**one, "shown": [shown]}], "totals": totals}
    over = night(Made(ends={"drift": 1}, drift=found))
    assert (over.line["breaking"], over.line["drift"]["breaking"]) == (["/object"], 1)
    again = night(Made())
    assert "Over since" in (again.folder / "night" / "summary.md").read_text("utf-8")
