"""Which recorded answer belongs to a request: by method, logical host, path, query, whose key it carries, and body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from vcr.request import Request


def canonical(body: bytes | None) -> str | bytes | None:
    """A body to compare by: its JSON, whatever the order of its members, with 1, 1.0 and true apart; else its bytes."""
    if not body:
        return None
    try:
        return json.dumps(json.loads(body), sort_keys=True)
    except (ValueError, RecursionError):
        return body


def _same(name: str, read: Callable[[Request], Any]) -> Callable[[Request, Request], None]:
    def matcher(asked: Request, recorded: Request) -> None:
        wanted, found = read(asked), read(recorded)
        if wanted != found:
            raise AssertionError(f"{name}: {wanted!r} was asked, {found!r} is recorded")

    matcher.__name__ = name
    return matcher


MATCHERS: Final = (
    _same("method", lambda request: request.method),
    _same("host", lambda request: request.host),
    _same("path", lambda request: request.path),
    _same("query", lambda request: request.query),
    _same("key", lambda request: (request.headers.get("authorization"), request.headers.get("x-api-key"))),
    _same("canonical_body", lambda request: canonical(request.body)),
)
"""For vcrpy's `match_on`. Requests are recorded under Kimi's own host names, wherever they were really sent."""
