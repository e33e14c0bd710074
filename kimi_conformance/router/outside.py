"""The outer world in replay mode: a proxy that refuses, and notes who was called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from kimi_conformance.upstream.script import Script, json_answer

if TYPE_CHECKING:
    from kimi_conformance.exchange import Request

OUTSIDE: Final = "outside"


NOT_CAUGHT: Final = "not caught"
"""How the error of a call begins that ended before it was a request."""


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
