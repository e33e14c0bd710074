"""The scripts of the nightly workflow: what a night is given and leaves, and the request that it makes."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPTS: Final = Path(__file__).resolve().parents[2] / ".github"
STAND_IN: Final = """#!/bin/sh
echo "$0" "$@" >> "$CALLS"
mkdir -p night && echo '# the night' > night/summary.md
[ -z "$SEES" ] || echo "$SEES" > reports/verification.json
[ ! -f state/verification.json ] || cat reports/verification.json >> "$CALLS"
exit "${CODE:-0}"
"""
OP: Final = """#!/bin/sh
echo "op $1 $2, key $MOONSHOT_API_KEY" >> "$CALLS"
shift 2
exec "$@"
"""
GH: Final = """#!/bin/sh
echo "gh $*" >> "$CALLS"
[ "$1 $2" != "pr list" ] || cat "$OPEN"
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A checkout with a committed page, its remote, and programs of ours before all others."""

    folder: Path
    env: Mapping[str, str]

    @property
    def checkout(self) -> Path:
        """Where the job works."""
        return self.folder / "checkout"

    def git(self, *words: str) -> str:
        """What git says there."""
        done = subprocess.run(  # noqa: S603 - our own words
            ["git", *words],  # noqa: S607 - the one on the PATH
            cwd=self.checkout,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def run(self, script: str, **env: str) -> int:
        """Run a script there."""
        words = ["bash", str(SCRIPTS / script)]
        return subprocess.run(  # noqa: S603 - our own script
            words, cwd=self.checkout, env={**self.env, **env}, capture_output=True, check=False
        ).returncode

    def told(self, name: str) -> list[str]:
        """The lines of a file beside the checkout."""
        path = self.folder / name
        return path.read_text("utf-8").splitlines() if path.exists() else []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Made anew for each test."""
    programs = {"bin/op": OP, "bin/gh": GH, "temp/kimi-conformance/bin/kimi-conformance": STAND_IN}
    for name, text in programs.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
        (tmp_path / name).chmod(0o755)
    env = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "RUNNER_TEMP": str(tmp_path / "temp"),
        **{name: str(tmp_path / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "CALLS", "OPEN")},
        "STATE": "state",
        "CAP": "60",
        "MAX_USD": "0.50",
        "BASE": "main",
        "NIGHT": "77",
        "SEES": "",
    }
    made = Place(tmp_path, env)
    (made.checkout / "reports").mkdir(parents=True)
    (made.checkout / "reports" / "API.md").write_text("as committed\n", "utf-8")
    (made.checkout / ".gitignore").write_text("night\nstate\n", "utf-8")
    for words in (
        ("init", "--quiet", "--initial-branch", "main"),
        ("init", "--quiet", "--bare", str(tmp_path / "remote")),
        ("remote", "add", "origin", str(tmp_path / "remote")),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b.invalid", "commit", "--quiet", "--message", "first"),
        ("push", "--quiet", "origin", "main"),
    ):
        made.git(*words)
    return made


def test_the_first_night_begins_the_history_and_a_later_one_goes_on(place: Place) -> None:
    assert place.run("nightly.sh", SEES="tonight") == 0
    (call,) = place.told("calls")
    words = call.split(" ", 1)[1]
    assert words == (
        "nightly --out night --history state/history.jsonl --verification reports/verification.json"
        " --pages --cap 60 --max-usd 0.50 --new-history"
    )
    assert place.told("github_output") == ["changed=true"]
    assert place.told("github_step_summary") == ["# the night"]
    (place.checkout / "state" / "history.jsonl").write_text("{}\n", "utf-8")
    (place.checkout / "reports" / "verification.json").unlink()  # a fresh checkout: the request was not merged
    assert place.run("nightly.sh", WEBHOOK="https://hooks.invalid/x") == 0
    _, call, known = place.told("calls")
    assert call.endswith(" --max-usd 0.50 --webhook WEBHOOK")
    assert known == "tonight"


def test_a_night_that_fails_fails_its_step_once_all_is_told(place: Place) -> None:
    assert place.run("nightly.sh", CODE="3", SEES="tonight") == 3
    assert place.told("github_output") == ["changed=true"]
    assert place.told("github_step_summary") == ["# the night"]
    assert (place.checkout / "state" / "verification.json").read_text("utf-8") == "tonight\n"


def test_a_night_without_news_changes_nothing(place: Place) -> None:
    assert place.run("nightly.sh") == 0
    assert place.told("github_output") == ["changed=false"]


def test_a_reference_to_a_vault_is_resolved_for_the_night_alone_and_a_key_is_not(place: Place) -> None:
    assert place.run("nightly.sh", MOONSHOT_API_KEY="op://vault/kimi/key") == 0
    assert place.told("calls")[0] == "op run --, key op://vault/kimi/key"
    assert place.run("nightly.sh", MOONSHOT_API_KEY="sk-plain") == 0
    assert len(place.told("calls")) == 3


def test_what_has_changed_becomes_one_request_that_the_next_night_brings_up_to_date(place: Place) -> None:
    (place.folder / "open").write_text("0\n", "utf-8")
    (place.checkout / "reports" / "API.md").write_text("as seen\n", "utf-8")
    (place.checkout / "reports" / "verification.json").write_text("{}\n", "utf-8")
    (place.checkout / "night.txt").write_text("not below reports/", "utf-8")
    assert place.run("propose.sh") == 0
    assert (
        place.git("show", "--stat", "--format=%s", "origin/nightly/pages").splitlines()[0]
        == "Pages: what the night of 77 saw"
    )
    changed = place.git("diff", "--name-only", "origin/main", "origin/nightly/pages").splitlines()
    assert changed == ["reports/API.md", "reports/verification.json"]
    assert [call.split()[1:3] for call in place.told("calls")] == [
        ["auth", "setup-git"],
        ["pr", "list"],
        ["pr", "create"],
    ]
    assert "--head nightly/pages --base main" in place.told("calls")[-1]

    place.git("switch", "--quiet", "main")
    (place.folder / "open").write_text("1\n", "utf-8")
    (place.checkout / "reports" / "API.md").write_text("as seen later\n", "utf-8")
    assert place.run("propose.sh") == 0
    assert place.git("show", "origin/nightly/pages:reports/API.md") == "as seen later"
    assert place.git("rev-list", "--count", "origin/main..origin/nightly/pages") == "1"
    assert sum(call.startswith("gh pr create") for call in place.told("calls")) == 1


def test_where_nothing_has_changed_nothing_is_asked_for(place: Place) -> None:
    assert place.run("propose.sh") == 0
    assert place.told("calls") == []
