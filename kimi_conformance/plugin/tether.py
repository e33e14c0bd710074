"""The tether of a session that the command line started: when the command is gone, the session ends as by Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from typing import Final

TETHER: Final = "KIMI_CONFORMANCE_TETHER"
"""Names the file descriptor of a pipe whose other end the command line holds."""


def hold() -> None:
    """Watch the tether, where there is one. Its name leaves the environment: no child of ours inherits it.

    Ctrl-C works from here on even where the command runs in the background of a script, whose jobs ignore it.
    """
    descriptor = os.environ.pop(TETHER, None)
    if descriptor is not None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=_watch, args=(int(descriptor),), name="tether", daemon=True).start()


def _watch(descriptor: int) -> None:
    if not os.read(descriptor, 1):
        os.killpg(0, signal.SIGINT)
