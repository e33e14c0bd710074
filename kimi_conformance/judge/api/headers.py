"""Headers of the answers. What a recorder has left out is nobody's fault."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.errors import EDGE
from kimi_conformance.judge.api.hosts_known import elsewhere, on_platform
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.refusal import KNOWN_YEAR
from kimi_conformance.judge.api.sight import NO_JSON
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

IDS: Final = {
    "msh-request-id": ("a UUID", re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)),
    "x-msh-trace-id": ("32 hex digits", re.compile(r"[0-9a-f]{32}", re.IGNORECASE)),
}


def _json_with_head(s: Sight, _c: Contract) -> bool:
    kept = s.exchange.response is not None and bool(s.exchange.response.headers) and not s.partial
    told = s.body is not NO_JSON and s.face not in (None, "file.content")
    return kept and told and not s.streamed and not elsewhere(s)


def _platforms(s: Sight, c: Contract) -> bool:
    by_edge = s.status in EDGE or s.status == HTTPStatus.GATEWAY_TIMEOUT
    early = s.on is not None and s.on.year < KNOWN_YEAR
    return not early and s.whole_head and _json_with_head(s, c) and on_platform(s) and not by_edge


@law("api.headers.request-ids", when=_platforms)
def request_ids(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Each answer can be told to the support."""
    for name, (form, pattern) in IDS.items():
        said = s.header(name)
        if said is None or not pattern.fullmatch(said.strip()):
            yield Flaw(form, said or "no header", f"response header {name}", f"{name} is missing, or has another form")


@law("api.headers.trace-mode", when=_platforms)
def trace_mode(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Each answer was traced."""
    said = s.header("msh-trace-mode")
    if said != "on":
        yield Flaw("on", said or "no header", "response header msh-trace-mode", "the answer was not traced")


@law("api.headers.json-content-type", when=_json_with_head)
def json_content_type(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """JSON calls itself JSON, and UTF-8."""
    said, where = s.header("content-type"), "response header content-type"
    if s.kind != "application/json":
        yield Flaw("application/json", said or "no header", where, "JSON does not call itself JSON")
        return
    charset = re.search(r"charset\s*=\s*\"?([^\";\s]+)", said or "", re.IGNORECASE)
    if charset and charset[1].lower() != "utf-8":
        yield Flaw("charset=utf-8", charset[1], where, "JSON in another charset than UTF-8")
