"""Puts a stand-in for 1Password's `op` on the PATH of a router."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.router.values import Values

PROGRAM: Final = Path(__file__).with_name("fake_op.py")


def put_op_into_scratch(references: Mapping[str, str], values: Values) -> Path:
    """Write an executable `op` that answers with the values of `references`. Returns the folder that it lies in."""
    folder = values.scratch / "bin"
    folder.mkdir(exist_ok=True)
    items = folder / "op.json"
    items.write_text(json.dumps({name: values.fill(value) for name, value in references.items()}), "utf-8")
    items.chmod(0o600)
    words = (sys.executable, "-I", "-S", str(PROGRAM), str(items))
    (folder / "op").write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', "utf-8")
    (folder / "op").chmod(0o700)
    return folder
