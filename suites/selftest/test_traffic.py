"""Traffic: what arrives at the stand-ins is filed under its mark, joined with its rows, or nobody's."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from kimi_conformance.contract.profile import PostgrestLedger
from kimi_conformance.exchange import Exchange, Request, Response
from kimi_conformance.router import traffic as module
from kimi_conformance.router.outside import OUTSIDE, refuse
from kimi_conformance.router.traffic import Marks, Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.exchange import Headers

BOUND_S = 5.0
LEDGER = PostgrestLedger(upstream="ledger", path="/rest/v1/tool_calls")


def traffic() -> Traffic:
    def trace_of(row: Mapping[str, Any]) -> str | None:
        return row.get("trace_id")

    return Traffic(Marks(), frozenset({"models", "others"}), LEDGER, trace_of)


def served(upstream: str, request: Request, *, status: int = 200) -> Traffic:
    """Traffic that saw one exchange, from its arrival on."""
    seen = traffic()
    asyncio.run(serve(seen, upstream, request, status=status))
    return seen


async def serve(seen: Traffic, upstream: str, request: Request, *, status: int = 200, serial: int = 1) -> None:
    seen.arrived(upstream, serial, request, 7.0)
    seen.done(upstream, serial, Exchange(request, Response(status), None, 5.0, 9.0))


def row(body: Any, path: str = LEDGER.path) -> Request:
    return Request("POST", path, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def in_body(mark: str) -> Request:
    return Request("POST", "/v1/chat/completions", body=json.dumps({"messages": f"Say ok. [{mark}]"}).encode())


def in_header(mark: str) -> Request:
    return Request("POST", "/v1/chat/completions", (("x-trace-id", mark),), b"{}")


def in_url(mark: str) -> Request:
    return Request("GET", f"/v1/models?trace={quote(mark)}")


@pytest.mark.parametrize("carrying", [in_body, in_header, in_url])
def test_an_arrival_is_filed_under_its_mark_wherever_it_carries_it(carrying: Callable[[str], Request]) -> None:
    seen = traffic()
    marks = [seen.marks.make() for _ in range(3)]
    asyncio.run(serve(seen, "models", carrying(marks[1])))
    assert [len(seen.arrivals(mark)) for mark in marks] == [0, 1, 0]
    (arrival,) = seen.arrivals(marks[1])
    assert (arrival.upstream, arrival.t_ms, arrival.exchange.request) == ("models", 7.0, carrying(marks[1]))
    assert not seen.take_strays()


def test_a_mark_in_the_body_counts_before_one_in_a_header() -> None:
    marks = Marks()
    body, header = marks.make(), marks.make()
    assert marks.find(Request("POST", "/", (("x-trace-id", header),), body.encode())) == body


def test_a_mark_is_found_where_the_router_made_a_longer_id_of_it() -> None:
    marks = Marks()
    mark = marks.make()
    assert marks.find(Request("POST", "/", (("x-trace-id", f"span-{mark}1731"),))) == mark


def test_the_marks_of_another_run_are_not_ours() -> None:
    assert Marks().find(in_body(Marks().make())) is None


def test_marks_are_unlike_each_other_and_pass_every_encoding() -> None:
    made = Marks()
    marks = [made.make() for _ in range(1000)]
    assert len(set(marks)) == 1000
    assert all(mark.isalnum() and mark.islower() and mark.isascii() for mark in marks)


def test_arrivals_stand_in_the_order_they_came_in_whenever_they_were_answered() -> None:
    async def arrive() -> list[float]:
        seen = traffic()
        request = in_body(mark := seen.marks.make())
        seen.arrived("models", 1, request, 10.0)
        seen.arrived("others", 1, request, 20.0)
        seen.done("others", 1, Exchange(request))
        seen.done("models", 1, Exchange(request))
        return [arrival.t_ms for arrival in seen.arrivals(mark)]

    assert asyncio.run(arrive()) == [10.0, 20.0]


@pytest.mark.parametrize(
    ("upstream", "request_", "named"),
    [
        pytest.param("models", Request("POST", "/v1/messages", body=b"{}"), ["models"], id="asks-a-model"),
        pytest.param("models", Request("GET", "/v1/models"), [], id="looks-around"),
        pytest.param("webhook", Request("POST", "/hook", body=b"{}"), [], id="alarms"),
        pytest.param("ledger", row({"model": "k"}), [], id="writes-a-row"),
        pytest.param(OUTSIDE, Request("GET", "http://telemetry.test/v1?x"), ["outside: telemetry.test"], id="plain"),
        pytest.param(OUTSIDE, Request("CONNECT", "api.test:443"), ["outside: api.test:443"], id="tunnel"),
        pytest.param(OUTSIDE, Request("GET", "/no-host"), ["outside: /no-host"], id="no-proxy-request"),
    ],
)
def test_what_carries_no_mark_is_a_stray_where_it_should_have_one(
    upstream: str, request_: Request, named: list[str]
) -> None:
    seen = served(upstream, request_)
    assert [stray.upstream for stray in seen.take_strays()] == named
    assert not seen.take_strays()


def test_a_call_of_the_outer_world_is_a_stray_even_with_a_mark() -> None:
    seen = traffic()
    mark = seen.marks.make()
    asyncio.run(serve(seen, OUTSIDE, Request("POST", "http://api.test/v1", body=mark.encode())))
    assert [stray.upstream for stray in seen.take_strays()] == ["outside: api.test"]
    assert not seen.arrivals(mark)


def test_the_outer_world_answers_403_and_names_the_host() -> None:
    answer = refuse(Request("CONNECT", "api.test:443"))
    assert answer.status == 403
    assert b"replay mode has no network: api.test:443" in answer.body


@pytest.mark.parametrize(
    ("request_", "status", "joined"),
    [
        pytest.param(row({"trace_id": "t1", "tier": "max"}), 201, {"t1": 1}, id="one"),
        pytest.param(
            row([{"trace_id": "t1"}, {"trace_id": "t2"}, {"trace_id": "t1"}]), 201, {"t1": 2, "t2": 1}, id="list"
        ),
        pytest.param(row({"trace_id": "t1"}, f"{LEDGER.path}?columns=trace_id"), 201, {"t1": 1}, id="query"),
        pytest.param(row({"trace_id": "t1"}, "/rest/v1/audit"), 201, {}, id="another-table"),
        pytest.param(row({"trace_id": "t1"}), 401, {}, id="refused"),
        pytest.param(row({"tier": "max"}), 201, {}, id="no-trace"),
        pytest.param(row([7, None, "t1"]), 201, {}, id="no-objects"),
        pytest.param(row(b"{"), 201, {}, id="no-json"),
        pytest.param(Request("GET", LEDGER.path), 200, {}, id="read"),
    ],
)
def test_a_row_is_what_the_ledger_took_in_its_own_table(request_: Request, status: int, joined: dict[str, int]) -> None:
    seen = served("ledger", request_, status=status)
    assert {trace: len(rows) for trace, rows in seen.rows.items()} == joined
    assert all(one.t_ms == 7.0 for rows in seen.rows.values() for one in rows)


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        pytest.param("PATCH", f"{LEDGER.path}?trace_id=eq.%MARK%", (), id="patched"),
        pytest.param("POST", LEDGER.path, (("Prefer", "resolution=merge-duplicates"),), id="upserted"),
    ],
)
def test_a_row_that_is_completed_later_is_one_row(method: str, url: str, headers: Headers) -> None:
    seen = traffic()
    mark = seen.marks.make()
    later = json.dumps({"tier": "max"} if method == "PATCH" else {"trace_id": mark, "tier": "max"}).encode()
    asyncio.run(serve(seen, "ledger", row({"trace_id": mark, "tier": None})))
    asyncio.run(serve(seen, "ledger", Request(method, url.replace("%MARK%", mark), headers, later)))
    assert [one.values for one in seen.rows[mark]] == [{"trace_id": mark, "tier": "max"}]


def test_settling_waits_for_what_is_open_and_for_a_short_quiet() -> None:
    async def settle() -> tuple[float, list[str]]:
        seen, loop, log = traffic(), asyncio.get_running_loop(), []
        seen.arrived("models", 1, Request("POST", "/"), 0.0)

        def end() -> None:
            log.append("done")
            seen.done("models", 1, Exchange(Request("POST", "/")))

        loop.call_later(0.05, end)
        start = loop.time()
        await seen.settle()
        log.append("settled")
        return loop.time() - start, log

    took, log = asyncio.run(settle())
    assert log == ["done", "settled"]
    assert took >= 0.05 + module.QUIET_S


def test_what_comes_and_is_answered_between_two_looks_is_no_quiet() -> None:
    async def settle() -> float:
        seen, loop = traffic(), asyncio.get_running_loop()

        def pass_by() -> None:
            seen.arrived("models", 1, Request("POST", "/"), 0.0)
            seen.done("models", 1, Exchange(Request("POST", "/")))

        loop.call_later(module.QUIET_S / 2, pass_by)
        start = loop.time()
        await seen.settle()
        return loop.time() - start

    assert asyncio.run(settle()) >= 1.5 * module.QUIET_S


def test_a_machine_that_stands_still_is_no_quiet() -> None:
    async def settle() -> list[str]:
        seen, loop, log = traffic(), asyncio.get_running_loop(), list[str]()

        def stand_still() -> None:
            time.sleep(2 * module.QUIET_S)
            turn(3)

        def turn(left: int) -> None:
            if left:
                loop.call_soon(turn, left - 1)
                return
            log.append("arrived")
            seen.arrived("models", 1, Request("POST", "/"), 0.0)
            loop.call_later(0.05, seen.done, "models", 1, Exchange(Request("POST", "/")))

        loop.call_soon(stand_still)
        await seen.settle()
        return [*log, *(stray.upstream for stray in seen.take_strays())]

    assert asyncio.run(settle()) == ["arrived", "models"]


def test_rows_of_nothing_are_not_waited_for() -> None:
    async def wait() -> list[str]:
        turned: list[str] = []
        asyncio.get_running_loop().call_soon(turned.append, "the loop turned")
        await traffic().rows_for([], BOUND_S)
        return [*turned]

    assert asyncio.run(wait()) == []


def test_settling_is_bounded_where_an_upstream_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTLE_S", 0.05)

    async def settle() -> None:
        seen = traffic()
        seen.arrived("models", 1, Request("POST", "/"), 0.0)
        async with asyncio.timeout(BOUND_S):
            await seen.settle()

    asyncio.run(settle())


def test_rows_are_waited_for_until_every_mark_has_one() -> None:
    async def wait() -> list[str]:
        seen, loop = traffic(), asyncio.get_running_loop()
        for late_s, trace in ((0.02, "t1"), (0.05, "t2")):
            request = row({"trace_id": trace})
            loop.call_later(late_s, seen.done, "ledger", 1, Exchange(request, Response(201)))
        async with asyncio.timeout(BOUND_S):
            await seen.rows_for(["t1", "t2"], 2 * BOUND_S)
        return [*seen.rows]

    assert asyncio.run(wait()) == ["t1", "t2"]


def test_rows_that_never_come_are_waited_for_no_longer_than_they_may_take() -> None:
    async def wait() -> float:
        start = asyncio.get_running_loop().time()
        async with asyncio.timeout(BOUND_S):
            await traffic().rows_for(["t1"], 0.1)
        return asyncio.get_running_loop().time() - start

    assert asyncio.run(wait()) >= 0.1
