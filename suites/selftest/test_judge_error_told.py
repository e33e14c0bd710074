"""The judge on errors, finding by finding: what the client got instead of an error, and where that shows."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import Any, Final

import pytest

from kimi_conformance.contract.scene import REFUSED, Scene
from kimi_conformance.exchange import Exchange, Piece, Response
from suites.selftest.failing_plays import JSON, NOT_OBSERVED, answered, asked, error, found, got
from suites.selftest.plays import ask, fails, findings, onward, profile, trip

CODED, PAGE = "router.error.gzip-error-handled", "router.error.html-504-handled"
RESET, LENGTH, SLOW = "router.error.reset-answered", "router.error.wrong-length-visible", "router.error.slow-bounded"
SURVIVES, REFUSAL = "router.error.router-survives", "router.error.refused-answered"

ASKED: Final = asked()
CLIENT: Final = "client response"
HTML: Final = b"<html><title>504 Gateway Time-out</title></html>"
GZIP: Final = (*JSON, ("content-encoding", "gzip"))
PAGE_TYPE: Final = (("content-type", "text/html"),)


def not_observed(*told: str) -> Any:
    return replace(fails(*told), verdict=NOT_OBSERVED)


def test_an_error_that_did_not_come_compressed_shows_nothing() -> None:
    message = "the router asked the upstream not to compress, so nothing came compressed"
    due = not_observed(CODED, "a compressed error", "none", "upstream", message)
    assert found(CODED, got(ASKED, [answered(ASKED)], 500)) == (due,)
    packed = answered(ASKED, body=gzip.compress(error()), headers=GZIP)
    assert found(CODED, got(ASKED, [packed, answered(ASKED)])) == ()


def test_where_no_page_was_said_there_is_none_to_keep() -> None:
    message = "no upstream said an error that could have been kept; the client got status 200"
    due = not_observed(PAGE, "an error of an upstream", "none", "upstream", message)
    assert found(PAGE, got(ASKED, [answered(ASKED, 200, b"{}")], 200, HTML)) == (due,)


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ("400-kept", 400),
        ("401-kept", 401),
        ("403-kept", 403),
        ("404-of-upstream-kept", 404),
        ("429-types-kept", 429),
        ("5xx-kept", 503),
    ],
)
def test_each_status_has_a_requirement_that_keeps_it(rule: str, status: int) -> None:
    requirement = f"router.error.{rule}"
    refused = answered(ASKED, status)
    due = fails(requirement, str(status), "418", f"{CLIENT} status", f"the upstream's {status} became 418")
    assert found(requirement, got(ASKED, [refused], status)) == ()
    assert found(requirement, got(ASKED, [refused], 418)) == (due,)


def called_json(shown: str) -> Any:
    message = f"what calls itself JSON is none: {shown}"
    return fails(PAGE, "JSON, or another content type", shown, f"{CLIENT} header content-type", message)


@pytest.mark.parametrize(
    ("body", "headers", "due"),
    [
        pytest.param(HTML, JSON, [called_json(HTML.decode())], id="a-page"),
        pytest.param(HTML, (("Content-Type", "Application/JSON"),), [called_json(HTML.decode())], id="in-capitals"),
        pytest.param(HTML, PAGE_TYPE, [], id="as-it-came"),
        pytest.param(HTML, (), [], id="without-a-type"),
        pytest.param(b"x" * 200, JSON, [called_json("x" * 160)], id="long"),
        pytest.param(b"\xff", JSON, [called_json("\\xff")], id="no-text"),
        pytest.param(b"[" * 100_000, JSON, [called_json("[" * 160)], id="too-deep"),
        pytest.param(gzip.compress(error()), GZIP, [], id="compressed-json"),
        pytest.param(gzip.compress(HTML), GZIP, [called_json(HTML.decode())], id="a-compressed-page"),
        pytest.param(HTML, GZIP, [called_json(HTML.decode())], id="not-in-its-coding"),
    ],
)
def test_what_calls_itself_json_is_json(body: bytes, headers: Any, due: list[Any]) -> None:
    arrivals = [answered(ASKED, 504, HTML, headers=PAGE_TYPE)]
    assert [*found(PAGE, got(ASKED, arrivals, 504, body, headers=headers))] == due


def no_5xx(requirement: str, seen: str, message: str) -> Any:
    return fails(requirement, "a 5xx", seen, CLIENT, message)


def test_a_client_that_got_no_answer_got_no_page() -> None:
    page = answered(ASKED, 504, HTML, headers=PAGE_TYPE)
    waits = no_5xx(PAGE, "timeout: x", "the client waits in vain: timeout: x")
    assert found(PAGE, got(ASKED, [page], None, cut="timeout: x")) == (waits,)


def test_behind_a_page_another_upstream_may_answer() -> None:
    page = answered(ASKED, 504, HTML, headers=PAGE_TYPE)
    other = answered(ASKED, 200, b"{}", route="direct")
    for arrivals in ([page, other], [other, page]):
        assert found(PAGE, got(ASKED, arrivals, 200, b"{}")) == ()
    blamed = no_5xx(PAGE, "404", "an upstream that failed became 404, which blames the client")
    assert found(PAGE, got(ASKED, [page, other], 404, b"{}")) == (blamed,)


@pytest.mark.parametrize(
    ("client", "seen", "message"),
    [
        pytest.param({"status": 200}, "200", "an upstream that failed became 200", id="success"),
        pytest.param({"status": 399}, "399", "an upstream that failed became 399", id="399"),
        pytest.param(
            {"status": 400}, "400", "an upstream that failed became 400, which blames the client", id="blamed"
        ),
        pytest.param(
            {"status": None, "cut": "timeout: 9 s"},
            "timeout: 9 s",
            "the client waits in vain: timeout: 9 s",
            id="waits",
        ),
        pytest.param(
            {"status": None, "cut": "closed: timeout"},
            "closed: timeout",
            "the client got no whole answer: closed: timeout",
            id="closed",
        ),
        pytest.param(
            {"status": 502, "cut": "closed: x"}, "closed: x", "the client got no whole answer: closed: x", id="cut"
        ),
        pytest.param({"status": None}, "None", "the client got no whole answer: None", id="nothing-at-all"),
    ],
)
def test_an_upstream_that_failed_is_a_whole_5xx(client: Any, seen: str, message: str) -> None:
    reset = answered(ASKED, None, cut="reset: by the script")
    assert found(RESET, got(ASKED, [reset], **client)) == (no_5xx(RESET, seen, message),)


def test_whoever_took_the_call_over_may_have_been_the_last_of_several() -> None:
    arrivals = [answered(ASKED, None, cut="reset: x"), answered(ASKED, 200, b"{}", route="direct")]
    assert found(RESET, got(ASKED, arrivals, 200, b"{}")) == ()


def whole(requirement: str, size: int) -> Any:
    message = f"the upstream's answer broke off, and the client's looks whole ({size} bytes)"
    return fails(requirement, "a cut, or a 5xx", "200, ended as if whole", CLIENT, message)


BEGUN: Final = answered(ASKED, 200, b'{"id"', cut="closed: by the script")
NEVER: Final = answered(ASKED, None, cut="reset: by the script")


@pytest.mark.parametrize("arrivals", [[BEGUN], [BEGUN, NEVER], [NEVER, BEGUN]])
def test_an_answer_that_was_begun_must_not_look_whole(arrivals: list[Any]) -> None:
    assert found(RESET, got(ASKED, arrivals, 200, b'{"id"', headers=())) == (whole(RESET, 5),)
    assert found(RESET, got(ASKED, arrivals, 200, b'{"id"', cut="closed: x")) == ()
    waits = no_5xx(RESET, "timeout: x", "the client waits in vain: timeout: x")
    assert found(RESET, got(ASKED, arrivals, None, cut="timeout: x")) == (waits,)


@pytest.mark.parametrize(
    "client", [{"status": 400}, {"status": None, "cut": "closed: x"}, {"status": None}, {"status": 502}]
)
def test_what_is_no_success_does_not_look_whole(client: Any) -> None:
    assert found(LENGTH, got(ASKED, [BEGUN], **client)) == ()


def test_a_stream_has_an_end_of_its_own() -> None:
    stream = asked(stream=True)
    begun = answered(stream, 200, b"data: ", cut="closed: by the script")
    assert found(LENGTH, got(stream, [begun], 200, b"data: ")) == ()


BOUNDED: Final = profile(limits={"answer_s": 10, "stream_gap_s": 5})


def timed(head_ms: float, last_ms: float | None, end_ms: float, cut: str | None, start_ms: float = 0.0) -> Any:
    """An answer whose head, last piece (None: it has none) and end came so."""
    one = ask("kimi-k3.1-pro", scene=ASKED.scene)
    made = trip(one, onward("direct", one, status=None))
    pieces = () if last_ms is None else (Piece(head_ms, b"{"), Piece(last_ms, b"}"))
    response = Response(504, (), pieces, head_ms)
    return replace(made, client=Exchange(made.sent, response, cut, start_ms, end_ms))


def late(took: str) -> Any:
    message = f"the upstream is silent, and the client was answered after {took} s"
    return fails(SLOW, "an answer within 12 s", f"{took} s", CLIENT, message)


def silent(gap: str) -> Any:
    message = f"within its answer the upstream is silent, and the router with it: {gap} s"
    return fails(SLOW, "an end after 5 s of silence", f"{gap} s", CLIENT, message)


GONE: Final = not_observed(
    SLOW, "an end", "timeout: x", CLIENT, "the client had gone before stream_gap_s (5 s) had run out"
)


@pytest.mark.parametrize(
    ("made", "due"),
    [
        pytest.param(timed(12_000, 12_000, 12_000, None), [], id="at-the-last-moment"),
        pytest.param(timed(12_010, 12_010, 12_010, None), [late("12.0")], id="a-moment-later"),
        pytest.param(timed(13_000, 13_000, 13_000, None, 2000.0), [], id="from-when-it-asked"),
        pytest.param(timed(1000, 3000, 10_000, "closed: x"), [], id="silent-as-long-as-it-may-be"),
        pytest.param(timed(1000, 3000, 10_006, "closed: x"), [silent("7.0")], id="a-moment-longer"),
        pytest.param(timed(1000, None, 10_000, "closed: x"), [silent("9.0")], id="silent-since-its-head"),
        pytest.param(timed(1000, 3000, 9000, "timeout: x"), [GONE], id="the-client-went-first"),
        pytest.param(timed(1000, 3000, 9000, None), [], id="ended"),
    ],
)
def test_silence_is_measured_from_when_the_client_last_saw_anything(made: Any, due: list[Any]) -> None:
    assert [*findings(SLOW, made, of=BOUNDED)] == due


COOLDOWN: Final = "router answered without calling an upstream: cooldown?"
HINT: Final = f"{COOLDOWN} (`isolation: fresh` in the profile gives each disturbing case a new router)"
FAILED: Final = "after the failed request an ordinary one got status"


@pytest.mark.parametrize(
    ("status", "arrives", "isolation", "message"),
    [
        pytest.param(429, False, "shared", HINT, id="rests"),
        pytest.param(503, False, "shared", HINT, id="rests-with-503"),
        pytest.param(502, False, "shared", f"{FAILED} 502", id="shared"),
        pytest.param(502, False, "fresh", COOLDOWN, id="fresh"),
        pytest.param(502, True, "fresh", f"{FAILED} 502", id="asks-and-fails"),
    ],
)
def test_a_router_that_rests_is_told_from_one_that_is_broken(
    status: int,
    arrives: bool,  # noqa: FBT001 - an axis
    isolation: str,
    message: str,
) -> None:
    plain = ask("kimi-k3")
    ordinary = got(plain, [onward("kimi", plain)] if arrives else [], status)
    due = fails(SURVIVES, "an ordinary answer", f"status {status}", CLIENT, message)
    if message in (HINT, COOLDOWN):
        due = replace(due, verdict=NOT_OBSERVED)
    assert findings(SURVIVES, got(ASKED, [answered(ASKED)]), ordinary, of=profile(isolation=isolation)) == (due,)


def test_where_nobody_listens_the_client_is_answered_by_a_router_that_calls_when_somebody_does() -> None:
    plain, alone = ask("kimi-k3"), ask("kimi-k3", scene=Scene(acts=(REFUSED,)))
    ordinary, hidden = got(plain, [onward("kimi", plain)], 200, b"{}"), got(plain, [], 503)
    hangs = got(alone, [], None, cut="timeout: x")
    waits = no_5xx(REFUSAL, "timeout: x", "the client waits in vain: timeout: x")
    assert found(REFUSAL, got(alone, [], 502), ordinary) == ()
    assert found(REFUSAL, hangs, ordinary) == (waits,)
    unseen = not_observed(REFUSAL, "an upstream request", "none; the client got status 503", "upstream", COOLDOWN)
    assert found(REFUSAL, hangs, hidden) == (unseen,)
    assert found(REFUSAL, got(alone, [], 502), got(plain, [onward("kimi", plain)], 400)) == ()
    assert found(REFUSAL, hangs, ordinary, hidden) == (unseen,)
