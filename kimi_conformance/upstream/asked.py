"""What a request asks for: its path, query, key and body, read strictly and never repaired."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.exchange import Request


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def path(request: Request) -> str:
    """The path, without host and query."""
    return urlsplit(request.url).path


def query(request: Request) -> dict[str, str]:
    """The query, decoded; of a name given twice the last value."""
    return dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))


def bearer(request: Request) -> str | None:
    """The credentials after `Bearer`, in any case (RFC 9110, 11.1). None where there are none of that scheme."""
    scheme, _, credentials = (request.header("authorization") or "").partition(" ")
    return credentials if scheme.lower() == "bearer" else None


def value(request: Request) -> Any:
    """The body as JSON. Raises `ValueError` for anything else, however deep it is nested."""
    try:
        return _DECODER.decode(request.body.decode())
    except RecursionError:
        raise ValueError("nested too deep") from None


def body(request: Request) -> dict[str, Any] | None:
    """The body's JSON object, None where it is none."""
    try:
        found = value(request)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def wants_stream(asked: dict[str, Any]) -> bool:
    """Whether it asks for a stream."""
    return asked.get("stream") is True


def wants_usage(asked: dict[str, Any]) -> bool:
    """Whether it asks for the usage at the end of a stream."""
    options = asked.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def served(model: str, globs: Iterable[str]) -> bool:
    """Whether one of the globs takes the model, ignoring case. No globs take every model."""
    globs = tuple(globs)
    return not globs or any(fnmatchcase(model.lower(), glob.lower()) for glob in globs)
