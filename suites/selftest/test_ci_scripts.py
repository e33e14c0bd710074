"""The scripts behind the actions, as a runner starts them: exit codes, outputs, summary and reports."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from kimi_conformance.reporting.write import read_results
from suites.selftest.command import COMMAND

ROOT: Final = Path(__file__).resolve().parents[2]
AGENTS: Final = ROOT / "suites" / "routing" / "examples" / "agents"
ONE: Final = "--only router.gate.prefix-test-ignores-case"
HABIT: Final = """

def decide(question: dict[str, Any]) -> dict[str, str]:
    \"\"\"Never the plan route.\"\"\"
    return {"route": "default", "tier": "default"}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A step that has ended."""

    code: int
    said: str
    outputs: dict[str, str]
    summary: str


def step(folder: Path, *words: str, **env: str) -> Ran:
    """Run run.sh in `folder` as a step of a job that has the suite installed."""
    installed = folder / "temp" / "kimi-conformance" / "bin"
    installed.mkdir(parents=True, exist_ok=True)
    if not (installed / "kimi-conformance").exists():
        (installed / "kimi-conformance").symlink_to(COMMAND)
    files = {"GITHUB_OUTPUT": str(folder / "outputs"), "GITHUB_STEP_SUMMARY": str(folder / "summary")}
    for file in files.values():
        Path(file).write_text("", "utf-8")
    done = subprocess.run(  # noqa: S603 - our own script
        ["bash", str(ROOT / ".github" / "actions" / "run.sh"), *words],  # noqa: S607 - as the runner does
        cwd=folder,
        env={**os.environ, "RUNNER_TEMP": str(folder / "temp"), **files, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    told = dict(line.split("=", 1) for line in (folder / "outputs").read_text("utf-8").splitlines())
    return Ran(done.returncode, done.stdout + done.stderr, told, (folder / "summary").read_text("utf-8"))


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A folder with a profile whose decision is right."""
    for name in ("decision.py", "decide-callable.yaml"):
        shutil.copy(AGENTS / name, tmp_path)
    return tmp_path


def test_a_router_that_is_not_conformant_fails_the_step_and_leaves_its_reports(profile: Path) -> None:
    with (profile / "decision.py").open("a", encoding="utf-8") as file:
        file.write(HABIT)
    ran = step(profile, "check", "./decide-callable.yaml", ARGS=f"{ONE} --only 'router.models.*'")
    assert ran.code == 1
    assert {name: ran.outputs[name] for name in ("exit-code", "conformant")} == {
        "exit-code": "1",
        "conformant": "false",
    }
    folder = Path(ran.outputs["folder"])
    assert {path.name for path in folder.iterdir()} == {"junit.xml", "report.html", "results.json", "summary.txt"}
    assert ran.outputs["results"] == str(folder / "results.json")
    names = [each.id for each in read_results(folder / "results.json").requirements]
    assert names[0] == "router.gate.prefix-test-ignores-case"
    assert len(names) > 1
    head, blank, *lines = ran.summary.splitlines()
    assert (head, blank) == ("### kimi-conformance check: not conformant", "")
    assert "    NOT CONFORMANT  decide-callable" in lines
    assert all(line.startswith("    ") for line in lines if line)
    assert "NOT CONFORMANT  decide-callable" in ran.said


def test_a_conformant_one_passes_the_step(profile: Path) -> None:
    ran = step(profile, "check", "./decide-callable.yaml", ARGS=ONE)
    assert (ran.code, ran.outputs["exit-code"], ran.outputs["conformant"]) == (0, "0", "true")


def test_a_mistake_fails_the_step_and_is_told_in_the_summary(profile: Path) -> None:
    ran = step(profile, "check", "./no-such.yaml")
    assert (ran.code, ran.outputs["conformant"]) == (2, "false")
    assert "results" not in ran.outputs
    assert "no-such.yaml" in ran.summary


def test_words_are_split_as_a_shell_splits_them_and_nothing_in_them_is_run(profile: Path) -> None:
    ran = step(profile, "check", "reference", ARGS="""--only 'no such; touch "$HOME"' --only "$(touch made)" --list""")
    assert ran.code == 2
    assert "'no such; touch \"$HOME\"' names no requirement" in ran.said
    assert not (profile / "made").exists()
    assert step(profile, "check", "reference", ARGS="--only 'router").said.endswith("a quote is not closed\n")
