"""The rows that the reference router writes to its ledger."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from suites.selftest.reference_bench import KEY, OK, ask, bench, hang_up, run, talk_nonsense


def test_the_row_says_what_became_of_the_call() -> None:
    async def story() -> None:
        async with bench() as made:
            await ask(made.app, headers={"x-agent-id": "dispo", "x-trace-id": "trace-1"}).answer()
            assert await made.row() == {
                "trace_id": "trace-1",
                "agent_id": "dispo",
                "model": "kimi-k3",
                "status": 200,
                "tier": "specialty",
                "attempts": 1,
            }

    run(story())


def test_a_refused_call_has_no_row() -> None:
    async def story() -> None:
        async with bench() as made:
            await ask(made.app, b'{"model":3}').answer()
            await ask(made.app).answer()
            assert (await made.row())["model"] == "kimi-k3"
            assert made.rows.empty()

    run(story())


def test_a_ledger_keeps_no_call_waiting_but_the_end_waits_for_the_ledger() -> None:
    async def story() -> None:
        enough = asyncio.Event()
        written: list[bool] = []

        async def dawdle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await enough.wait()
            writer.write(OK)
            written.append(True)

        async with bench(ledger=dawdle) as made:
            for _ in range(3):
                assert (await ask(made.app).answer())[0] == 200
                await made.rows.get()
            assert not written
            enough.set()
        assert written == [True] * 3

    run(story())


@pytest.mark.parametrize(
    ("ledger", "said"), [(hang_up, "row of trace-1 is lost"), (talk_nonsense, "row of trace-1 is lost")]
)
def test_a_lost_row_is_told_in_the_log(ledger: Any, said: str, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with bench(ledger=ledger) as made:
            assert (await ask(made.app, headers={"x-trace-id": "trace-1"}).answer())[0] == 200

    with caplog.at_level(logging.WARNING):
        run(story())
    assert said in caplog.text
    assert KEY not in caplog.text
