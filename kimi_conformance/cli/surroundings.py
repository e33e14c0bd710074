"""What a command finds around it, made fit before anything is imported: streams, import path, signals."""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from types import FrameType

HOME: Final = str(Path(__file__).absolute().parents[2])
"""The folder that our own package is imported from."""

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal asked this process to end.

    Not a KeyboardInterrupt: typer turns that into an exit code of its own, and another one in each version.
    """

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


def make_fit() -> None:
    """Do all that is needed before the command line is imported."""
    _open_streams()
    _forget_pythonpath()
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, or a background job of a script
            signal.signal(number, _end)


def pythonpath() -> dict[str, str]:
    """The variable that a Python started by us needs to find our package, where it was found by that variable."""
    return {"PYTHONPATH": HOME} if HOME in _given() else {}


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted(number)


def _open_streams() -> None:
    """Put /dev/null in the place of closed streams, and let no character be one that cannot be written.

    A closed descriptor would be given to the next file that is opened, and a message printed into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8")
    sys.stderr = sys.stderr or io.TextIOWrapper(io.FileIO(2, "w", closefd=False), "utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _forget_pythonpath() -> None:
    """Take what PYTHONPATH adds off the import path: a `json.py` there must not become ours. Our own home stays."""
    given = _given()
    sys.path[:] = [entry for entry in sys.path if entry not in given or entry == HOME]


def _given() -> frozenset[str]:
    """The folders in PYTHONPATH, as Python puts them on its path."""
    value = os.environ.get("PYTHONPATH")
    return frozenset(map(_absolute, value.split(os.pathsep))) if value else frozenset()


def _absolute(entry: str) -> str:
    try:
        return os.path.abspath(entry)  # noqa: PTH100 - as Python's site does it: pathlib keeps `..`
    except OSError:  # the current folder is gone
        return entry
