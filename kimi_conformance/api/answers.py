"""All answers on a shelf, each with the request that it is to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

import httpx

from kimi_conformance.api.call import whose
from kimi_conformance.api.origins import ORIGINS
from kimi_conformance.api.request import key_by_name
from kimi_conformance.cassette.capture import capture
from kimi_conformance.cassette.matching import canonical
from kimi_conformance.cassette.problems import BadCassette
from kimi_conformance.cassette.shelf import load, names, path_of, provenance_of
from kimi_conformance.cassette.tape import RECORDED, Tape
from kimi_conformance.contract.calls import KeyName
from kimi_conformance.contract.drifted import Evidence
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.judge.drift.pairs import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vcr.request import Request

    from kimi_conformance.contract.calls import Host

KEYED: Final = ("authorization", "x-api-key")
OWN_ID: Final = re.compile(r"(?<=/files/)[^/?]+|(?<=/batches/)[^/?]+")
"""What stands in a path for something of the account's own, which has another id every night."""


@dataclass(frozen=True, slots=True)
class OnTape:
    """An answer, and what was asked: method, address, keys by name and body, in a form that can be compared."""

    asked: tuple[object, ...]
    answer: Answer


def on_tape(name: str, shelf: Path) -> tuple[OnTape, ...]:
    """The answers in the cassette `name`, in their order. Raises `BadCassette`."""
    path = path_of(name, shelf)
    cassette = load(path)
    with httpx.Client(transport=Tape(cassette), trust_env=False) as client:
        return tuple(_played(client, request, path) for request in list(cassette.requests))


def shelved(shelf: Path) -> Iterator[tuple[str, tuple[OnTape, ...] | str]]:
    """Each cassette on `shelf` by name, with its answers, or with what is wrong with it."""
    for name in names(shelf):
        try:
            yield name, on_tape(name, shelf)
        except BadCassette as error:
            yield name, str(error)


def _played(client: httpx.Client, request: Request, path: Path) -> OnTape:
    keyed = {name: request.headers[name] for name in request.headers if name.lower() in KEYED}
    body = request.body or b""
    sent = httpx.Request(request.method, request.uri, headers=dict(request.headers), content=body)
    exchange, extensions = capture(client, sent)
    provenance = provenance_of(extensions[RECORDED], path)
    host = _host(request.uri)
    sight = Sight(exchange, provenance.recorded_at, host, whose(_key(keyed), host) if host else "unknown")
    evidence = Evidence(origin=provenance.origin, date=provenance.recorded_at, source=provenance.source)
    address = OWN_ID.sub("{id}", request.uri)
    return OnTape((request.method, address, tuple(sorted(keyed.items())), canonical(body)), Answer(sight, evidence))


def _host(uri: str) -> Host | None:
    return next((host for host, origin in ORIGINS.items() if uri.startswith(f"{origin}/")), None)


def _key(keyed: dict[str, str]) -> KeyName:
    said = next(iter(keyed.values()), "")
    return next((name for name in get_args(KeyName) if key_by_name(name) in said), "none")
