"""Variables that the command line keeps from its own Python and pytest, and that `pass_env` may name all the same."""

from __future__ import annotations

import os
from typing import Final

PREFIX: Final = "KIMI_CONFORMANCE_OUTER_"

KEPT_AWAY: Final = ("PYTEST_", "PYTHON")


def outer(name: str) -> str:
    """The name under which the variable `name` is handed to a process of ours."""
    return f"{PREFIX}{name}" if name.startswith(KEPT_AWAY) else name


def outer_value(name: str) -> str | None:
    """What the variable `name` was where the command was called, if it was anything."""
    return os.environ.get(f"{PREFIX}{name}", os.environ.get(name))
