"""A command of others that is waited for, and ended with all that it has started whenever we stop waiting."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def bounded(
    command: Sequence[str], folder: Path, *, within_s: float, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run `command` in `folder`, in a process group of its own. Its exit code, and what it said on both streams.

    Raises `FileNotFoundError` where there is no such command, and `subprocess.TimeoutExpired`.
    """
    process = subprocess.Popen(  # noqa: S603 - whose words these are, the caller knows
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
    )
    try:
        out, _ = process.communicate(timeout=within_s)
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):  # sudo, and what it started, is not ours
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout:
            process.stdout.close()
    return process.returncode, out.decode("utf-8", "replace")
