"""What commands print. It is rendered first and written then: a reader that has left is no error of ours."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from rich.console import Console

from kimi_conformance.reporting.write import CannotWrite, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

UNBOUNDED: Final = 10_000


def show(*renders: Callable[[Console], None], on_stderr: bool = False, wide: bool = False) -> None:
    """Print what `renders` print. `wide`: only a terminal has an edge to wrap at. Raises `CannotWrite`.

    Not onto the stream itself: rich ends the process with its own exit code where the reader has left.
    """
    stream = sys.stderr if on_stderr else sys.stdout
    there = Console(file=stream)
    printed = StringIO()
    here = Console(
        file=printed,
        force_terminal=there.is_terminal,
        width=there.width if there.is_terminal or not wide else UNBOUNDED,
        highlight=False,
    )
    for render in renders:
        render(here)
    write(printed.getvalue(), stream)


def write(text: str, stream: TextIO | None = None) -> None:
    """Write `text` to standard output, or to `stream`. Raises `CannotWrite`, but not where nobody reads any more."""
    stream = stream or sys.stdout
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        discard(stream)
    except OSError as error:
        discard(stream)
        raise CannotWrite(f"cannot write to standard output: {error.strerror or error}") from error


def write_json(place: str, document: Any) -> None:
    """Write `document` to the file at `place`, `-` for standard output. Raises `CannotWrite`."""
    text = f"{json.dumps(document, ensure_ascii=False, indent=1)}\n"
    if place == "-":
        write(text)
        return
    try:
        write_whole(Path(place), text.encode())
    except OSError as error:
        raise CannotWrite(f"{place} cannot be written: {error.strerror or error}") from error


def tell(message: str) -> None:
    """Write a line to standard error, if that can be."""
    with suppress(OSError):
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()


def discard(stream: TextIO) -> None:
    """Send what is left of `stream` nowhere, so that it does no harm at the end of the process."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
