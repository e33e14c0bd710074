"""Traffic: what arrives at the stand-ins is filed under its mark, or nobody's, and held while its client waits."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from kimi_conformance.exchange import Exchange, Request, Response
from kimi_conformance.router import traffic as module
from kimi_conformance.router.outside import OUTSIDE, refuse
from kimi_conformance.router.traffic import Marks, Traffic
from kimi_conformance.upstream.acts.aside import ANSWERED

if TYPE_CHECKING:
    from collections.abc import Callable


BOUND_S = 5.0
LEDGER = "/rest/v1/tool_calls"


def traffic() -> Traffic:
    return Traffic(Marks(), frozenset({"models", "others"}), "webhook")


def served(upstream: str, request: Request, *, status: int = 200) -> Traffic:
    """Traffic that saw one exchange, from its arrival on."""
    seen = traffic()
    asyncio.run(serve(seen, upstream, request, status=status))
    return seen


async def serve(seen: Traffic, upstream: str, request: Request, *, status: int = 200, serial: int = 1) -> None:
    seen.arrived(upstream, serial, request, 7.0)
    seen.done(upstream, serial, Exchange(request, Response(status), None, 5.0, 9.0))


def row(body: Any, path: str = LEDGER) -> Request:
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


def test_settling_is_bounded_where_an_upstream_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTLE_S", 0.05)

    async def settle() -> None:
        seen = traffic()
        seen.arrived("models", 1, Request("POST", "/"), 0.0)
        async with asyncio.timeout(BOUND_S):
            await seen.settle()

    asyncio.run(settle())


def test_an_alarm_is_waited_for_until_it_comes() -> None:
    async def wait() -> bool:
        seen, loop = traffic(), asyncio.get_running_loop()
        loop.call_later(0.03, seen.arrived, "webhook", 1, Request("POST", "/hook"), 8.0)
        async with asyncio.timeout(BOUND_S):
            await seen.alarm_since(8.0, 2 * BOUND_S)
        return bool(seen.take_unmarked())  # it is there, and not over yet

    assert not asyncio.run(wait())


def test_an_alarm_of_before_is_none_and_one_that_never_comes_is_not_waited_for_long() -> None:
    async def wait() -> float:
        seen, loop = traffic(), asyncio.get_running_loop()
        seen.arrived("webhook", 1, Request("POST", "/hook"), 7.0)
        start = loop.time()
        async with asyncio.timeout(BOUND_S):
            await seen.alarm_since(8.0, 0.1)
        return loop.time() - start

    assert asyncio.run(wait()) >= 0.1


@pytest.mark.parametrize(
    ("waiting", "row_of", "held"),
    [
        pytest.param(("a",), "a", True, id="its-client-waits"),
        pytest.param(("a",), "b", False, id="its-client-has-its-answer"),
        pytest.param(("a",), None, True, id="whose-it-is-nobody-knows"),
        pytest.param((), None, False, id="nobody-waits"),
    ],
)
def test_what_comes_aside_is_held_while_the_client_of_its_call_waits(
    waiting: tuple[str, ...],
    row_of: str | None,
    held: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    async def arrive() -> tuple[bool, bool]:
        seen = traffic()
        marks = {name: seen.marks.make() for name in ("a", "b")}
        for name in waiting:
            seen.asked(marks[name])
        seen.gates.enter("ledger", 1)
        seen.arrived("ledger", 1, in_body(marks[row_of] if row_of else "nobody"), 7.0)
        gate = seen.gates.gate("ledger", 1, ANSWERED)
        before = gate.is_set()
        for name in waiting:
            seen.answered(marks[name])
        return before, gate.is_set()

    before, after = asyncio.run(arrive())
    assert before is not held
    assert after
