"""results.json on disk: written whole or not at all, read with clear words for what is wrong with it."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from kimi_conformance.contract.result import Results
from kimi_conformance.reporting.coherent import contradiction

SCHEMA: Final = 1


class CannotWrite(Exception):
    """A file that was asked for cannot be written. Says which and why."""


class BadResults(Exception):
    """A file is no results.json that this version can read. Says which and why."""


def write_results(results: Results, path: Path | str) -> None:
    """Write results.json to `path`, or to standard output for `-`. Folders are made as needed.

    A reader never sees half a file. Raises `CannotWrite`.
    """
    data = f"{json.dumps(results.as_json(), ensure_ascii=False, indent=1)}\n".encode()
    try:
        if str(path) == "-":
            _print(data)
        else:
            write_whole(Path(path), data)
    except OSError as error:
        place = "standard output" if str(path) == "-" else path
        raise CannotWrite(f"the results cannot be written to {place}: {error.strerror or error}") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path`, which then has all of it or stays as it was; makes its folder. Raises `OSError`."""
    path = path.resolve()  # a link stays a link
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # /dev/stderr, a pipe: nothing to put in its place
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def read_results(path: Path) -> Results:
    """The results in the file at `path`. Raises `BadResults`."""
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise BadResults(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadResults(f"{path} is not UTF-8: byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise BadResults(f"{path}:{error.lineno}: this is no JSON: {error.msg}, column {error.colno}") from error
    except RecursionError as error:
        raise BadResults(f"{path}: its JSON is nested too deeply") from error
    return _checked(data, path)


def _checked(data: Any, path: Path) -> Results:
    if not isinstance(data, dict) or "schema" not in data:
        raise BadResults(f"{path} is no results.json: it is no JSON object with a member `schema`")
    if data["schema"] != SCHEMA:
        raise BadResults(
            f"{path} has schema {json.dumps(data['schema'])[:40]}; this version of kimi-conformance reads {SCHEMA}"
        )
    try:
        results = Results.model_validate(data)
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        where = "".join(f"/{step}" for step in first["loc"]) or "/"
        more = f" (and {len(others)} more)" if others else ""
        raise BadResults(f"{path} is no results.json: {where}: {first['msg']}{more}") from error
    if wrong := contradiction(results):
        raise BadResults(f"{path} contradicts itself: it was edited, or cut: {wrong}")
    return results


def _print(data: bytes) -> None:
    """In UTF-8, whatever the locale says: JSON knows no other encoding (RFC 8259, 8.1)."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
