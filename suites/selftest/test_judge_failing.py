"""Calls that fail, as the checks read them: what an error says, of which kind it is, and which answers are errors."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace
from typing import Any, Final

import pytest

from kimi_conformance.contract.trip import Named
from kimi_conformance.exchange import Piece, Response
from kimi_conformance.judge.failing import (
    Told,
    at_fallback,
    kinds,
    refusals,
    route_of,
    said,
    served,
    split,
    told,
    unpacked,
)
from kimi_conformance.oracle import World
from kimi_conformance.registry.contracts import catalogue
from suites.selftest.failing_plays import OVERLOADED, QUOTA, RATE, RETRYING, answered, asked, error, got
from suites.selftest.plays import BY_HAND, TODAY, ask, profile, trip

ASKED: Final = asked()
WORLD: Final = World(RETRYING, catalogue(), TODAY)
BODY: Final = b'{"a": 1}'


def response(body: bytes, coding: str | None = None) -> Response:
    return Response(429, () if coding is None else (("Content-Encoding", coding),), (Piece(1.0, body),))


@pytest.mark.parametrize(
    ("coding", "packed", "plain"),
    [
        pytest.param(None, BODY, BODY, id="none"),
        pytest.param("", BODY, BODY, id="empty"),
        pytest.param(" ", BODY, BODY, id="blank"),
        pytest.param("Identity", BODY, BODY, id="identity"),
        pytest.param("gzip", gzip.compress(BODY), BODY, id="gzip"),
        pytest.param(" GZIP ", gzip.compress(BODY), BODY, id="gzip-in-capitals"),
        pytest.param("x-gzip", gzip.compress(BODY), BODY, id="x-gzip"),
        pytest.param("deflate", zlib.compress(BODY), BODY, id="deflate"),
        pytest.param("gzip", BODY, None, id="not-in-its-coding"),
        pytest.param("br", gzip.compress(BODY), None, id="unknown"),
    ],
)
def test_a_body_is_read_without_its_coding(coding: str | None, packed: bytes, plain: bytes | None) -> None:
    assert unpacked(response(packed, coding)) == plain
    assert said(response(packed, coding)) == (None if plain is None else {"a": 1})


@pytest.mark.parametrize("body", [b"", b"no JSON", b"\xff", b"[" * 100_000, b"{"])
def test_what_is_no_json_says_nothing(body: bytes) -> None:
    assert said(response(body)) is None
    assert told(response(body)) is None


@pytest.mark.parametrize(
    ("value", "due"),
    [
        pytest.param({"error": {"type": "a", "message": "b"}}, Told("a", "b"), id="both"),
        pytest.param({"error": {"message": "b"}}, Told("None", "b"), id="no-type"),
        pytest.param({"error": {"type": "a"}}, None, id="no-message"),
        pytest.param({"error": {"type": "a", "message": 1}}, None, id="a-number"),
        pytest.param({"error": "b"}, None, id="a-text"),
        pytest.param({}, None, id="nothing"),
        pytest.param(["error"], None, id="a-list"),
    ],
)
def test_an_error_is_told_where_its_dialect_puts_it(value: Any, due: Told | None) -> None:
    assert told(response(json.dumps(value).encode())) == due


@pytest.mark.parametrize(
    ("status", "body", "due"),
    [
        pytest.param(None, b"", set(), id="no-answer"),
        pytest.param(200, error(RATE), set(), id="success"),
        pytest.param(399, error(QUOTA), set(), id="399"),
        pytest.param(400, error(QUOTA), {"quota"}, id="400"),
        pytest.param(401, error("invalid_authentication_error"), set(), id="401"),
        pytest.param(429, error(RATE), {"rate_limit"}, id="rate"),
        pytest.param(429, error(QUOTA), {"quota"}, id="quota"),
        pytest.param(500, error("insufficient_quota"), {"quota"}, id="quota-of-another-dialect"),
        pytest.param(429, b'{"errors": [{"code": "insufficient_quota"}]}', {"quota"}, id="in-a-list"),
        pytest.param(429, error(OVERLOADED), {"overloaded"}, id="overloaded"),
        pytest.param(429, error(RATE, "we are overloaded"), {"rate_limit"}, id="its-words-do-not-count"),
        pytest.param(500, error(OVERLOADED), {"overloaded", "server_error"}, id="overloaded-5xx"),
        pytest.param(503, error("x", "we are overloaded"), {"overloaded", "server_error"}, id="5xx-in-words"),
        pytest.param(500, error("server_error", "no"), {"server_error"}, id="500"),
        pytest.param(499, error("x", "no"), set(), id="499"),
        pytest.param(502, b"<html>", {"server_error"}, id="no-json"),
    ],
)
def test_the_kinds_of_an_error_are_those_that_a_profile_may_promise_to_try_again(
    status: int | None, body: bytes, due: set[str]
) -> None:
    seen = kinds(answered(ASKED, status, body))
    assert seen == due
    assert isinstance(seen, frozenset)


@pytest.mark.parametrize(
    ("status", "cut", "an_error", "a_success"),
    [
        (200, None, False, True),
        (399, None, False, True),
        (400, None, True, False),
        (503, None, True, False),
        (None, "reset: x", False, False),
        (None, None, False, False),
        (200, "closed: x", False, False),
        (503, "closed: x", False, False),
    ],
)
def test_an_error_and_a_success_are_whole(
    status: int | None,
    cut: str | None,
    an_error: bool,  # noqa: FBT001 - an axis
    a_success: bool,  # noqa: FBT001 - an axis
) -> None:
    arrival = answered(ASKED, status, cut=cut)
    assert served(arrival) == a_success
    assert refusals(got(ASKED, [arrival])) == ([arrival.exchange.response] if an_error else [])


def test_arrivals_are_split_by_the_destination_that_was_due() -> None:
    mine, other = answered(ASKED), answered(ASKED, route="direct")
    assert split(got(ASKED, [mine, other]), WORLD) == ([mine], [other])
    refused = ask("no-such-model")
    stray = answered(refused)
    assert split(trip(refused, stray), World(profile(policy={"models": {"kimi-k3": "kimi"}}), catalogue(), TODAY)) == (
        [],
        [stray],
    )


def test_only_where_the_fallback_of_a_route_leads_is_at_the_fallback() -> None:
    route = route_of(got(ASKED, []), WORLD)
    assert route == RETRYING.routes["kimi"]
    assert at_fallback(answered(ASKED, route="direct"), route, WORLD)
    assert not at_fallback(answered(ASKED, route="default"), route, WORLD)
    assert not at_fallback(answered(ASKED, route="direct"), BY_HAND.routes["kimi"], WORLD)


def test_a_request_that_is_refused_has_no_route() -> None:
    world = World(profile(policy={"models": {"kimi-k3": "kimi"}}), catalogue(), TODAY)
    with pytest.raises(TypeError, match=r"^odd is not routed$"):
        route_of(trip(replace(ask(), model=Named("odd", "no-such-model"))), world)
