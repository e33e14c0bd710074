"""The judge on errors: what may become of an upstream's error on its way to the client, and what may not."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any, Final

import pytest

from kimi_conformance.contract.features import features
from kimi_conformance.exchange import Exchange, Piece, Response
from suites.selftest.failing_plays import (
    ACCOUNT,
    FAIL,
    JSON,
    NOT_OBSERVED,
    OVERLOADED,
    RATE,
    SAID,
    WARN,
    answered,
    asked,
    error,
    got,
    verdicts,
)
from suites.selftest.plays import ask, onward, profile, trip

LIMITS, SERVER = "router.error.429-types-kept", "router.error.5xx-kept"
CODED, PAGE = "router.error.gzip-error-handled", "router.error.html-504-handled"
RESET, LENGTH, SLOW = "router.error.reset-answered", "router.error.wrong-length-visible", "router.error.slow-bounded"
SURVIVES = "router.error.router-survives"

ASKED: Final = asked()
WAITS: Final = (*JSON, ("Retry-After", "1"))
HTML: Final = b"<html><title>504 Gateway Time-out</title></html>"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(error(), id="as-it-came"),
        pytest.param(b" " + error() + b"\n", id="with-blanks"),
        pytest.param(error(param=None, code=None), id="with-more-members"),
        pytest.param(error(message=f"litellm.RateLimitError: {SAID}"), id="with-words-before-it"),
        pytest.param(error(message=SAID.replace(ACCOUNT, "***")), id="without-the-ids-of-the-account"),
        pytest.param(error().replace(b"<", b"\\u003c").replace(b">", b"\\u003e"), id="escaped-as-go-does-it"),
    ],
)
def test_an_error_that_says_the_same_is_kept(body: bytes) -> None:
    assert verdicts(LIMITS, got(ASKED, [answered(ASKED)], body=body)) == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(json.dumps({"message": SAID, "type": RATE}).encode(), id="without-its-envelope"),
        pytest.param(json.dumps({"error": {"message": error().decode(), "type": None}}).encode(), id="quoted"),
        pytest.param(
            json.dumps({"error": {"message": error().replace(b"<", b"\\u003c").decode(), "type": None}}).encode(),
            id="quoted-with-its-escapes",
        ),
        pytest.param(f"{RATE}: {SAID}".encode(), id="plain-text"),
    ],
)
def test_an_error_in_another_envelope_warns(body: bytes) -> None:
    ((verdict, message),) = verdicts(LIMITS, got(ASKED, [answered(ASKED)], body=body))
    assert verdict is WARN
    assert message.startswith("type and message are not where clients look")


@pytest.mark.parametrize(
    ("client", "messages"),
    [
        pytest.param({"status": 500}, ["the upstream's 429 became 500"], id="status"),
        pytest.param({"status": 200}, ["an error of the upstream became 200"], id="success"),
        pytest.param({"body": error(OVERLOADED)}, [f"the error's type is lost: {RATE}"], id="type"),
        pytest.param({"body": error(message="Too many")}, [f"what the upstream said is lost: {SAID}"], id="message"),
        pytest.param({"status": None, "cut": "reset: x"}, ["the client got no answer: reset: x"], id="nothing"),
        pytest.param({"cut": "closed: x"}, ["the answer broke off: closed: x"], id="cut"),
        pytest.param(
            {"headers": (*JSON, ("content-encoding", "gzip"))},
            ["the body is not in the coding that its header names"],
            id="coding",
        ),
    ],
)
def test_an_error_that_is_not_kept_fails(client: Any, messages: list[str]) -> None:
    assert verdicts(LIMITS, got(ASKED, [answered(ASKED)], **client)) == [(FAIL, message) for message in messages]


def test_retry_after_must_come_through_and_may_be_another() -> None:
    arrivals = [answered(ASKED, headers=WAITS)]
    lost = (FAIL, "Retry-After is lost: the client cannot know when to come again")
    assert verdicts(LIMITS, got(ASKED, arrivals)) == [lost]
    assert verdicts(LIMITS, got(ASKED, arrivals, headers=(*JSON, ("retry-after", "2")))) == []
    renamed = (WARN, "Retry-After comes as llm_provider-retry-after, where no client looks for it")
    assert verdicts(LIMITS, got(ASKED, arrivals, headers=(*JSON, ("llm_provider-retry-after", "1")))) == [renamed]


def test_of_several_errors_any_may_be_the_one_that_is_shown() -> None:
    second = error("server_error", "The server had an error")
    arrivals = [answered(ASKED), answered(ASKED, 503, second, route="direct")]
    assert verdicts(LIMITS, got(ASKED, arrivals)) == []
    assert verdicts(LIMITS, got(ASKED, arrivals, 503, second)) == []
    assert [verdict for verdict, _ in verdicts(LIMITS, got(ASKED, arrivals, 500, b"{}"))] != []


def test_what_no_upstream_said_cannot_be_kept() -> None:
    ((verdict, message),) = verdicts(LIMITS, got(ASKED, [], 429))
    assert verdict is NOT_OBSERVED
    assert message == "router answered without calling an upstream: cooldown?"


def test_another_wire_has_its_own_words_for_the_type() -> None:
    translated = asked(surface="messages")
    arrivals = [answered(translated, path="/v1/chat/completions")]
    assert verdicts(LIMITS, got(translated, arrivals, body=error("rate_limit_error"))) == []


@pytest.mark.parametrize(
    ("upstream", "client", "verdict"),
    [(503, 503, None), (503, 502, WARN), (499, 500, WARN), (503, 400, FAIL), (503, 200, FAIL), (499, 200, FAIL)],
)
def test_another_5xx_is_a_nuisance_and_anything_else_is_wrong(upstream: int, client: int, verdict: Any) -> None:
    seen = verdicts(SERVER, got(ASKED, [answered(ASKED, upstream)], client))
    assert [each for each, _ in seen] == ([] if verdict is None else [verdict])


def test_a_compressed_error_may_reach_the_client_either_way() -> None:
    coded = (*JSON, ("content-encoding", "gzip"))
    arrivals = [answered(ASKED, body=gzip.compress(error()), headers=coded)]
    assert verdicts(CODED, got(ASKED, arrivals)) == []
    assert verdicts(CODED, got(ASKED, arrivals, body=gzip.compress(error()), headers=coded)) == []
    assert [each for each, _ in verdicts(CODED, got(ASKED, arrivals, body=gzip.compress(error())))] == [FAIL, FAIL]
    assert [each for each, _ in verdicts(CODED, got(ASKED, [answered(ASKED)]))] == [NOT_OBSERVED]


@pytest.mark.parametrize(
    ("status", "body", "headers", "verdict"),
    [
        pytest.param(504, HTML, (("content-type", "text/html"),), None, id="as-it-came"),
        pytest.param(502, error("api_error", "bad gateway"), JSON, None, id="own-502"),
        pytest.param(504, HTML, JSON, FAIL, id="called-json"),
        pytest.param(200, HTML, (("content-type", "text/html"),), FAIL, id="success"),
        pytest.param(404, error(), JSON, FAIL, id="blames-the-client"),
    ],
)
def test_a_page_stays_a_failure_of_the_server(status: int, body: bytes, headers: Any, verdict: Any) -> None:
    arrivals = [answered(ASKED, 504, HTML, headers=(("content-type", "text/html"),))]
    seen = verdicts(PAGE, got(ASKED, arrivals, status, body, headers=headers))
    assert [each for each, _ in seen] == ([] if verdict is None else [verdict])


@pytest.mark.parametrize(
    ("client", "verdict"),
    [
        pytest.param({"status": 502}, None, id="502"),
        pytest.param({"status": 200}, FAIL, id="200"),
        pytest.param({"status": 404}, FAIL, id="404"),
        pytest.param({"status": None, "cut": "timeout: no answer within 15 s"}, FAIL, id="hangs"),
        pytest.param({"status": None, "cut": "closed: x"}, FAIL, id="hangs-up"),
    ],
)
def test_an_upstream_without_an_answer_is_a_5xx(client: Any, verdict: Any) -> None:
    seen = verdicts(RESET, got(ASKED, [answered(ASKED, None, cut="reset: by the script")], **client))
    assert [each for each, _ in seen] == ([] if verdict is None else [verdict])


def test_a_fallback_may_answer_in_its_place() -> None:
    arrivals = [answered(ASKED, None, cut="reset: x"), answered(ASKED, 200, b"{}", route="direct")]
    assert verdicts(RESET, got(ASKED, arrivals, 200, b"{}")) == []


@pytest.mark.parametrize("requirement", [RESET, LENGTH])
@pytest.mark.parametrize(
    ("client", "verdict"),
    [
        pytest.param({"status": 200, "cut": "closed: x"}, None, id="cut"),
        pytest.param({"status": 502}, None, id="502"),
        pytest.param({"status": 200}, FAIL, id="looks-whole"),
        pytest.param({"status": 200, "headers": (("content-type", "text/event-stream"),)}, None, id="a-stream"),
    ],
)
def test_half_an_answer_must_not_look_whole(requirement: str, client: Any, verdict: Any) -> None:
    seen = verdicts(requirement, got(ASKED, [answered(ASKED, 200, b'{"id"', cut="closed: by the script")], **client))
    assert [each for each, _ in seen] == ([] if verdict is None else [verdict])


def _timed(head_ms: float | None, end_ms: float, cut: str | None, status: int = 200) -> Any:
    one = ask("kimi-k3.1-pro", scene=ASKED.scene)
    made = trip(one, onward("direct", one, status=None), status=status)
    response = None if head_ms is None else Response(status, (), (Piece(head_ms, b"{"),), head_ms)
    return replace(made, client=Exchange(made.sent, response, cut, 0.0, end_ms))


@pytest.mark.parametrize(
    ("head_ms", "end_ms", "cut", "status", "verdicts_"),
    [
        pytest.param(4000, 4000, None, 504, [], id="answered-in-time"),
        pytest.param(11_900, 11_900, None, 504, [], id="a-busy-machine"),
        pytest.param(13_000, 13_000, None, 504, [FAIL], id="answered-late"),
        pytest.param(None, 17_000, "timeout: no answer within 17 s", 0, [FAIL], id="never"),
        pytest.param(100, 5100, "closed: x", 200, [], id="cut-in-time"),
        pytest.param(100, 8100, "closed: x", 200, [FAIL], id="cut-late"),
        pytest.param(100, 17_000, "timeout: x", 200, [FAIL], id="silent-for-ever"),
        pytest.param(13_500, 17_000, "timeout: x", 200, [FAIL, NOT_OBSERVED], id="the-client-went-first"),
        pytest.param(100, 5000, None, 200, [FAIL], id="ended-as-if-whole"),
    ],
)
def test_silence_is_bounded(head_ms: Any, end_ms: float, cut: Any, status: int, verdicts_: Any) -> None:
    bounded = profile(limits={"answer_s": 10, "stream_gap_s": 5})
    seen = verdicts(SLOW, _timed(head_ms, end_ms, cut, status), of=bounded)
    assert [verdict for verdict, _ in seen] == verdicts_


@pytest.mark.parametrize(
    ("status", "arrives", "isolation", "verdict"),
    [
        pytest.param(200, True, "shared", None, id="served"),
        pytest.param(502, True, "shared", FAIL, id="fails"),
        pytest.param(502, False, "shared", FAIL, id="never-asks-again"),
        pytest.param(429, False, "shared", NOT_OBSERVED, id="rests"),
        pytest.param(502, False, "fresh", NOT_OBSERVED, id="rests-as-its-profile-says"),
        pytest.param(429, True, "fresh", FAIL, id="asks-and-fails"),
    ],
)
def test_an_ordinary_request_is_served_after_a_failed_one(
    status: int,
    arrives: bool,  # noqa: FBT001 - an axis
    isolation: str,
    verdict: Any,
) -> None:
    plain = ask("kimi-k3")
    trips = got(ASKED, [answered(ASKED)]), got(plain, [onward("kimi", plain)] if arrives else [], status)
    seen = verdicts(SURVIVES, *trips, of=profile(isolation=isolation))
    assert [each for each, _ in seen] == ([] if verdict is None else [verdict])


@pytest.mark.parametrize(
    ("limits", "promised"),
    [(None, False), ({"at_once": 8}, False), ({"answer_s": 15}, True), ({"stream_gap_s": 5}, True)],
)
def test_only_a_bound_that_is_promised_is_looked_at(limits: Any, promised: bool) -> None:  # noqa: FBT001 - an axis
    assert ("limits" in features(profile(limits=limits))) == promised
