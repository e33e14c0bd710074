"""Which secret belongs where, and what is said of one that stands elsewhere."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.trip import Arrival, Leak
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Exchange, Headers, Piece, Request, Response
from kimi_conformance.judge.canaries import NOBODYS_OWN, OWN_CHARS
from kimi_conformance.judge.leaks import (
    DOWNSTREAM,
    ECHOED,
    ELSEWHERE,
    LOGGED,
    UNRESOLVED,
    UPSTREAM,
    Seen,
    leaks,
)
from suites.selftest.plays import SECTIONS, ask, findings, onward, profile, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile

KEYS: Final = {name: f"sk-kc-{name}-{digit * 24}" for name, digit in (("gw", "a"), ("mine", "b"), ("client", "c"))}
OF: Final = profile(
    upstreams={
        **SECTIONS["upstreams"],
        "gateway": {"speaks": "portkey", "secret": "gw"},
        "moonshot": {"speaks": "kimi", "secret": "mine"},
        "ledger": {"speaks": "postgrest", "secret": "mine"},
    }
)


def seen(*arrivals: Arrival, answer: Response | None = None, sent: Headers = (), log: bytes | None = None) -> Seen:
    """One trip of a client, under the mark `kc1`, and what arrived."""
    client = Exchange(Request("POST", "http://router.test/", sent, b"{}"), answer)
    return Seen(KEYS, (("kc1", client),), tuple(("kc1", one) for one in arrivals), None if log is None else (log,))


def at(upstream: str, *headers: tuple[str, str], body: bytes = b"", url: str = "/v1") -> Arrival:
    return Arrival(upstream, Exchange(Request("POST", url, headers, body)), 5.0)


def told(given: Seen, of: Profile = OF) -> list[tuple[str, str, str]]:
    return [(leak.requirement, leak.secret, leak.leg) for leak in leaks(of, given, lambda *_: "a-case")]


def test_every_key_where_it_belongs_is_no_leak() -> None:
    mine, gateway = ("authorization", f"Bearer {KEYS['mine']}"), ("x-portkey-api-key", KEYS["gw"])
    arrivals = (at("moonshot", mine), at("gateway", gateway), at("ledger", ("apikey", KEYS["mine"])))
    answer = Response(200, (("x-a", "b"),), (Piece(1.0, b"{}"),))
    assert told(seen(*arrivals, answer=answer, sent=(("authorization", KEYS["client"]),), log=b"ready\n")) == []


def test_a_key_at_another_upstream_is_a_leak_in_head_body_and_url() -> None:
    key = KEYS["gw"]
    arrivals = (at("moonshot", ("x-a", key)), at("shortcut", body=key.encode()), at("outside: x", url=f"/?k={key}"))
    assert told(seen(*arrivals)) == [
        (ELSEWHERE, "gw", "request at moonshot, head"),
        (ELSEWHERE, "gw", "request at shortcut, body"),
        (ELSEWHERE, "gw", "request at outside: x, head"),
    ]


def test_a_ledgers_own_key_belongs_into_its_head_alone() -> None:
    assert told(seen(at("ledger", body=KEYS["mine"].encode()))) == [(ELSEWHERE, "mine", "request at ledger, body")]
    assert told(seen(at("moonshot", body=KEYS["mine"].encode()))) == []


@pytest.mark.parametrize(
    ("client_key", "upstream", "leaking"),
    [("kept", "moonshot", True), ("forwarded", "moonshot", False), ("forwarded", "ledger", True)],
)
def test_the_clients_key_goes_to_models_where_the_profile_says_so(
    client_key: str, upstream: str, *, leaking: bool
) -> None:
    of = profile(upstreams=OF.model_dump()["upstreams"], client_key=client_key)
    given = seen(at(upstream, ("authorization", KEYS["client"])))
    assert told(given, of) == ([(UPSTREAM, "client", f"request at {upstream}, head")] if leaking else [])


def test_at_the_client_its_own_key_is_an_echo_and_any_other_a_leak() -> None:
    answer = Response(401, (("x-was", KEYS["gw"]),), (Piece(1.0, KEYS["client"][:20].encode()),))
    split = replace(answer, pieces=(*answer.pieces, Piece(2.0, KEYS["client"][20:].encode())))
    assert told(seen(answer=split, sent=(("x-api-key", KEYS["client"]),))) == [
        (DOWNSTREAM, "gw", "client response, head"),
        (ECHOED, "client", "client response, body"),
    ]
    assert told(seen(answer=split))[1] == (DOWNSTREAM, "client", "client response, body")


def test_at_the_client_a_strangers_key_is_an_echo_to_him_and_a_leak_to_others() -> None:
    key = f"sk-kc-client-{NOBODYS_OWN}"
    assert len(NOBODYS_OWN) == OWN_CHARS
    refused = Response(401, (("x-was", b64encode(key.encode()).decode()),), (Piece(1.0, key.encode()),))
    head, body = (ECHOED, "stranger", "client response, head"), (ECHOED, "stranger", "client response, body")
    assert told(seen(answer=refused, sent=(("x-api-key", key),))) == [head, body]
    other = [(DOWNSTREAM, *leak[1:]) for leak in (head, body)]
    assert told(seen(answer=refused, sent=(("x-api-key", KEYS["client"]),))) == other
    masked = replace(refused, headers=(), pieces=(Piece(1.0, b"sk-...nywhere"),))
    assert told(seen(answer=masked, sent=(("x-api-key", key),))) == []


def test_a_log_is_told_by_its_first_line() -> None:
    log = b"ready\nkey: %s\nkey again: %s\n" % (KEYS["gw"].encode(), KEYS["gw"].encode())
    assert told(seen(log=log)) == [(LOGGED, "gw", "router log, line 2 and 1 more")]


@pytest.mark.parametrize(
    "written", ["op://vault/item/field", r"op:\/\/vault\/item\/field", "op%3A%2F%2Fvault%2Fitem%2Ffield"]
)
def test_a_reference_is_found_wherever_a_request_has_it(written: str) -> None:
    arrivals = (at("moonshot", ("authorization", f"Bearer {written}")), at("ledger", body=f'"{written}"'.encode()))
    every = leaks(OF, seen(*arrivals, at("gateway", url=f"/?k={written}")), lambda *_: "a-case")
    assert [(leak.requirement, leak.secret) for leak in every] == [(UNRESOLVED, written)] * 3


@pytest.mark.parametrize("word", ["shop://basket/item", "stop: // here", "op:/one", "top%3A%2F%2Fx"])
def test_what_only_ends_like_a_reference_is_none(word: str) -> None:
    assert told(seen(at("moonshot", body=word.encode()))) == []


def test_a_reference_after_a_line_break_in_json_is_one() -> None:
    given = seen(at("moonshot", body=rb'{"content":"key:\nop://vault/item/field"}'))
    assert [leak.secret for leak in leaks(OF, given, lambda *_: "")] == ["op://vault/item/field"]


def test_a_reference_in_the_clients_own_words_is_passed_on_rightly() -> None:
    body = b'{"messages":[{"content":"what is op://vault/item?"}]}'
    client = Exchange(Request("POST", "http://router.test/", (), body), None)
    given = Seen(KEYS, (("kc1", client),), (("kc1", at("moonshot", body=body)),), None)
    assert told(given) == []


def test_a_leak_is_told_once_for_each_leg_with_its_cases_and_never_its_value() -> None:
    asked = ask()
    many = tuple(Leak(ELSEWHERE, "gw", "base64", "request at x, head", f"case-{number}") for number in range(7))
    one = trip(asked, onward("kimi", asked))
    (finding,) = findings(ELSEWHERE, one, leaks=many)
    assert finding.verdict is Verdict.FAIL
    seen_in = "case-0, case-1, case-2, case-3, case-4 and 2 more"
    assert finding.message == f"secret.gw (base64) was seen in {seen_in}: request at x, head"
    assert (finding.expected, finding.actual) == ("no key but the upstream's own", "secret.gw (base64)")


def test_nothing_seen_is_no_pass() -> None:
    asked = ask()
    unanswered = trip(asked, onward("kimi", asked), status=None, error="refused: x")
    for rule, one in ((ELSEWHERE, trip(asked)), (DOWNSTREAM, trip(asked)), (DOWNSTREAM, unanswered)):
        assert [finding.verdict for finding in findings(rule, one)] == [Verdict.NOT_OBSERVED]


def test_a_log_that_is_not_ours_is_not_observed_nor_is_that_of_a_router_that_used_no_key() -> None:
    asked = ask()
    called = trip(asked, onward("kimi", asked))
    assert [finding.verdict for finding in findings(LOGGED, called)] == [Verdict.NOT_OBSERVED]
    started = profile(url=None, start={"command": ["x"]})
    assert findings(LOGGED, called, of=started) == ()
    assert [finding.verdict for finding in findings(LOGGED, trip(asked), of=started)] == [Verdict.NOT_OBSERVED]
