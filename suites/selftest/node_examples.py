"""Where the two Node examples are, and what runs them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "routing" / "examples"
BOTH = ("operator", "operator-naive")
NODE = shutil.which("node") or ""
BOUND_S = 5.0

needs_node = pytest.mark.skipif(not NODE, reason="node is not installed: the Node examples were not run")
