"""A replay has no network: what tries to connect is told so, be it to this very machine."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CONNECTS = """
import socket

def test_connect():
    socket.create_connection(("127.0.0.1", 9), timeout=1)
"""


@pytest.mark.parametrize(("mode", "said"), [("replay", "Network is disabled"), ("live", "ConnectionRefusedError")])
def test_only_a_live_run_may_connect(tmp_path: Path, mode: str, said: str) -> None:
    (tmp_path / "test_connects.py").write_text(CONNECTS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", "-p", "no:cacheprovider", "-p", "no:xdist"]
    words = [*command, "--kimi-verify", "--kimi-mode", mode, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)  # noqa: S603
    assert done.returncode == 1
    assert said in done.stdout
