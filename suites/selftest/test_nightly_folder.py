"""The folder of a night and its history: what is replaced, what is kept, and what is refused at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from kimi_conformance.registry.problems import ContractError
from kimi_conformance.reporting.history import MOST, read_history
from kimi_conformance.reporting.write import BadResults
from suites.selftest.night_steps_made import APP, Made, night

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.cli.night_child import Ended
    from suites.selftest.night_steps_made import Night

__all__ = ["night"]


def test_the_next_night_takes_the_place_of_the_last_and_keeps_what_is_not_its_own(night: Night, tmp_path: Path) -> None:
    night(Made(ends={"drift": 1}))
    (tmp_path / "night" / "notes").mkdir()
    over = night(Made(ends={"plan": 2}, plan={}))
    left = {path.name for path in (tmp_path / "night").iterdir()}
    assert left == {"night.json", "summary.md", "plan.log", "docs.log", "docs.json", "notes", "seen", ".night.lock"} - (
        set() if (tmp_path / "night" / "seen").exists() else {"seen"}
    )
    assert len(read_history(tmp_path / "history.jsonl")) == 2
    assert over.line["code"] == 2


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({}, "there is no history h: --new-history begins one", id="no history"),
        pytest.param({"h": "", "+": "--new-history"}, "there is a history h already", id="a history is there"),
        pytest.param({"h": "{}"}, "h:1 is no line of a history: /suite: Field required", id="no line"),
        pytest.param({"h": '\n{"schema": 2}'}, "h:2 is no line of a history: /schema", id="another schema"),
        pytest.param({"h": "", "night/mine.txt": "x"}, "no night has written, such as mine.txt", id="a full folder"),
        pytest.param({"h": "", "night/night.json": "{}"}, "is no night.json", id="a broken folder"),
        pytest.param({"h": "", "+": "--against=no"}, "there is no folder no", id="nothing recorded"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_done(
    night: Night, tmp_path: Path, files: dict[str, str], said: str
) -> None:
    """`+` is one option more."""
    (tmp_path / "history.jsonl").write_text("", "utf-8")
    words = [text for name, text in files.items() if name == "+"]
    for name, text in ((name, text) for name, text in files.items() if name != "+"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    made = Made()
    with pytest.raises(BadResults, match=re.escape(said)):
        night(made, "--history", "h", *words)
    assert made.ran == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--router-only",), "--router-only: it goes with --router", id="routers only"),
        pytest.param(("--smoke", "--shelf", "s"), "it goes without --smoke", id="a shelf of three"),
        pytest.param(("--tell", "never"), "'never' is none of trouble and always", id="when to tell"),
        pytest.param(("--webhook", "NO_SUCH"), "there is no NO_SUCH in the environment", id="no webhook"),
    ],
)
def test_a_mistake_in_the_options_is_named(night: Night, words: tuple[str, ...], said: str) -> None:
    over = night(None, *words)
    assert (over.code, said in " ".join(over.err.split()), over.made.ran) == (2, True, [])


def test_a_profile_that_is_not_there_is_told_before_anything_is_asked(night: Night) -> None:
    made = Made()
    with pytest.raises(ContractError):
        night(made, "--router", "no-such-router")
    assert made.ran == []


def test_two_nights_do_not_share_a_folder(night: Night, tmp_path: Path) -> None:
    night()

    class During(Made):
        def __call__(self, words: Any, log: Path, within_s: float, about: str) -> Ended:
            if words[0] == "plan":
                with pytest.raises(BadResults, match="another night is under way"):
                    CliRunner().invoke(APP, [], catch_exceptions=False)
            return super().__call__(words, log, within_s, about)

    assert night(During()).code == 0
    assert len(read_history(tmp_path / "history.jsonl")) == 2


def test_the_history_is_bounded(night: Night, tmp_path: Path) -> None:
    night()
    line = (tmp_path / "history.jsonl").read_text("utf-8")
    (tmp_path / "history.jsonl").write_text(line * (MOST + 3), "utf-8")
    night()
    assert len(read_history(tmp_path / "history.jsonl")) == MOST
