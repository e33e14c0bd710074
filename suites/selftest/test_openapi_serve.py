"""Every answer of the offline Kimi to every call of contracts/calls.yaml is one that the OpenAPI document describes."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.api.material import material
from kimi_conformance.api.request import key_by_name, request_of
from kimi_conformance.exchange import Request
from kimi_conformance.registry.contracts import calls, catalogue, endpoints
from suites.selftest.offline_kimi import AI, CN, CODING, DRAINED, kimi
from suites.selftest.openapi_document import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.api.call import Call

KEYS: Final = {"platform-ai": AI, "platform-cn": CN, "coding": CODING, "drained": DRAINED, "wrong": "sk-nobodys"}
DAY: Final = date(2026, 11, 25)
LAST: Final = "files/delete"


@cache
def offline(host: str) -> Callable[[Request], Any]:
    return kimi(DAY, "platform-cn" if host == "platform-cn" else "platform-ai")


def answered(call: Call, taken: str | None) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers by lower-case name, and body of the answer to a call."""
    asked = request_of(call, taken)
    for word, key in KEYS.items():
        for header in asked.headers.keys() & {"authorization", "x-api-key"}:
            asked.headers[header] = asked.headers[header].replace(key_by_name(word), key)
    headers = tuple(asked.headers.items())
    script = offline(call.host)(Request(asked.method, asked.url.raw_path.decode(), headers, asked.content))
    return script.status, {key.lower(): value for key, value in script.headers}, script.body


def test_what_serve_answers_to_every_call_is_what_the_document_describes() -> None:
    made = {name: call for name, call in material(calls(), catalogue(), DAY).calls.items() if not call.absent}
    elsewhere = {name for answer in endpoints().elsewhere for name in answer.cassettes}
    _, _, uploaded = answered(made["files/upload"], None)
    [file] = re.findall(r'"id":"(\w+)"', uploaded.decode())
    flaws, statuses = [], set()
    for name in sorted(made.keys() - elsewhere, key=lambda name: (name == LAST, name)):
        call = made[name]
        operation = reader().operation(call.method, call.path)
        assert operation is not None, name
        status, headers, body = answered(call, file if call.takes else None)
        statuses.add(status)
        flaws += [(name, flaw) for flaw in reader().flaws(operation, status, headers, body)]
    assert flaws == []
    assert statuses == {200, 400, 401, 403, 404, 429, 500, 503, 504}
