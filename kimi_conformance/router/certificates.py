"""A certificate authority that lives as long as a run, and what makes programs trust it."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

CA_FILE: Final = "ca.pem"

TRUST: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
"""The variables by which OpenSSL and Go, Python's requests, curl, and Node are told whom to trust."""


class Certificates:
    """A certificate for each of `hosts`, of an authority that was made just now."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self._ca = trustme.CA(organization_name="kimi-conformance")
        self._contexts = {host: self._context(host) for host in hosts}

    def hello(self, host: str = "") -> Hello:
        """What a server needs for one connection, to pass for `host`, or for whichever host its client names."""
        return Hello(self._contexts, host)

    def trusted(self, folder: Path) -> Mapping[str, str]:
        """The environment of a program that is to trust this authority, and it alone; its file lies in `folder`."""
        path = folder / CA_FILE
        self._ca.cert_pem.write_to_path(str(path))
        return dict.fromkeys(TRUST, str(path))

    def _context(self, host: str) -> ssl.SSLContext:
        context = _server_context()
        self._ca.issue_cert(host).configure_cert(context)
        return context


class Hello:
    """The beginning of a connection: `context` passes for `host`, which may not be known before the client names it."""

    def __init__(self, contexts: Mapping[str, ssl.SSLContext], host: str) -> None:
        self.host = host
        self._contexts = contexts
        self.context = contexts[host] if host else _server_context()
        if not host:
            self.context.sni_callback = self._named

    def _named(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        self.host = (name or "").lower()
        if self.host not in self._contexts:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self._contexts[self.host]
        return None


def _server_context() -> ssl.SSLContext:
    """HTTP/1.1 only: what else a client offers is declined."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    return context
