"""The way out: puts the real host and the real key in the place of their names, and nowhere else do they stand."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

import httpx

from kimi_conformance.api.origins import ORIGINS
from kimi_conformance.api.request import key_by_name

if TYPE_CHECKING:
    import ssl

    from kimi_conformance.api.surroundings import Surroundings

KEYED = ("authorization", "x-api-key")


class Outward(httpx.BaseTransport):
    """Sends requests to the base URLs of `around`, with its keys. A key called `wrong` is made up."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._wire = httpx.HTTPTransport(verify=_trust())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to the real request."""
        url = str(request.url)
        for host, origin in ORIGINS.items():
            if url.startswith(f"{origin}/"):
                url = self._around.bases[host] + url.removeprefix(origin)
        headers = httpx.Headers([(name, value) for name, value in request.headers.multi_items() if name != "host"])
        known = {**self._around.keys, "wrong": f"sk-{secrets.token_urlsafe(36)}"}
        for name in KEYED:
            for key, value in known.items():
                if name in headers:
                    headers[name] = headers[name].replace(key_by_name(key), value)
        sent = httpx.Request(
            request.method, url, headers=headers, content=request.read(), extensions=request.extensions
        )
        return self._wire.handle_request(sent)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()


@cache
def _trust() -> ssl.SSLContext:
    """What is trusted, read once: that takes longer than a call to this machine."""
    return httpx.create_ssl_context()
