"""Workflows, actions, hooks and examples call our commands with options that there are, so that they cannot rot."""

from __future__ import annotations

import re
import shlex
import tomllib
from typing import TYPE_CHECKING, Final

import pytest
import yaml
from typer.testing import CliRunner

from kimi_conformance.cli.main import _add_commands, app
from kimi_conformance.registry.home import data_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT: Final = data_root()
SCRIPTS: Final = (
    ".github/**/*.yml",
    ".github/**/*.sh",
    ".gitlab/*.yml",
    ".pre-commit-hooks.yaml",
    "Dockerfile",
    "deploy/*",
)
CALLED: Final = re.compile(r"""(?:(?<![\w.$-])kimi-conformance|run\.sh"?|"\$kimi")[ ]+(?=[a-z-])(?P<words>[^\n`]*)""")
"""A command in a line: by its name, or through the script that gives every run its reports."""
UNTIL: Final = frozenset({"|", ">", ">>", "2>", "&&", "||", ";", "&", "done"})
FILLED: Final = re.compile(r"\$\{\{[^}]*\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$\w+")
GIVEN_BY_RUN: Final = ("--json", "--junit", "--html")
PINNED: Final = re.compile(r"(\./\.github/actions/[\w-]+|[\w-]+(/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+)")


def lines() -> Iterator[tuple[str, str]]:
    """Each call in the files: where, and its words. A line that is folded in YAML is one."""
    for pattern in SCRIPTS:
        for path in sorted(ROOT.glob(pattern)):
            text = re.sub(r"^[#\s]+|[ ]#[ ].*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
            folded = re.sub(r"\\?\n(?=--)", " ", text)
            for found in CALLED.finditer(folded):
                yield f"{path.relative_to(ROOT)}: {found[0][:60]}", found["words"]


def words_of(line: str) -> list[str]:
    """The words of a call up to the end of its command; what a shell or a workflow fills in is `1`."""
    lexer = shlex.shlex(FILLED.sub("1", line).replace("…", "1"), posix=True, punctuation_chars="|&;>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    for word in lexer:
        if word in UNTIL:
            break
        words.append(word.strip("'\"`);"))
    return words


@pytest.fixture(scope="module", autouse=True)
def all_commands() -> None:
    """With their options: the command line itself loads only the one that is asked for."""
    _add_commands([])


def refused(words: list[str]) -> str:
    """What is wrong with a call, as the command says; nothing, where its options are there. Nothing is run."""
    done = CliRunner().invoke(app, [*words, "--help"])
    return done.output if done.exit_code else ""


CALLS: Final = [pytest.param(line, id=where) for where, line in dict(lines()).items()]


@pytest.mark.parametrize("line", CALLS)
def test_every_call_is_of_a_command_with_options_that_there_are(line: str) -> None:
    assert refused(words_of(line)) == ""


def test_the_calls_are_found_wherever_there_are_some() -> None:
    found = {str(call.id).split(":")[0] for call in CALLS}
    assert found >= {
        ".github/actions/check/action.yml",
        ".github/actions/merge/action.yml",
        ".github/nightly.sh",
        ".github/workflows/replay.yml",
        ".gitlab/check.yml",
        ".pre-commit-hooks.yaml",
        "Dockerfile",
        "deploy/kimi-conformance.cron",
        "deploy/kimi-conformance.service",
    }


@pytest.mark.parametrize("words", [["chek"], ["check", "--shards", "1/2"], ["merge", "--only", "x"]])
def test_a_command_or_an_option_that_is_not_there_is_noticed(words: list[str]) -> None:
    assert f"No such {'option' if words[1:] else 'command'}" in refused(words)


def test_whatever_goes_through_the_script_takes_the_options_that_it_adds() -> None:
    script = (ROOT / ".github/actions/run.sh").read_text("utf-8")
    given = re.search(r'"\$\{words\[@\]\}"(.*?) 2>&1', script)
    assert given is not None
    options = [word for word in given[1].split() if word.startswith("--")]
    assert options == list(GIVEN_BY_RUN)
    through = {words_of(str(call.values[0]))[0] for call in CALLS if "run.sh" in str(call.id)}
    assert through == {"check", "merge", "verify"}
    assert [refused([name, *(word for each in options for word in (each, "x"))]) for name in through] == [""] * 3


def documents(pattern: str) -> list[Path]:
    return sorted(ROOT.glob(pattern))


@pytest.mark.parametrize("path", documents(".github/workflows/*.yml"), ids=lambda path: path.name)
def test_a_workflow_has_no_rights_but_those_that_a_job_asks_for_and_an_end(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            if str(step.get("uses", "")).startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", documents(".github/**/*.yml"), ids=lambda path: str(path.relative_to(ROOT)))
def test_actions_are_pinned_by_commit_and_nothing_is_filled_into_a_script(path: Path) -> None:
    text = path.read_text("utf-8")
    assert [use for use in re.findall(r"uses: (.*)", text) if not PINNED.fullmatch(use)] == []
    loaded = yaml.safe_load(text)
    jobs = loaded.get("jobs", {"action": loaded.get("runs", {})}) if isinstance(loaded, dict) else {}
    scripts = [step["run"] for job in jobs.values() for step in job.get("steps", []) if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


def test_one_action_is_pinned_to_one_commit_everywhere() -> None:
    pins = {
        use
        for path in documents(".github/**/*.yml")
        for use in re.findall(r"uses: ([\w-]+/.*)", path.read_text("utf-8"))
    }
    assert len({use.split("@")[0] for use in pins}) == len(pins)


def test_what_a_shard_of_a_workflow_is_given_is_what_check_takes() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/sharded.yml").read_text("utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"] if "args" in step.get("with", {})]
    assert len(steps) == 1
    words = words_of(steps[0]["with"]["args"])
    assert words == ["--shard", "1/1", "--date", "1"]
    assert refused(["check", "p", *words]) == ""


def test_the_docker_image_gets_all_that_the_wheel_is_made_of_and_no_more() -> None:
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    let_in = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), flags=re.MULTILINE)
    assert {name.split("/")[0] for name in let_in} == names
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    included = re.search(r"force-include\]\n(.*?)\n\n", project, flags=re.DOTALL)
    assert included is not None
    wanted = re.findall(r'^"(\S+)" =', included[1], flags=re.MULTILINE)
    assert {name for name in wanted if name not in let_in} == set()


def test_a_hook_that_needs_an_extra_says_what_that_extra_is() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert [hook["additional_dependencies"] for hook in hooks if "docs" in hook["entry"]] == [extras["pages"]]
