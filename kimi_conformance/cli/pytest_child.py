"""Runs pytest in a child of its own: with our configuration only, whatever lies in the folder it was called from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from kimi_conformance.cli.surroundings import Interrupted, pythonpath
from kimi_conformance.plugin.tether import TETHER
from kimi_conformance.router.outer import outer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INI: Final = """[pytest]
minversion = 9.0
addopts = --strict-markers --strict-config --import-mode=importlib
"""

PLUGIN: Final = "kimi_conformance.plugin"
PARALLEL: Final = "xdist.plugin"
WITHOUT: Final = ("cacheprovider", "terminal", "warnings", "unraisableexception", "threadexception")
"""Plugins of pytest's own that nothing here needs."""

INTERRUPTED_S: Final = 30.0
"""How long the child may take to end its routers and write its results after an interrupt."""

RESULTS: Final = "results.json"

INTERRUPTED: Final = 2
REFUSED: Final = 4
DONE: Final = frozenset({0, 1})
"""pytest's exit codes: by Ctrl-C, for what it was asked, for a session that came to its end."""


class RunLost(Exception):
    """The process that plays the cases was killed: what it saw is lost, and nothing can be said of the router."""


class PytestRefused(Exception):
    """pytest refused what it was asked: a file that cannot be written, a profile that was changed meanwhile."""


class PytestFailed(Exception):
    """pytest could not do its work. What it said is in the message."""


def run_pytest(suite: Path, options: Sequence[str], *, parallel: bool, cwd: Path, folder: Path) -> Path:
    """Run the file `suite` with `options` in `cwd`. Its configuration, and all that only it needs, goes into `folder`.

    Returns the file with the results. Raises `Interrupted` once the child has ended because this process, or the child,
    was told to (there may be results then, too); `RunLost` where the child was killed; `PytestRefused`; `PytestFailed`
    where it did not come to the end of its session.

    The child gets a process group of its own, so that one Ctrl-C reaches it once, and a tether: if this process is
    killed, it ends too.
    """
    ini, errors, results = folder / "pytest.ini", folder / "errors.txt", folder / RESULTS
    ini.write_text(INI, "utf-8")
    extra = ("-p", PARALLEL) if parallel else ()
    own = ("--kimi-progress", str(sys.stderr.fileno()), "--kimi-results", str(results))
    isolated = (*_isolated(ini, suite.parent), "--basetemp", str(folder / "temp"))
    command = [sys.executable, "-P", "-m", "pytest", *isolated, *extra, *own, *options, str(suite)]
    held, tether = os.pipe()
    child: subprocess.Popen[bytes] | None = None
    try:
        with errors.open("wb") as sink:
            child = subprocess.Popen(  # noqa: S603 - our own interpreter and suite
                command,
                cwd=cwd,
                env=_environment(held),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=sink,
                pass_fds=(held, sys.stderr.fileno()),
                process_group=0,
            )
        code = child.wait()
    except Interrupted:
        if child:
            _end(child)
        raise
    finally:
        os.close(tether)
        os.close(held)
    if code == INTERRUPTED:
        raise Interrupted
    if code < 0:
        _kill_workers(child)
        raise RunLost(
            f"the process that plays the cases was killed by {signal.Signals(-code).name}"
            " (for want of memory, perhaps): nothing can be said of the router"
        )
    said = errors.read_text("utf-8", "replace").strip()
    last = (said.splitlines() or ["nothing"])[-1]
    if code == REFUSED:
        raise PytestRefused(last.removeprefix("Exit: ").removeprefix("ERROR: "))
    if code not in DONE or not results.exists():
        raise PytestFailed(f"pytest ended with exit code {code} and said: {last}\n{said}")
    return results


def _isolated(ini: Path, root: Path) -> list[str]:
    """Options that keep everything out that is not ours: configuration, conftests, plugins, caches.

    And what only costs time here: asserts told in detail (no suite has any), and garbage collected at the end to find
    exceptions that nobody saw (Python tells of them by itself).
    """
    return [
        *("-c", str(ini), "--rootdir", str(root), "--confcutdir", str(root), "--noconftest", "--assert=plain"),
        *("--disable-plugin-autoload", "-p", PLUGIN),
        *(word for name in WITHOUT for word in ("-p", f"no:{name}")),
    ]


def _environment(held: int) -> dict[str, str]:
    """Ours, without what would change how the child's Python or pytest behave."""
    ours = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1", **pythonpath()}
    kept = {outer(name): value for name, value in os.environ.items()}
    return {**kept, **ours, TETHER: str(held)}


def _end(child: subprocess.Popen[bytes]) -> None:
    """Have the child end as by Ctrl-C, and wait. A second interrupt kills it; its routers end all the same."""
    try:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGINT)
        child.wait(INTERRUPTED_S)
    except (Interrupted, subprocess.TimeoutExpired):
        child.kill()
        child.wait()
        _kill_workers(child)


def _kill_workers(child: subprocess.Popen[bytes]) -> None:
    """End what is left of a group whose head was killed: xdist's workers would need seconds to notice."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
