"""A tape that records from a server on this machine, under Kimi's own host name, and plays it again."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import vcr
from vcr.record_mode import RecordMode

from kimi_conformance.cassette.capture import capture
from kimi_conformance.cassette.shelf import load, save
from kimi_conformance.cassette.tape import Tape
from kimi_conformance.contract.provenance import Provenance
from suites.selftest.socket_server import BOUND_S, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kimi_conformance.exchange import Exchange
    from suites.selftest.socket_server import Handle

URL = "https://api.moonshot.ai/v1/chat/completions"
MODELLED = Provenance(origin="modelled", recorded_at=date(2026, 11, 2), source="a server of the tests")


def question(body: bytes = b'{"model":"kimi-k3"}', **headers: str) -> httpx.Request:
    named = {"authorization": "Bearer <key platform-ai>", "content-type": "application/json"}
    return httpx.Request("POST", URL, headers=named | headers, content=body)


class Elsewhere(httpx.BaseTransport):
    """Sends what is meant for Kimi to `base`."""

    def __init__(self, base: str) -> None:
        self._base = httpx.URL(base)
        self._inner = httpx.HTTPTransport(verify=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer from there."""
        url = request.url.copy_with(scheme=self._base.scheme, host=self._base.host, port=self._base.port)
        sent = httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
        return self._inner.handle_request(sent)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def ask(path: Path, base: str, use: Callable[[httpx.Client], Any], secrets: tuple[str, ...] = ()) -> Any:
    """What `use` makes of a client whose tape records from `base` into the cassette at `path`."""
    cassette = load(path, RecordMode.ONCE)
    with httpx.Client(transport=Tape(cassette, lambda: Elsewhere(base), MODELLED, secrets), trust_env=False) as client:
        result = use(client)
    save(cassette)
    return result


def during(handle: Handle, blocking: Callable[[str], Any]) -> Any:
    """What `blocking` gives, in a thread of its own, of a server's base URL, while the server runs."""

    async def run() -> Any:
        async with asyncio.timeout(BOUND_S), serving(handle) as base:
            return await asyncio.to_thread(blocking, base)

    return asyncio.run(run())


def recorded(
    path: Path, handle: Handle, request: httpx.Request | None = None, secrets: tuple[str, ...] = ()
) -> Exchange:
    """One exchange with a server that answers by `handle`, which the cassette at `path` has now."""

    def use(client: httpx.Client) -> Exchange:
        return capture(client, request or question())[0]

    exchange: Exchange = during(handle, lambda base: ask(path, base, use, secrets))
    return exchange


def played(path: Path, request: httpx.Request | None = None) -> Exchange:
    """The exchange as the cassette at `path` plays it."""
    with httpx.Client(transport=Tape(load(path)), trust_env=False) as client:
        return capture(client, request or question())[0]


def by_stock_vcrpy(path: Path, request: httpx.Request) -> httpx.Response:
    """The answer in the cassette at `path`, by vcrpy as it comes: its own reader, its own patch of httpx."""
    stock = vcr.VCR(record_mode=RecordMode.NONE).use_cassette(str(path))
    with stock, httpx.Client(trust_env=False, verify=False) as client:  # noqa: S501 - nothing is sent
        return client.send(request)
