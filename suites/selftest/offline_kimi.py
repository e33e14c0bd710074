"""The offline Kimi in a thread of its own, for commands that ask it over real sockets."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kimi_conformance.registry.contracts import catalogue
from kimi_conformance.serve import Account, Config, State, answerer
from kimi_conformance.upstream.gates import Gates
from kimi_conformance.upstream.server import StandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from kimi_conformance.exchange import Request
    from kimi_conformance.serve.config import Platform
    from kimi_conformance.upstream.script import Script

AI, CN, DRAINED, CODING = "sk-own-of-ai-7f3a", "sk-own-of-cn-51b0", "sk-out-of-money-88c2", "sk-kimi-own-of-coding-9d"
KEYS: Final = {
    "MOONSHOT_API_KEY": AI,
    "MOONSHOT_API_KEY_CN": CN,
    "MOONSHOT_API_KEY_DRAINED": DRAINED,
    "KIMI_CODE_API_KEY": CODING,
}
ACCOUNTS: Final = {
    AI: Account("platform-ai"),
    CN: Account("platform-cn"),
    DRAINED: Account("platform-ai", funds=False),
    CODING: Account("coding"),
}
NO_SETTINGS: Final = dict.fromkeys((*KEYS, "KIMI_BASE_URL", "KIMI_BASE_URL_CN", "KIMI_CODE_BASE_URL"))
"""Takes all that a live run looks for out of an environment."""


@dataclass(slots=True)
class Asked:
    """A server at `url`, and the requests that have arrived."""

    url: str
    requests: list[Request] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """Method and path of each."""
        return [f"{request.method} {request.url}" for request in self.requests]


def kimi(on: date, host: Platform = "platform-ai") -> Callable[[Request], Script]:
    """The offline Kimi of a day."""
    return answerer(Config(catalogue(), on, ACCOUNTS, host=host), State(time.time))


@contextmanager
def started(answer: Callable[[Request], Script]) -> Iterator[Asked]:
    """A server that answers so, on a free port of this machine."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    arrived: list[Request] = []
    standin = StandIn(
        "kimi",
        answer,
        clock=lambda: time.monotonic() * 1000,
        on_arrival=lambda _, __, request, ___: arrived.append(request),
        on_done=lambda *_: None,
        gates=Gates(),
    )
    try:
        asyncio.run_coroutine_threadsafe(standin.start(), loop).result(5)
        yield Asked(standin.url, arrived)
    finally:
        asyncio.run_coroutine_threadsafe(standin.stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def at(ai: str, cn: str | None = None, **keys: str | None) -> dict[str, str | None]:
    """The environment of a live run that asks there, with all four keys; `keys` are others, or `None`."""
    return {**NO_SETTINGS, **KEYS, "KIMI_BASE_URL": ai, "KIMI_BASE_URL_CN": cn or ai, **keys}
