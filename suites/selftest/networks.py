"""Whether this machine allows routers networks of their own."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from kimi_conformance.router import child
from kimi_conformance.router.namespace import Namespace

if TYPE_CHECKING:
    from pathlib import Path


async def why_not_allowed(folder: Path) -> str:
    """Why a test that needs such a network is not run here; empty where it can be."""
    if not sys.platform.startswith("linux"):
        return "there are no networks of a program's own here: not run"
    network = Namespace(())
    running = await child.start(
        network.command(["true"]), cwd=folder, env={"PATH": os.environ["PATH"]}, log=folder / "log"
    )
    try:
        if not await network.enter():
            return "this machine allows no networks of one's own: not run"
        await network.begin()
    finally:
        await running.stop()
        network.close()
    return ""
