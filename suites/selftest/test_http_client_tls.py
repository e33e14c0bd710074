"""The HTTP client over TLS: whose certificates it checks."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.router.http_client import HttpClient, tls_context
from suites.selftest.socket_server import OK, clock, run, saying, serving

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path


def test_tls_on_loopback_needs_no_certificate_that_anybody_signed(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=router -keyout"
    subprocess.run([openssl, *make.split(), key, "-out", cert], check=True, capture_output=True)  # noqa: S603 (ours)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    async def test() -> Exchange:
        async with serving(saying(OK), context) as base, HttpClient() as client:
            return await client.send(Request("GET", f"{base}/"), clock=clock)

    exchange: Exchange = run(test())
    assert (exchange.status, exchange.error) == (200, None)


def test_a_server_without_tls_is_told_from_one_that_is_not_there() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(OK)

    async def test() -> Exchange:
        async with serving(handle) as base, HttpClient() as client:
            return await client.send(Request("GET", f"{base.replace('http', 'https')}/"), clock=clock)

    error = run(test()).error
    assert error is not None
    assert error.startswith("protocol: TLS: ")


@pytest.mark.parametrize(
    ("host", "checked"),
    [
        pytest.param("127.0.0.1", False, id="loopback"),
        pytest.param("::1", False, id="loopback-6"),
        pytest.param("localhost", False, id="localhost"),
        pytest.param("10.0.0.1", True, id="private"),
        pytest.param("localhost.example", True, id="a-name-like-it"),
    ],
)
def test_certificates_are_checked_off_loopback(host: str, checked: bool) -> None:  # noqa: FBT001 (of pytest's)
    context = tls_context(host)
    assert (context.verify_mode == ssl.CERT_REQUIRED, context.check_hostname) == (checked, checked)
