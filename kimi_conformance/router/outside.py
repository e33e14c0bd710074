"""The outer world in replay mode: a proxy that refuses, and notes who was called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urlsplit

from kimi_conformance.upstream.script import Script, json_answer

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine, Mapping

    from kimi_conformance.exchange import Request
    from kimi_conformance.router.names import Names

Accept: TypeAlias = "Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None] | None]"

OUTSIDE: Final = "outside"


NOT_CAUGHT: Final = "not caught"
"""How the error of a call begins that ended before it was a request."""


@dataclass(frozen=True, slots=True)
class World:
    """The outer world as a router finds it: its environment, and the hosts that are caught.

    For a router that has a loopback of its own `doors` are the ports at which it is played there, and `names` answers
    where a host is.
    """

    env: Mapping[str, str]
    hosts: tuple[str, ...] = ()
    doors: Mapping[int, Accept] = field(default_factory=dict)
    names: Names | None = None


def proxied(proxy: str) -> dict[str, str]:
    """The environment in which programs send all that is not for this machine to `proxy`."""
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy)
    return proxies | dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost,::1")


def refuse(request: Request) -> Script:
    """403 to everything: replay mode has no network (RFC 9110, 9.3.6 for CONNECT)."""
    message = f"replay mode has no network: {host_of(request)}"
    return json_answer(403, {"error": {"message": message, "type": "no_network"}})


def host_of(request: Request) -> str:
    """The host that a proxy was asked for: CONNECT names it by itself, other methods in an absolute URL."""
    return request.url if request.method == "CONNECT" else urlsplit(request.url).netloc or request.url
