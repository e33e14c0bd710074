"""Allure 3 of npm, which makes the page of its results: found, run for so long and no longer, and its failures told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kimi_conformance.reporting.legible import visible
from kimi_conformance.router.bounded import bounded

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION: Final = "3.18.0"
"""The version that our handling of its page was tried with."""
MADE: Final = (3, 18)
"""The oldest, and by its major version the newest, that is taken where it is installed."""
NODE: Final = 20
"""The oldest Node.js that it was tried with."""
WITHIN_S: Final = 600.0
"""For npm to fetch 50 MB, and for some thousand cases: each took less than a minute where this was tried."""
ASKED_S: Final = 60.0
LINES: Final = 6
INSTEAD: Final = "`kimi-conformance report RESULTS --html FILE` makes a page without it"


class NoAllure(Exception):
    """What Allure needs is not installed, or too old. Says which, and what can be done without it."""


class AllureFailed(Exception):
    """Allure, or npm, did not do its work. Says what it said."""


def find_allure() -> Sequence[str]:
    """The command that is Allure 3: one that is installed, else the pinned one by npx. Raises `NoAllure`."""
    if (installed := shutil.which("allure")) and MADE <= _version(installed) < (MADE[0] + 1, 0):
        return [installed]
    node = shutil.which("node")
    if not node:
        raise NoAllure(f"Allure's page needs Node.js {NODE} or newer, which is not installed here; {INSTEAD}")
    major, _ = _version(node)
    if major < NODE:
        has = f"this is version {major}" if major else "`node --version` does not say which this is"
        raise NoAllure(f"Allure's page needs Node.js {NODE} or newer: {has}; {INSTEAD}")
    npx = shutil.which("npx")
    if not npx:
        raise NoAllure(f"Allure's page needs npx, which comes with npm, or an installed `allure` {VERSION}; {INSTEAD}")
    return [npx, "--yes", f"allure@{VERSION}"]


def generate(allure: Sequence[str], results: Path, config: Path, out: Path) -> Path:
    """Have the page of the folder `results` made in the folder `out`. The page. Raises `AllureFailed`."""
    called = " ".join([Path(allure[0]).name, *allure[1:]])
    command = [*allure, "generate", str(results), "--config", str(config), "--output", str(out)]
    quiet = {"NO_COLOR": "1", "NO_UPDATE_NOTIFIER": "1", "npm_config_audit": "false", "npm_config_fund": "false"}
    try:
        code, said = bounded(command, out.parent, within_s=WITHIN_S, env={**os.environ, **quiet})
    except FileNotFoundError:
        raise AllureFailed(f"{called} cannot be run: there is no such program any more; {INSTEAD}") from None
    except subprocess.TimeoutExpired:
        raise AllureFailed(f"{called} was not done after {WITHIN_S:g} s; {INSTEAD}") from None
    page = out / "index.html"
    if code or not page.is_file():
        how = f"ended with exit code {code}" if code else "wrote no page"
        raise AllureFailed(f"{called} {how}; {INSTEAD}. It said:\n{_ends(said.strip().splitlines() or ['nothing'])}")
    return page


def _ends(lines: Sequence[str]) -> str:
    """The first lines and the last: npm says why at the beginning, Node.js at the end."""
    told = [*lines[:LINES], "…", *lines[-LINES:]] if len(lines) > 2 * LINES else lines
    return "\n".join(f"  {visible(line)}" for line in told)


def _version(program: str) -> tuple[int, int]:
    """Major and minor version that `program --version` tells; zeros where it tells none."""
    try:
        _, said = bounded([program, "--version"], Path.cwd(), within_s=ASKED_S)
    except (OSError, subprocess.TimeoutExpired):
        return 0, 0
    found = re.match(r"v?(\d+)\.(\d+)", said.strip())
    return (int(found[1]), int(found[2])) if found else (0, 0)
