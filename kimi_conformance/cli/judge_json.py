"""`judge --json`: written as the exchanges are judged, so that no number of them is too large."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from kimi_conformance.cli.output import discard
from kimi_conformance.cli.surroundings import Interrupted
from kimi_conformance.reporting.write import CannotWrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STDOUT: Final = "-"
SCHEMA: Final = 1


class JsonOut:
    """An open document: `{"schema": 1, "exchanges": […], "unreadable": […]}`, an exchange and a finding a line."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file: IO[bytes] | None = file
        self._name = name
        self._unreadable: list[str] = []
        self._first = True
        self._write(f'{{"schema": {SCHEMA}, "exchanges": [')

    @contextmanager
    def exchange(self, about: dict[str, Any], redact: Callable[[str], str]) -> Iterator[Callable[[Any], None]]:
        """Begin an exchange, and end it; its findings are added by the function that this gives."""
        begin = redact(json.dumps(about, ensure_ascii=False)).removesuffix("}")
        self._write(f'{"" if self._first else ","}\n{begin}, "findings": [')
        self._first, comma = False, ""

        def add(said: Any) -> None:
            nonlocal comma
            self._write(f"{comma}\n {redact(json.dumps(said.as_json(), ensure_ascii=False))}")
            comma = ","

        try:
            yield add
        finally:
            self._write("]}")

    def unreadable(self, why: str) -> None:
        """Note a file that could not be read, or not to its end."""
        self._unreadable.append(why)

    def close(self) -> None:
        """End the document."""
        self._write(f'\n], "unreadable": {json.dumps(self._unreadable, ensure_ascii=False)}}}\n')
        self._flush()

    def _write(self, text: str) -> None:
        if self._file:
            with self._told():
                self._file.write(text.encode("utf-8", "backslashreplace"))

    def _flush(self) -> None:
        if self._file:
            with self._told():
                self._file.flush()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:  # nobody reads any more: what was found still decides the exit code
            self._file = None
            discard(sys.stdout)
        except OSError as error:
            self._file = None
            raise CannotWrite(f"the results cannot be written to {self._name}: {error.strerror or error}") from error


@contextmanager
def json_out(place: str | None) -> Iterator[JsonOut | None]:
    """The document at `place`, `-` for standard output; None where none is wanted. Raises `CannotWrite`.

    However the judging ends, the document does, too: the file at `place` is whole, or as it was before.
    """
    if place is None:
        yield None
    elif place == STDOUT:
        sys.stdout.flush()
        out = JsonOut(sys.stdout.buffer, "standard output")
        try:
            yield out
        finally:
            out.close()
    else:
        with _beside(Path(place).resolve()) as file:
            out = JsonOut(file, place)
            try:
                yield out
            finally:
                out.close()


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` once it is written, after Ctrl-C, too. Raises `CannotWrite`."""
    special = path.exists() and not path.is_file()  # /dev/stderr, a pipe: nothing to put in its place
    beside = path if special else path.with_name(f".{path.name}.{os.getpid()}")
    interrupted: Interrupted | None = None
    try:
        with beside.open("wb") as file:
            try:
                yield file
            except Interrupted as signalled:
                interrupted = signalled
        if not special:
            beside.replace(path)
    except OSError as error:
        raise CannotWrite(f"the results cannot be written to {path}: {error.strerror or error}") from error
    finally:
        if not special:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    if interrupted:
        raise interrupted
