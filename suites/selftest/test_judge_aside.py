"""The judge on keys beside the calls: in rows and alerts, wherever those are written, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import Arrival, Play
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.judge import judge
from kimi_conformance.oracle import World
from kimi_conformance.registry.contracts import catalogue, requirements
from suites.selftest.plays import SECTIONS, TODAY, again, ask, fails, onward, profile, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Trip

ROW, ALERT = "router.ledger.no-secret-in-row", "router.alert.no-secret-in-alert"
WHAT: Final = {ROW: "row", ALERT: "alert"}
KEY: Final = "0123456789abcdef01234567"
SECRETS: Final = {"portkey": f"sk-kc-portkey-{KEY}"}

UPSTREAMS: Final = {
    **SECTIONS["upstreams"],
    "ledger": {"speaks": "postgrest"},
    "alerts": {"speaks": "webhook"},
}
ALERTS: Final = {"upstream": "alerts", "on": [429]}
POSTGREST: Final = {"postgrest": {"upstream": "ledger", "path": "/rest/v1/calls"}}
POSTGRES: Final = {"postgres": {"dsn_env": "DSN", "table": "calls"}}
BOTH: Final = profile(upstreams=UPSTREAMS, ledger=POSTGREST, alerts=ALERTS)
ASKED: Final = ask()


def wrote(*bodies: tuple[str, str], rows: tuple[dict[str, Any], ...] = ()) -> Trip:
    """A call during which these bodies went to these upstreams beside it, and these rows were written."""
    side = tuple(Arrival(name, Exchange(Request("POST", "/x", (), body.encode())), 6.0) for name, body in bodies)
    return again(trip(ASKED, onward("kimi", ASKED), rows=rows), side=side)


def found(requirement: str, *trips: Trip, of: Profile = BOTH, secrets: Any = SECRETS) -> tuple[Finding, ...]:
    world = World(of, catalogue(), TODAY, secrets)
    return judge(requirements("router")[requirement], Play("case", requirement, trips), world)


def told(requirement: str, encoding: str = "plain") -> Finding:
    message = f"a key is written down where others read it: secret portkey ({encoding})"
    return fails(requirement, "no key", f"secret portkey, {encoding}", WHAT[requirement], message)


def unseen(requirement: str) -> Finding:
    what = WHAT[requirement]
    message = f"no {what} was seen, so that nothing can be said of what stands in them"
    return Finding(requirement, Verdict.NOT_OBSERVED, f"a {what}", "none", what, message)


@pytest.mark.parametrize(("requirement", "upstream"), [(ROW, "ledger"), (ALERT, "alerts")])
def test_a_key_is_told_once_for_each_way_to_write_it(requirement: str, upstream: str) -> None:
    safe, leaky = wrote((upstream, "safe")), wrote((upstream, KEY), (upstream, KEY.encode().hex()), (upstream, KEY))
    assert found(requirement, safe) == ()
    assert found(requirement, safe, leaky, leaky) == (told(requirement), told(requirement, "hex"))


@pytest.mark.parametrize(("requirement", "upstream"), [(ROW, "ledger"), (ALERT, "alerts")])
def test_what_went_elsewhere_is_neither_a_row_nor_an_alert(requirement: str, upstream: str) -> None:
    elsewhere = [(name, KEY) for name in ("ledger", "alerts", "outside: x") if name != upstream]
    assert found(requirement, wrote(*elsewhere)) == (unseen(requirement),)
    assert found(requirement, wrote(*elsewhere, (upstream, "safe"))) == ()


def test_what_stands_in_a_row_is_of_the_ledger_alone() -> None:
    row = wrote(("alerts", "safe"), rows=({"meta": KEY},))
    assert found(ROW, row) == (told(ROW),)
    assert found(ALERT, row) == ()


@pytest.mark.parametrize("requirement", [ROW, ALERT])
def test_without_a_key_to_look_for_nothing_is_shown(requirement: str) -> None:
    written = wrote(("ledger", "safe"), ("alerts", "safe"))
    assert found(requirement, written, secrets={}) == (unseen(requirement),)


@pytest.mark.parametrize("ledger", [None, POSTGRES])
def test_rows_are_looked_at_whoever_keeps_them(ledger: Any) -> None:
    of = profile(upstreams=UPSTREAMS, ledger=ledger)
    assert found(ROW, wrote(rows=({"key": KEY},)), of=of) == (told(ROW),)
    assert found(ROW, wrote(("ledger", KEY)), of=of) == (unseen(ROW),)
    assert found(ALERT, wrote(("alerts", KEY)), of=of) == (unseen(ALERT),)
