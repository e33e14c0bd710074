"""What lies in deploy/ starts commands and options that are there, and names the variables that a night reads."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

import pytest
import typer.main

from kimi_conformance.api.surroundings import VARIABLES
from kimi_conformance.registry.home import data_root
from suites.selftest.night_steps_made import APP

if TYPE_CHECKING:
    from pathlib import Path

DEPLOY: Final = data_root() / "deploy"
FILES: Final = sorted(path for path in DEPLOY.iterdir() if path.is_file())
COMMAND: Final = re.compile(r"kimi-conformance nightly([^`\n]*)")


def started(path: Path) -> list[list[str]]:
    """The words behind `kimi-conformance nightly`, wherever that is started in a file."""
    return [shlex.split(found[1]) for found in COMMAND.finditer(path.read_text("utf-8"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_option_is_one_of_nightly(path: Path) -> None:
    known = {name for param in typer.main.get_command(APP).params for name in param.opts}
    assert [word for words in started(path) for word in words if word.startswith("--") and word not in known] == []


@pytest.mark.parametrize("name", ["kimi-conformance.service", "kimi-conformance.cron", "README.md"])
def test_a_night_is_started_with_a_webhook_that_the_environment_names(name: str) -> None:
    commands = started(DEPLOY / name)
    assert commands
    named = {line.lstrip("#").split("=")[0] for line in _environment()}
    for words in commands:
        assert (
            words[words.index("--webhook") + 1] in named
            if "--webhook" in words
            else "--new-history" in words or not words
        )


def _environment() -> list[str]:
    return [
        line for line in (DEPLOY / "kimi-conformance.env.example").read_text("utf-8").splitlines() if "=op://" in line
    ]


def test_the_example_names_every_key_and_holds_none() -> None:
    named = {line.lstrip("#").split("=")[0] for line in _environment()}
    assert named == {*VARIABLES.values(), "DRIFT_WEBHOOK"}
    assert "sk-" not in (DEPLOY / "kimi-conformance.env.example").read_text("utf-8")


def test_the_line_of_cron_has_five_times_a_user_and_a_lock() -> None:
    *_, line = (DEPLOY / "kimi-conformance.cron").read_text("utf-8").splitlines()
    minute, hour, *rest = line.split(maxsplit=6)
    assert (minute.isdigit(), hour.isdigit(), rest[:4]) == (True, True, ["*", "*", "*", "kimi"])
    assert "flock --nonblock" in rest[4]
    assert "%" not in line  # cron makes a new line of it
