"""The alerts of the reference router: what they say, how often, and that nobody waits for them."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.judge.discord import breaches
from kimi_conformance.reference.alerts import MESSAGE, Episodes, limited
from suites.selftest.reference_bench import OK, ask, bench, hang_up, run

if TYPE_CHECKING:
    from suites.selftest.reference_bench import Bench

DIRECT = b'{"model":"kimi-k3.1-pro-highspeed","messages":[]}'


def limit(kind: str = "exceeded_current_quota_error", message: str = "recharge", status: int = 429) -> Any:
    """An upstream that answers so."""
    body = json.dumps({"error": {"type": kind, "message": message}}).encode()
    head = f"HTTP/1.1 {status} No\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head + body)

    return answer


async def alert(made: Bench) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((await made.alerts.get()).body)
    return said


def test_an_alert_says_what_happened_to_what_and_what_to_do() -> None:
    async def story() -> None:
        async with bench(limit()) as made:
            call = ask(made.app, headers={"x-agent-id": "dispo", "x-trace-id": "trace-1"})
            assert (await call.answer())[0] == 429
            said = await alert(made)
            assert said["allowed_mentions"] == {"parse": []}
            assert said["content"] == (
                "**429 exceeded_current_quota_error** on `kimi-k3`: the balance is used up: recharge the account\n"
                "agent dispo, trace trace-1\n"
                "> recharge"
            )

    run(story())


def test_an_alert_fits_whatever_others_write() -> None:
    async def story() -> None:
        async with bench(limit(message="x" * 9000)) as made:
            status, _, body = await ask(made.app, headers={"x-agent-id": "a" * 3000}).answer()
            assert (status, len(json.loads(body)["error"]["message"])) == (429, 9000)
            said = await alert(made)
            assert list(breaches(said)) == []
            assert said["content"].endswith("x" * MESSAGE)

    run(story())


def test_the_same_again_is_no_news_and_another_model_is() -> None:
    async def story() -> None:
        async with bench(limit()) as made:
            for _ in range(3):
                await ask(made.app).answer()
            await ask(made.app, DIRECT).answer()
            assert "`kimi-k3`" in (await alert(made))["content"]
            assert "`kimi-k3.1-pro-highspeed`" in (await alert(made))["content"]
            assert made.alerts.empty()

    run(story())


@pytest.mark.parametrize("behave", [None, limit(status=400), limit(status=503)], ids=["served", "400", "503"])
def test_what_is_no_limit_raises_no_alert(behave: Any) -> None:
    async def story() -> None:
        async with bench(*([behave] if behave else [])) as made:
            await ask(made.app, DIRECT).answer()
            await made.row()
        assert made.alerts.empty()

    run(story())


def test_a_webhook_that_never_answers_keeps_nobody_waiting() -> None:
    async def story() -> None:
        enough = asyncio.Event()

        async def dawdle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await enough.wait()
            writer.write(OK)

        async with bench(limit(), webhook=dawdle) as made:
            assert (await ask(made.app).answer())[0] == 429
            await made.alerts.get()
            enough.set()

    run(story())


def test_a_lost_alert_is_told_in_the_log_without_the_hook(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with bench(limit(), webhook=hang_up) as made:
            assert (await ask(made.app).answer())[0] == 429

    with caplog.at_level(logging.WARNING):
        run(story())
    assert "an alert is lost" in caplog.text
    assert "/alerts" not in caplog.text


def test_without_a_webhook_nobody_is_told() -> None:
    async def story() -> None:
        async with bench(limit(), alerts=None) as made:
            assert (await ask(made.app).answer())[0] == 429
            await made.row()
        assert made.alerts.empty()

    run(story())


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"error": "x"}', b'{"error": {"type": 1}}', b"\xff", b"[" * 100_000]
)
def test_an_error_that_cannot_be_read_is_a_limit_all_the_same(body: bytes) -> None:
    assert (limited(429, body).status, limited(429, body).message) == (429, "")


def test_an_episode_ends_by_itself() -> None:
    episodes = Episodes()
    assert [episodes.begins("a", 60.0), episodes.begins("a", 60.0), episodes.begins("b", 60.0)] == [True, False, True]
    assert episodes.begins("a", 0.0)
