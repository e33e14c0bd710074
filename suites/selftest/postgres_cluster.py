"""A PostgreSQL of the tests' own: made, started, and gone with its folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

BOUND_S: Final = 60.0

MISSING: Final = "no PostgreSQL server is installed (initdb and postgres, on PATH or in /usr/lib/postgresql)"


def binaries() -> Path | None:
    """The folder that has `initdb` and `postgres`, the newest where there are several."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    found = shutil.which("postgres")
    folders = sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)
    folders += [Path(found).resolve().parent] if found else []
    return next((each for each in folders if (each / "initdb").exists() and (each / "postgres").exists()), None)


@contextmanager
def cluster() -> Iterator[str]:
    """The address of an empty database, on a free port of this machine alone, where anybody who asks may come in."""
    programs = binaries()
    assert programs is not None
    folder = tempfile.mkdtemp(prefix="kimi-conformance-pg-")
    who = _unprivileged()
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        data, quiet = f"{folder}/data", {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": folder} | who
        made = [programs / "initdb", "-D", data, "--auth=trust", "--username=suite", "--encoding=UTF8", "--no-locale"]
        subprocess.run([*made, "--no-sync"], check=True, timeout=BOUND_S, **quiet)  # noqa: S603 - as found above
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=100")
        options = [word for setting in settings for word in ("-c", setting)]
        with Path(folder, "log").open("wb") as log:
            server = subprocess.Popen(  # noqa: S603 - as found above
                [programs / "postgres", "-D", data, "-p", str(port), *options], **(quiet | {"stderr": log})
            )
        try:
            dsn = f"postgresql://suite@127.0.0.1:{port}/postgres"
            _until_it_serves(dsn, server, Path(folder, "log"))
            yield dsn
        finally:
            server.send_signal(signal.SIGINT)  # "fast": connections are ended, too
            server.wait(BOUND_S)
    finally:
        shutil.rmtree(folder)


def _unprivileged() -> dict[str, Any]:
    """Somebody else, where we are root: PostgreSQL refuses to run as root."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}


def _until_it_serves(dsn: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + BOUND_S
    while True:
        try:
            psycopg.connect(dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL does not serve: {log.read_text()[-2000:]}") from None
            time.sleep(0.05)
        else:
            return
