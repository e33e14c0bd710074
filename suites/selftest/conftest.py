"""Fixtures of several selftests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.registry.yaml_file import Document, read

if TYPE_CHECKING:
    from suites.selftest.yaml_texts import Load


@pytest.fixture
def load_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Reads a text as the file p.yaml of the current folder."""
    monkeypatch.chdir(tmp_path)

    def read_text(text: str) -> Document:
        Path("p.yaml").write_text(text, encoding="utf-8", newline="")
        return read(Path("p.yaml"))

    return read_text
