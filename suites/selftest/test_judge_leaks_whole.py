"""Leaks, whole: which there are in what was seen of a run, where each stood, and in which case."""

from __future__ import annotations

from typing import Final

import pytest

from kimi_conformance.contract.trip import Leak
from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.judge.leaks import DOWNSTREAM, ELSEWHERE, LOGGED, UNRESOLVED, UPSTREAM, Seen, leaks
from suites.selftest.plays import SECTIONS, profile
from suites.selftest.test_judge_secret import KEYS, OF, at, seen

REFERENCE: Final = "op://vault/item/field"


def found_in(given: Seen) -> list[Leak]:
    """The leaks, the case of each told by mark and time."""
    return [*leaks(OF, given, lambda mark, ms: f"{mark} at {ms:g}")]


def client(body: bytes = b"{}", *headers: tuple[str, str], answer: Response | None = None) -> Exchange:
    return Exchange(Request("POST", "http://router.test/", headers, body), answer, start_ms=3.0)


def test_a_leak_is_of_the_case_that_was_played_then() -> None:
    answer = Response(200, (), (Piece(9.0, KEYS["gw"].encode()),))
    given = Seen(
        KEYS,
        (("kc7", client(answer=answer)),),
        ((None, at("moonshot", ("x-a", KEYS["gw"]))), ("kc8", at("ledger", body=REFERENCE.encode()))),
        (b"%s\n" % KEYS["mine"].encode(),),
    )
    assert found_in(given) == [
        Leak(DOWNSTREAM, "gw", "plain", "client response, body", "kc7 at 3"),
        Leak(ELSEWHERE, "gw", "plain", "request at moonshot, head", "None at 5"),
        Leak(UNRESOLVED, REFERENCE, "unresolved", "request at ledger, body", "kc8 at 5"),
        Leak(LOGGED, "mine", "plain", "router log, line 1", ""),
    ]


def test_the_same_bytes_of_two_calls_are_two_leaks() -> None:
    twice = [at("moonshot", ("x-a", KEYS["gw"]))] * 2
    assert [one.leg for one in found_in(seen(*twice))] == ["request at moonshot, head"] * 2


@pytest.mark.parametrize(
    ("speaks", "leaking"),
    [
        ("kimi", False),
        ("openai", False),
        ("anthropic", False),
        ("portkey", False),
        ("postgrest", True),
        ("webhook", True),
    ],
)
def test_whoever_serves_models_may_be_given_its_own_key_in_the_body(speaks: str, *, leaking: bool) -> None:
    of = profile(upstreams={**SECTIONS["upstreams"], "x": {"speaks": speaks, "secret": "gw"}})
    found = leaks(of, seen(at("x", body=KEYS["gw"].encode())), lambda *_: "a")
    assert [*found] == [Leak(ELSEWHERE, "gw", "plain", "request at x, body", "a")] * leaking


def test_an_agent_s_key_is_a_client_s() -> None:
    both = f"{KEYS['client']} {KEYS['mine']}".encode()
    secrets = {"agent.dispo": KEYS["client"], "my-agent.": KEYS["mine"]}
    given = Seen(secrets, (), ((None, at("shortcut", body=both)),), ())
    assert [(one.requirement, one.secret) for one in found_in(given)] == [
        (UPSTREAM, "agent.dispo"),
        (ELSEWHERE, "my-agent."),
    ]


@pytest.mark.parametrize("words", [client(REFERENCE.encode()), client(b"{}", ("x-note", REFERENCE))])
def test_what_a_client_says_itself_is_passed_on_and_hides_no_key_beside_it(words: Exchange) -> None:
    sent = at("moonshot", ("x-note", REFERENCE), body=f"{REFERENCE} {KEYS['gw']}".encode())
    given = Seen(KEYS, (("kc1", words),), (("kc1", sent),), None)
    assert [(one.requirement, one.leg) for one in found_in(given)] == [(ELSEWHERE, "request at moonshot, body")]


def test_a_client_s_words_are_passed_on_in_its_own_call_alone() -> None:
    words = client(REFERENCE.encode())
    for mark in (None, "kc2"):
        given = Seen(
            KEYS, (("kc1", words), ("kc2", client())), ((mark, at("moonshot", body=REFERENCE.encode())),), None
        )
        assert [one.secret for one in found_in(given)] == [REFERENCE]


def test_a_reference_need_not_be_text() -> None:
    assert [one.secret for one in found_in(seen(at("ledger", body=b"op://vault/\xff")))] == ["op://vault/\ufffd"]


@pytest.mark.parametrize(
    ("logs", "where"),
    [
        pytest.param([b"KEY\n"], "line 1", id="the-first"),
        pytest.param([b"ready\nKEY KEY\n"], "line 2", id="twice-on-a-line"),
        pytest.param([b"KEY\n\nKEY\n"], "line 1 and 1 more", id="two-lines"),
        pytest.param([b"ready\n", b"ready\nKEY\n"], "line 2 of start 2", id="of-the-second-start"),
        pytest.param([b"KEY\n", b"KEY\n"], "line 1 and 1 more", id="of-both"),
    ],
)
def test_a_log_is_told_by_line_and_start(logs: list[bytes], where: str) -> None:
    written = tuple(log.replace(b"KEY", KEYS["gw"].encode()) for log in logs)
    assert found_in(Seen(KEYS, (), (), written)) == [Leak(LOGGED, "gw", "plain", f"router log, {where}", "")]
