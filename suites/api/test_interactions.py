"""Every call, through pytest-recording: what is on tape is played, or recorded anew, and no law finds a MUST broken.

`pytest suites/api/test_interactions.py --record-mode=all -k NAME` asks again (`MOONSHOT_API_KEY` and its like are
needed); `--record-mode=once` asks for what is not on tape; the default, `none`, asks for nothing.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from kimi_conformance.api.live import Live
from kimi_conformance.api.outward import Outward
from kimi_conformance.api.plan import make_plan
from kimi_conformance.api.problems import BadSurroundings
from kimi_conformance.api.replay import Replay, taken_from
from kimi_conformance.api.request import request_of
from kimi_conformance.api.shelving import worth_more
from kimi_conformance.api.surroundings import surroundings
from kimi_conformance.cassette.capture import capture
from kimi_conformance.cassette.shelf import newest_day, path_of, provenance_of
from kimi_conformance.cassette.tape import RECORDED, Tape
from kimi_conformance.contract.provenance import Provenance
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.judging import all_findings
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.registry.home import cassettes

if TYPE_CHECKING:
    from vcr.cassette import Cassette

    from kimi_conformance.api.call import Call
    from kimi_conformance.exchange import Exchange

PLAN: Final = make_plan(newest_day())


BREAKDOWN: Final = {"errors/server-error": "api.chat.answered"}
"""A 500 is on tape for its looks; that the request deserved a better answer is said by just one requirement."""

CALLS: Final = [
    pytest.param(name, id=name, marks=(pytest.mark.vcr, pytest.mark.default_cassette(name))) for name in PLAN.calls
]


@pytest.mark.parametrize("name", CALLS)
def test_interaction(name: str, vcr: Cassette, record_mode: str) -> None:
    """The answer is on tape, or is put there, and keeps the laws."""
    call = PLAN.calls[name]
    if record_mode == "all" and (why := _why_left(call)):
        pytest.skip(why)
    exchange, extensions = _exchange(call, vcr)
    recorded = extensions.get(RECORDED)
    day = provenance_of(recorded, path_of(name)).recorded_at if recorded else _today()
    sight = Sight(exchange, day, call.host, call.whose)
    broken = [each for each in all_findings(PLAN.requirements, sight, PLAN.contract) if each.verdict is Verdict.FAIL]
    lost = None if recorded else exchange.error
    if broken or lost:
        vcr.dirty = False  # what does not pass is not kept
    assert lost is None, "an answer that did not come, or not whole, shows nothing"
    assert [each for each in broken if each.requirement != BREAKDOWN.get(name)] == []


def _exchange(call: Call, cassette: Cassette) -> tuple[Exchange, dict[str, Any]]:
    """The exchange of `call`, and what the tape says of it; keys are looked for only where something is sent."""
    taken = taken_from(Replay()(call.takes)) if call.takes else None
    if cassette.write_protected:
        tape = Tape(cassette)
    else:
        live = _live()
        around = live.around
        source = f"kimi-conformance, {live.host_of(call)}"
        provenance = Provenance(origin=live.origin(call), recorded_at=_today(), source=source)
        tape = Tape(cassette, lambda: Outward(around), provenance, around.keys.values())
    with httpx.Client(transport=tape, trust_env=False, timeout=60) as client:
        return capture(client, request_of(call, taken))


def _why_left(call: Call) -> str | None:
    """Why what is on tape stays as it is though everything is asked again; None where it gives way."""
    live = _live()
    if worth_more(path_of(call.name), live.origin(call)):
        return "what is on tape is better evidence than an answer of this host"
    return live.around.why_not(call)


def _live() -> Live:
    try:
        return Live(surroundings(os.environ), _today(), cassettes())
    except BadSurroundings as why:
        raise pytest.fail.Exception(str(why), pytrace=False) from None


def _today() -> date:
    return datetime.now(UTC).date()
