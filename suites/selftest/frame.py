"""A command in this process, but in its outermost frame: much sooner done than in a process of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kimi_conformance.cli.main import run
from suites.selftest.command import Done

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def framed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str | Path
) -> Done:
    """Run `kimi-conformance WORDS` in `folder`."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["kimi-conformance", *map(str, words)])
    try:
        code: object = run()
    except SystemExit as ended:
        code = ended.code
    told = capsys.readouterr()
    return Done(code if isinstance(code, int) else 0 if code is None else 1, told.out, told.err, 0)
