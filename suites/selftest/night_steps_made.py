"""Steps of a night that are over at once: what each command would have written, without the command."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import typer
from typer.testing import CliRunner

from kimi_conformance.cli import night_walk, nightly
from kimi_conformance.cli.night_child import Ended

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Night = Callable[..., "Over"]

APP: Final = typer.Typer(rich_markup_mode=None)
APP.command("nightly")(nightly.nightly)

PLAN: dict[str, Any] = {
    "schema": 1, "where": "https://api.moonshot.ai", "calls": ["hosts/models-ai"], "cases": 1, "over": 0, "minutes": 1,
    "usd": 0.12, "unpriced": 0, "missing": [], "account": {"balance": "available 5.0"}, "funds": 5.0,
}  # fmt: skip
ASKED: dict[str, Any] = {
    "schema": 1,
    "where": "api.moonshot.ai",
    "on": "2026-11-26",
    "sent": 7,
    "kept": [],
    "unseen": {},
}
DRIFT: dict[str, Any] = {
    "schema": 1, "suite": "0.1.0", "on": "2026-11-26", "recorded": {"name": "a", "origins": {}},
    "seen": {"name": "b", "origins": {}}, "compared": ["a/a"], "not_compared": [],
    "totals": {"breaking": 0, "additive": 0, "wording": 0}, "differences": [], "doc_claims": [],
}  # fmt: skip
DOCS: dict[str, Any] = {
    "statements": dict.fromkeys(("live", "recorded", "observed", "documented", "failing", "total", "unsupported"), 1)
}


def results(passed: int = 3, failed: int = 0, *, name: str = "api.chat.shape") -> dict[str, Any]:
    """A results.json with so many cases."""
    verdict = "fail" if failed else "pass" if passed else "not-observed"
    return {
        "schema": 1, "suite": "0.1.0", "command": [], "mode": "live", "target": {"name": "Kimi"},
        "started": "2026-11-26T03:00:00Z", "duration_s": 1.0, "conformant": bool(passed and not failed),
        "totals": {"pass": passed, "fail": failed, "not-observed": 2},
        "requirements": [{"id": name, "level": "MUST", "verdict": verdict, "cases": []}],
    }  # fmt: skip


@dataclass(slots=True)
class Made:
    """Stands in for `run_step`: by the command's first word, its exit code, its words, and what it writes.

    `ran` has every command as it was given.
    """

    ends: Mapping[str, int | Ended | BaseException] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=lambda: PLAN)
    asked: Mapping[str, Any] | None = field(default_factory=lambda: ASKED)
    verified: Mapping[str, Any] | None = field(default_factory=results)
    drift: Mapping[str, Any] = field(default_factory=lambda: DRIFT)
    routed: Mapping[str, Any] = field(default_factory=results)
    ran: list[list[str]] = field(default_factory=list)

    def __call__(self, words: Sequence[str], log: Path, within_s: float, about: str) -> Ended:
        """The end of the step."""
        self.ran.append(list(words))
        log.write_text(f"{about}: a log, {within_s:.0f}\n", "utf-8")
        end = self.ends.get(words[0], 0)
        if isinstance(end, BaseException):
            raise end
        self._write(words)
        return end if isinstance(end, Ended) else Ended(end, f"the last words of {words[0]}", 1.5)

    def names(self) -> list[str]:
        """The commands that ran, by their first words."""
        return [words[0] for words in self.ran]

    def _write(self, words: Sequence[str]) -> None:
        made = {"plan": self.plan, "verify": self.verified, "record": self.verified, "drift": self.drift, "docs": DOCS}
        document = self.routed if words[0] == "check" else made.get(words[0])
        if document and "--json" in words:
            Path(words[words.index("--json") + 1]).write_text(json.dumps(document), "utf-8")
        if "--keep" in words and self.asked:
            folder = Path(words[words.index("--keep") + 1])
            folder.mkdir(exist_ok=True)
            (folder / "asked.json").write_text(json.dumps(self.asked), "utf-8")


@dataclass(frozen=True, slots=True)
class Over:
    """A night that is over: what it came to, and what it has written."""

    code: int
    err: str
    made: Made
    folder: Path

    @property
    def night(self) -> Any:
        """night.json."""
        return json.loads((self.folder / "night" / "night.json").read_text("utf-8"))

    @property
    def steps(self) -> dict[str, tuple[str, int]]:
        """Outcome and exit code of each step."""
        return {step["name"]: (step["outcome"], step["code"]) for step in self.night["steps"]}

    @property
    def line(self) -> Any:
        """The last line of the history."""
        return json.loads((self.folder / "history.jsonl").read_text("utf-8").splitlines()[-1])


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    monkeypatch.chdir(tmp_path)

    def over(made: Made | None = None, *words: str | Path) -> Over:
        made = made or Made()
        monkeypatch.setattr(night_walk, "run_step", made)
        begin = () if (tmp_path / "history.jsonl").exists() else ("--new-history",)
        done = CliRunner().invoke(APP, [*begin, *map(str, words)], catch_exceptions=False)
        return Over(done.exit_code, done.stderr, made, tmp_path)

    return over
