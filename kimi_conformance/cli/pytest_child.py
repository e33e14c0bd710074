"""Runs pytest in a child of its own: with our configuration only, whatever lies in the folder it was called from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kimi_conformance.plugin.tether import TETHER
from kimi_conformance.registry.home import routing_suites

if TYPE_CHECKING:
    from collections.abc import Sequence

INI: Final = """[pytest]
minversion = 9.0
addopts = --strict-markers --strict-config --import-mode=importlib
filterwarnings = error
"""

PLUGINS: Final = ("kimi_conformance.plugin", "allure_pytest.plugin")
PARALLEL: Final = "xdist.plugin"

INTERRUPTED_S: Final = 30.0
"""How long the child may take to end its routers and write its results after an interrupt."""


def run_pytest(options: Sequence[str], *, parallel: bool, errors: Path) -> int:
    """Run suites/routing with `options`; its standard error goes to the file `errors`, progress to our own.

    pytest's exit code; 130 where the user interrupted it.

    The child gets a process group of its own, so that one Ctrl-C reaches it once, and a tether: if this process is
    killed, it ends too.
    """
    held, tether = os.pipe()
    try:
        with tempfile.TemporaryDirectory(prefix="kimi-conformance-pytest-") as folder, errors.open("wb") as said:
            ini = Path(folder) / "pytest.ini"
            ini.write_text(INI, "utf-8")
            extra = ("-p", PARALLEL) if parallel else ()
            shown = ("--kimi-progress", str(sys.stderr.fileno()))
            command = [sys.executable, "-P", "-m", "pytest", *_isolated(ini), *extra, *shown, *options, str(_suite())]
            child = subprocess.Popen(  # noqa: S603 - our own interpreter and suite
                command,
                env=_environment(held),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                pass_fds=(held, sys.stderr.fileno()),
                process_group=0,
            )
            os.close(held)
            held = -1
            return _wait(child)
    finally:
        os.close(tether)
        if held >= 0:
            os.close(held)


def _suite() -> Path:
    return routing_suites() / "test_routing.py"


def _isolated(ini: Path) -> list[str]:
    """Options that keep everything out that is not ours: configuration, conftests, plugins, caches."""
    plugins = [word for plugin in PLUGINS for word in ("-p", plugin)]
    return [
        *("-c", str(ini), "--rootdir", str(_suite().parent), "--confcutdir", str(_suite().parent), "--noconftest"),
        *("--disable-plugin-autoload", *plugins, "-p", "no:cacheprovider", "-p", "no:terminal"),
    ]


def _environment(held: int) -> dict[str, str]:
    """Ours, without what would change how the child's Python or pytest behave."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", TETHER: str(held)}


def _wait(child: subprocess.Popen[bytes]) -> int:
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(INTERRUPTED_S)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            child.kill()
            child.wait()
        return 130
