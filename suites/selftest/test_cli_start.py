"""How little a command imports before it has anything to do: most of the time of a short one."""

from __future__ import annotations

import subprocess
import sys

import pytest

PLAN = """
from datetime import date
from kimi_conformance.cli import check
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.plan import make_plan
make_plan(load_profile("reference-asgi"), date(2026, 11, 26))
"""
"""What `check` does itself: all that is played is played in a process of its own."""

PLAYING = "import kimi_conformance.plugin.session"

VERSION = """
import sys
from contextlib import suppress
from kimi_conformance.cli.main import run
sys.argv = ["kimi-conformance", "--version"]
with suppress(SystemExit):
    run()
"""


@pytest.mark.parametrize(
    ("code", "needless"),
    [
        (PLAN, ("kimi_conformance.judge.registered", "kimi_conformance.plugin.session", "httpx", "jsonschema", "vcr")),
        (PLAYING, ("httpx", "vcr", "jinja2", "allure", "typer")),
        (VERSION, ("kimi_conformance.cli.check", "kimi_conformance.cli.verify", "httpx", "jsonschema", "vcr")),
    ],
    ids=["the-plan-of-a-check", "what-plays-it", "the-version"],
)
def test_what_is_not_needed_is_not_imported(code: str, needless: tuple[str, ...]) -> None:
    told = f"{code}\nimport sys\nprint(*(set(sys.modules) & {set(needless)!r}))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert done.stdout.splitlines()[-1] == ""
