"""Somebody's own traffic with Kimi as evidence: what passes is put on tape, under names of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from vcr.record_mode import RecordMode
from vcr.request import Request as TapeRequest

from kimi_conformance.api.origins import ORIGINS
from kimi_conformance.api.request import key_by_name
from kimi_conformance.cassette.scrub import SecretFound, scrubbed
from kimi_conformance.cassette.shelf import load, path_of, save
from kimi_conformance.cassette.tape import KEPT
from kimi_conformance.contract.provenance import KEY, Provenance
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.judging import all_findings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kimi_conformance.api.plan import Plan
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.traffic.found import Found

FOLDER: Final = "own"
KEYED: Final = ("authorization", "x-api-key")


@dataclass(slots=True)
class Taped:
    """What became of the exchanges: the cassettes that were written, and why others were not, counted."""

    names: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    def leave(self, why: str) -> None:
        """Count one that was left out."""
        self.left[why] = self.left.get(why, 0) + 1


def tape(found: Iterator[Found], plan: Plan, shelf: Path, source: str) -> Taped:
    """Put exchanges with Kimi's own hosts on `shelf`, below own/, where no law finds a MUST broken in them.

    Keys stand there by name, cookies are left out and account ids replaced; prompts and answers are kept as they are.
    """
    taped = Taped()
    numbers = count(1)
    for each in found:
        sight = each.sight
        if (why := each.why if sight is None else _why_not(sight, plan)) or sight is None:
            taped.leave(why)
            continue
        name = f"{FOLDER}/{_slug(source)}-{next(numbers):04}-{_slug(str(sight.face))}"
        try:
            _write(sight, path_of(name, shelf), source)
        except SecretFound as secret:
            taped.leave(f"not written: {secret}")
            continue
        taped.names.append(name)
    return taped


def _why_not(sight: Sight, plan: Plan) -> str:
    exchange = sight.exchange
    if sight.host is None:
        return "another host than Kimi's"
    if exchange.response is None or exchange.error is not None or sight.partial:
        return "no whole answer"
    if sight.shape is None:
        return "no shape is pinned for it"
    broken = [f.requirement for f in all_findings(plan.requirements, sight, plan.contract) if f.verdict is Verdict.FAIL]
    return f"does not pass: {broken[0]}" if broken else ""


def _write(sight: Sight, path: Path, source: str) -> None:
    exchange, response = sight.exchange, sight.exchange.response
    if response is None or sight.host is None:
        raise ValueError("only a whole answer of a known host goes on tape")
    sent = {name.lower(): value for name, value in exchange.request.headers if name.lower() in KEPT}
    named = f"Bearer {key_by_name(sight.host)}" if sight.key != "none" else None
    headers = {name: value for name, value in sent.items() if name not in KEYED}
    asked = TapeRequest(
        exchange.request.method,
        ORIGINS[sight.host] + _path(exchange.request.url),
        exchange.request.body,
        headers | ({"authorization": named} if named else {}),
    )
    fields: dict[str, list[str]] = {}
    for name, value in response.headers:
        fields.setdefault(name.lower(), []).append(value)
    recorded: dict[str, Any] = {
        "status": {"code": response.status, "message": ""},
        "headers": fields,
        "body": {"string": response.body},
    }
    day = sight.on or datetime.now(UTC).date()
    provenance = Provenance(origin="observed", recorded_at=day, source=source)
    recorded[KEY] = provenance.model_dump(mode="json", exclude_none=True)
    keys = [value.removeprefix("Bearer ") for name, value in sent.items() if name in KEYED]
    cassette = load(path, RecordMode.ALL)
    cassette.append(asked, scrubbed(recorded, keys))
    save(cassette)


def _path(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"
