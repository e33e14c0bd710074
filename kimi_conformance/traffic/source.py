"""Files of traffic, opened so that a reader can look at the beginning first: standard input and gzip, too."""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import tempfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, cast

from kimi_conformance.traffic.found import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN: Final = "-"
HEAD_BYTES: Final = 1 << 20
GZIP: Final = b"\x1f\x8b"
UTF_8_BOM: Final = b"\xef\xbb\xbf"
UTF_16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Source:
    """An open file, at the beginning of its text. `head` is how that begins, its first MB; `name` is for messages."""

    name: str
    file: IO[bytes]
    head: bytes

    def read(self, size: int) -> bytes:
        """So many of the bytes that follow, fewer only at the end. Raises `Unreadable`."""
        with reading(self.name):
            return self.file.read(size)

    def lines(self) -> Iterator[bytes]:
        """The rest of the file, line by line. Raises `Unreadable`."""
        with reading(self.name):
            yield from self.file

    def rest(self) -> bytes:
        """The rest of the file. Raises `Unreadable`."""
        with reading(self.name):
            return self.file.read()


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Says what goes wrong while the file `name` is read. Raises `Unreadable`."""
    try:
        yield
    except EOFError as error:
        raise Unreadable(f"{name}: the gzip file ends early: it was not written to its end") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Unreadable(f"{name}: it begins like a gzip file, and is broken: {error}") from error
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror or error}") from error


@contextmanager
def opened(path: str) -> Iterator[Source]:
    """The file at `path`; `-` is standard input. Raises `Unreadable` where it cannot be read, or nothing is in it."""
    name = "standard input" if path == STDIN else path
    if os.path.isdir(path):  # noqa: PTH112 - a path is named as the user did
        raise Unreadable(f"{name} is a folder: name the files in it")
    with reading(name), _seekable(path) as plain:
        zipped = plain.read(len(GZIP)) == GZIP
        plain.seek(0)
        file = cast("IO[bytes]", gzip.GzipFile(fileobj=plain)) if zipped else plain
        head = file.read(HEAD_BYTES)
        if not head.removeprefix(UTF_8_BOM).strip():
            raise Unreadable(f"{name} is empty")
        if head.startswith(UTF_16_BOMS):
            raise Unreadable(f"{name} is UTF-16: save it as UTF-8 (PowerShell: `Out-File -Encoding utf8`)")
        begin = len(UTF_8_BOM) if head.startswith(UTF_8_BOM) else 0
        file.seek(begin)
        yield Source(name, file, head[begin:])


@contextmanager
def _seekable(path: str) -> Iterator[IO[bytes]]:
    with sys.stdin.buffer if path == STDIN else open(path, "rb") as file:  # noqa: PTH123 - the same
        if file.seekable():
            yield file
            return
        with tempfile.TemporaryFile() as copy:  # a pipe cannot be looked at twice
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            yield copy
