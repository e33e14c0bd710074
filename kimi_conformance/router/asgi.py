"""Calls an ASGI application in this process: a transport with live receive and send, and the import of user's apps.

The messages and the scope are those of the ASGI specification 3.0, HTTP 2.4 and lifespan 2.0.
"""

from __future__ import annotations

import asyncio
import difflib
import importlib
import sys
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import contextmanager
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote

from kimi_conformance.router.http_client import ANSWER_S, Arriving, target_of, wire_headers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kimi_conformance.exchange import Exchange, Request
    from kimi_conformance.router.http_client import Clock, OnPiece, Target

Message: TypeAlias = MutableMapping[str, Any]
App: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]

START_S: Final = 30.0
STOP_S: Final = 5.0
CANCELLED_S: Final = 1.0
"""For tasks of the app to end once they are cancelled."""
BODY_BYTES: Final = 64 * 1024
"""Larger request bodies come in several messages, as from a real server."""
CLIENT: Final = ("127.0.0.1", 50000)
ERROR_CHARS: Final = 300
