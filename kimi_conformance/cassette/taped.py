"""An interaction on tape as the pages show it: what was asked, what came back, and where that comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kimi_conformance.cassette import block_yaml
from kimi_conformance.cassette.problems import BadCassette
from kimi_conformance.cassette.shelf import path_of, provenance_of

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.contract.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Taped:
    """One interaction. Names of headers are in lower case; `url` is Kimi's own; bodies are as they went."""

    name: str
    method: str
    url: str
    asked_headers: tuple[tuple[str, str], ...]
    asked: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    provenance: Provenance

    @property
    def media(self) -> str:
        """The media type of the answer, without its parameters; empty where none is told."""
        return next((value for name, value in self.headers if name == "content-type"), "").partition(";")[0].strip()

    @property
    def request(self) -> Any:
        """The JSON body that was asked; None where there is none."""
        return json.loads(self.asked) if self.asked[:1] == b"{" else None

    @property
    def answer(self) -> Any:
        """The JSON body that came back. Raises `ValueError` where it is none."""
        return json.loads(self.body)


def taped(name: str, shelf: Path | None = None) -> Taped:
    """The only interaction of the cassette `name`. Raises `BadCassette`."""
    path = path_of(name, shelf)
    try:
        [found] = block_yaml.deserialize(path.read_text("utf-8"))["interactions"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadCassette(f"{path} is no cassette with one interaction: {error}") from error
    request, response = found["request"], found["response"]
    return Taped(
        name,
        request["method"],
        request["uri"],
        _headers(request),
        _bytes(request.get("body")),
        response["status"]["code"],
        _headers(response),
        _bytes(response["body"]["string"]),
        provenance_of(response, path),
    )


def _headers(found: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value) for name, values in (found.get("headers") or {}).items() for value in values)


def _bytes(body: Any) -> bytes:
    return body.encode("utf-8") if isinstance(body, str) else body or b""
