"""Both legs stand on one timeline, in order, redacted and bounded."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace

from kimi_conformance.contract.trip import Arrival, Ask, Decision, Named, Play, Row, Stray, Trip
from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.reporting.redact import redactor
from kimi_conformance.reporting.timeline import timeline

CANARY = f"sk-kc-portkey-{secrets.token_hex(12)}"
redact = redactor({"portkey": CANARY})

BODY = b'{"model":"kimi-k3"}'
SENT = Request("POST", "http://127.0.0.1:18900/v1/chat/completions?x=1", (("x-agent-id", "dispo"),), BODY)
RECEIVED = Request("POST", "/v1/messages", (("authorization", f"Bearer {CANARY}"),), BODY)
SSE = (("content-type", "text/event-stream; charset=utf-8"),)


def arrival(at: float = 1002.0, upstream: str = "shortcut") -> Arrival:
    answer = Response(404, (("content-type", "application/json"),), (Piece(at + 1.5, b"{}"),), at + 1.5)
    return Arrival(upstream, Exchange(RECEIVED, answer, None, at - 1, at + 2), at)


def trip(at: float = 1000.0) -> Trip:
    pieces = (Piece(at + 6, b"data: 1\n\n"), Piece(at + 9, b"data: 2\n\n"), Piece(at + 14, b"data: [DONE]\n\n"))
    client = Exchange(SENT, Response(200, SSE, pieces, at + 5), None, at, at + 15)
    row = Row({"trace_id": "kc", "key": CANARY}, at + 7)
    return Trip(Ask(Named("kimi-k3", "kimi-k3")), "kc", SENT, client, (arrival(at + 2),), (row,))


def play(*trips: Trip, strays: tuple[Stray, ...] = (), ended: str | None = None) -> Play:
    return Play("router.gate.x@agent=dispo", "router.gate.x", trips, strays, ended)


def told(one: Play, *, short: bool = False) -> list[tuple[float, str, str]]:
    return [(moment.t_ms, moment.leg, moment.what) for moment in timeline(one, redact, short=short)]


def test_both_legs_stand_in_order_with_times_after_the_first_request() -> None:
    assert told(play(trip())) == [
        (0.0, "client", "sends POST /v1/chat/completions?x=1, 19 B"),
        (2.0, "upstream shortcut", "gets POST /v1/messages, 19 B"),
        (3.5, "upstream shortcut", "answers 404 application/json, 2 B"),
        (5.0, "client", "gets 200 text/event-stream"),
        (6.0, "client", "gets 32 B in 3 pieces, the last 8.0 ms after the first"),
        (7.0, "ledger", "gets a row"),
    ]


def test_details_hold_head_and_body_without_secrets() -> None:
    details = [moment.detail for moment in timeline(play(trip()), redact)]
    assert details == [
        'POST http://127.0.0.1:18900/v1/chat/completions?x=1\nx-agent-id: dispo\n\n{"model":"kimi-k3"}',
        'POST /v1/messages\nauthorization: Bearer <secret.portkey>\n\n{"model":"kimi-k3"}',
        "404\ncontent-type: application/json\n\n{}",
        "200\ncontent-type: text/event-stream; charset=utf-8",
        "data: 1\n\ndata: 2\n\ndata: [DONE]\n\n",
        '{"trace_id": "kc", "key": "<secret.portkey>"}',
    ]


def aside(at: float, status: int, upstream: str = "ledger", body: bytes = b"{}") -> Arrival:
    request = Request("POST", "/rest/v1/tool_calls", (("apikey", CANARY),), body)
    return Arrival(upstream, Exchange(request, Response(status, (), (), at + 1), None, at - 1, at + 1), at)


def test_what_the_ledger_and_the_webhook_got_is_told_with_its_body() -> None:
    alert = aside(1013, 204, "alerts", b'{"content":"429 on kimi-k3"}')
    one = play(replace(trip(), side=(aside(1012, 500), alert)))
    assert told(one)[-4:] == [
        (12.0, "upstream ledger", "gets POST /rest/v1/tool_calls, 2 B"),
        (13.0, "upstream ledger", "answers 500, 0 B"),
        (13.0, "upstream alerts", "gets POST /rest/v1/tool_calls, 28 B"),
        (14.0, "upstream alerts", "answers 204, 0 B"),
    ]
    details = [moment.detail for moment in timeline(one, redact) if moment.leg == "upstream alerts"]
    assert details[0].endswith('apikey: <secret.portkey>\n\n{"content":"429 on kimi-k3"}')
    assert [leg for _, leg, _ in told(one, short=True)][-2:] == ["upstream ledger"] * 2


def test_of_many_alerts_the_first_are_told() -> None:
    one = play(replace(trip(), side=tuple(aside(1020 + at, 204, "alerts") for at in range(10))))
    assert told(one)[-1] == (28.0, "upstream alerts", "gets the first of 2 more requests")


def test_a_transport_error_stands_where_it_happened() -> None:
    broken = replace(trip(), client=Exchange(SENT, None, "reset: Connection reset by peer", 1000, 1001), rows=())
    assert told(play(broken))[1] == (1.0, "client", "reset: Connection reset by peer")


def test_an_upstream_that_was_hung_up_on_says_so() -> None:
    cut = Arrival("portkey", Exchange(RECEIVED, None, "closed: the router hung up", 1001, 1004), 1002)
    assert told(play(replace(trip(), arrivals=(cut,))))[2] == (4.0, "upstream portkey", "closed: the router hung up")


def test_a_secret_in_a_url_or_an_error_is_no_part_of_what_happened() -> None:
    leaky = replace(SENT, url=f"http://127.0.0.1/{CANARY}")
    client = Exchange(leaky, None, f"protocol: {CANARY}\u2028", 1000, 1001)
    moments = timeline(play(replace(trip(), sent=leaky, client=client)), redact)
    assert CANARY not in "".join(moment.model_dump_json() for moment in moments)
    assert "protocol: <secret.portkey><U+2028>" in [moment.what for moment in moments]


def test_several_trips_are_numbered() -> None:
    sends = [what for _, _, what in told(play(trip(1000), trip(1020))) if "sends" in what]
    assert [what[:2] for what in sends] == ["#1", "#2"]


def test_a_stray_is_told_with_the_cases_beside_it() -> None:
    stray = Stray(arrival(1003), ("router.gate.a", "router.gate.b", "router.gate.c"))
    assert (
        3.0,
        "upstream shortcut",
        "gets POST /v1/messages, 19 B, which belongs to no request of the suite's, beside router.gate.a and 2 more",
    ) in told(play(trip(), strays=(stray,)))


def test_a_stray_that_came_before_the_case_has_a_negative_time() -> None:
    assert told(play(trip(), strays=(Stray(arrival(990), ()),)))[0][0] == -10.0


def test_the_end_of_the_router_is_the_last_line() -> None:
    assert told(play(trip(), ended="exit status 1"))[-1] == (15.0, "router", "its process ended: exit status 1")


def test_a_bare_decision_is_a_question_and_an_answer() -> None:
    question = Request("DECIDE", "", body=json.dumps({"agent": "dispo"}).encode())
    client = Exchange(question, Response(200), None, 1000, 1001)
    asked = replace(trip(), sent=question, client=client, arrivals=(), rows=())
    answers = [Decision("kimi", "specialty", None), Decision("kimi", None, None), Decision(None, None, "no model")]
    seen = [timeline(play(replace(asked, decision=answer)), redact) for answer in answers]
    assert [(moment.leg, moment.what, moment.detail) for moment in seen[0]] == [
        ("client", "asks for a decision", '{"agent":"dispo"}'),
        ("router", "decides for route kimi, tier specialty", ""),
    ]
    assert [moments[1].what for moments in seen[1:]] == ["decides for route kimi", "refuses: no model"]


def test_a_decision_that_failed_shows_the_error() -> None:
    client = Exchange(SENT, None, "timeout: no answer within 5 s", 1000, 6000)
    undecided = replace(trip(), client=client, arrivals=(), rows=(), decision=Decision(None, None, None))
    assert told(play(undecided))[1] == (5000.0, "router", "no decision: timeout: no answer within 5 s")


def test_a_hundred_trips_with_large_bodies_stay_small() -> None:
    heavy = replace(SENT, body=b'{"a":"' + b"x" * 200_000 + b'"}')
    moments = timeline(play(*(replace(trip(1000 + n), sent=heavy) for n in range(100))), redact)
    assert sum(len(moment.model_dump_json()) for moment in moments) < 100_000
    assert moments[-1].what != moments[0].what
    assert [moment.what for moment in moments if "more" in moment.what] == [
        "88 more requests: 88 x status 200; they made 88 upstream requests"
    ]


def test_a_router_that_never_stops_calling_is_counted() -> None:
    endless = replace(trip(), arrivals=tuple(arrival(1001 + n) for n in range(50)), rows=trip().rows * 20)
    lines = [what for _, _, what in told(play(endless, strays=(Stray(arrival(), ()),) * 30))]
    assert "gets the first of 42 more upstream requests" in lines
    assert "gets the first of 12 more rows" in lines
    assert "gets the first of 18 more that belong to no request" in lines
    assert lines.count("gets a row") == 8
    assert sum("belongs to no request" in what for what in lines) == 12
    assert sum(what.startswith("answers") for what in lines) == 8 + 12


def test_the_short_form_has_no_details_and_two_trips() -> None:
    moments = timeline(play(*(trip(1000 + n) for n in range(5))), redact, short=True)
    assert not any(moment.detail for moment in moments)
    assert sum("sends" in moment.what for moment in moments) == 2
    assert any(moment.what.startswith("3 more requests") for moment in moments)


def test_a_play_without_trips_has_no_timeline() -> None:
    assert timeline(play(), redact) == ()


def test_the_words_of_a_stream_are_told_as_they_were_sent_and_seen() -> None:
    mark = "kc7f3a2bx0000017"
    sent = (Piece(1003.0, b"0000017-000 "), Piece(1006.0, b"0000017-001 "))
    seen = (Piece(1004.0, b"0000017-0"), Piece(1005.0, b"00 "), Piece(1007.0, b"0000017-001 "))
    upstream = Arrival("kimi", Exchange(RECEIVED, Response(200, SSE, sent, 1002.0), None, 1001.0, 1008.0), 1001.5)
    client = Exchange(SENT, Response(200, SSE, seen, 1003.5), None, 1000.0, 1009.0)
    ask = Ask(Named("kimi-k3", "kimi-k3"), stream=True)
    moments = told(play(Trip(ask, mark, SENT, client, (upstream,))))
    assert [moment for moment in moments if "word" in moment[2]] == [
        (3.0, "upstream kimi", "sends word 0"),
        (5.0, "client", "sees word 0"),
        (6.0, "upstream kimi", "sends word 1"),
        (7.0, "client", "sees word 1"),
    ]
    plain = replace(ask, stream=False)
    assert not [one for one in told(play(Trip(plain, mark, SENT, client, (upstream,)))) if "word" in one[2]]
