"""`kimi-conformance plan`: what a live run would send and cost, told before anything is sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.api.budget import Budget, afford, askable
from kimi_conformance.api.forecast import forecast
from suites.selftest.command import run
from suites.selftest.nights import TODAY, around, live, night, plan
from suites.selftest.offline_kimi import NO_SETTINGS, at, kimi, started

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.api.forecast import Forecast

HERE = at("http://127.0.0.1:1", "http://127.0.0.1:2")
ORIGIN = "https://api.moonshot.ai"
OPTIONAL = ("MOONSHOT_API_KEY_CN", "MOONSHOT_API_KEY_DRAINED", "KIMI_CODE_API_KEY")
NO_MORE: Mapping[str, None] = dict.fromkeys(OPTIONAL)


def told(budget: Budget, pace_s: float = 0.0) -> Forecast:
    return forecast(budget, plan(), around(HERE), pace_s=pace_s, ask=False)


def of(*names: str) -> Budget:
    """A budget for these calls, and no case."""
    return Budget((), (), tuple(plan().calls[name] for name in names))


def test_it_tells_balance_models_calls_minutes_price_and_missing_keys_by_two_requests(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        done = run("plan", cwd=tmp_path, env=at(server.url, KIMI_CODE_API_KEY=None))
    said = " ".join(done.out.split())
    assert done.code == 0, done.err
    assert server.lines == ["GET /v1/users/me/balance", "GET /v1/models"]
    assert "balance available 49.5889" in said
    assert "kimi-k3" in said
    assert "tier the API does not tell" in said
    assert re.search(r"calls [1-6]\d, for \d+ cases; \d+ more cases would be over the cap", said)
    assert re.search(r"takes about \d+ min", said)
    assert re.search(r"price at most \d+\.\d\d USD", said)
    assert "KIMI_CODE_API_KEY: what needs it is not observed" in said
    assert "MOONSHOT_API_KEY_CN:" not in said


def test_offline_it_asks_nothing(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        done = run("plan", "--offline", cwd=tmp_path, env=at(server.url))
    assert done.code == 0, done.err
    assert server.lines == []
    assert "balance" not in done.out
    assert "calls" in done.out


def test_offline_it_needs_no_key(tmp_path: Path) -> None:
    with_key, without = (
        run("plan", "--offline", cwd=tmp_path, env=env)
        for env in (at(ORIGIN, "https://api.moonshot.cn", **NO_MORE), NO_SETTINGS)
    )
    assert (without.code, without.err) == (0, "")
    assert without.out == with_key.out


def test_a_host_that_does_not_answer_is_told() -> None:
    found = forecast(of(), plan(), around(HERE), pace_s=0.0, ask=True)
    assert [said.split(":")[:2] for _, said in found.account[:2]] == [["not told", " no answer, refused"]] * 2


def test_with_one_address_for_both_hosts_the_other_one_is_not_asked(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        see = live(at(server.url), tmp_path)
        night(see)
        budget = afford(askable(list(plan().cases.values())), 300, see.around)
    assert len(server.requests) == len(budget.calls)
    assert {call.host for call in budget.calls} == {"platform-ai", "coding"}


@pytest.mark.parametrize(("absent", "cap"), [((), 20), (OPTIONAL[:1], 60), (OPTIONAL, 60), (OPTIONAL[1:], 300)])
def test_verify_sends_the_calls_that_were_told(absent: tuple[str, ...], cap: int, tmp_path: Path) -> None:
    with started(kimi(TODAY)) as ai, started(kimi(TODAY, "platform-cn")) as cn:
        environment = at(ai.url, cn.url, **dict.fromkeys(absent))
        see = live(environment, tmp_path, cap=cap)
        budget = afford(askable(list(plan().cases.values())), cap, see.around)
        night(see)
        sent = len(ai.requests) + len(cn.requests)
    found = forecast(budget, plan(), see.around, pace_s=0.0, ask=False)
    assert sent == see.sent == len(found.calls) <= cap
    assert {call.name for call in found.calls} == {name for name, _ in see.seen}
    assert found.missing == (tuple(sorted(absent)) if cap == 300 else found.missing)
    assert set(found.missing) <= set(absent)


def test_an_answer_costs_its_prompt_and_its_bound_at_the_price_of_its_model() -> None:
    price = plan().contract.catalogue.models["kimi-k3"].price
    assert price is not None
    assert told(of("chat/kimi-k3-hello")).usd == pytest.approx((200 * price.miss + 64 * price.out) / 1e6)


def test_refusals_and_lists_cost_nothing() -> None:
    free = told(of("hosts/models-ai", "hosts/chat-ai-no-key", "limits/quota-drained", "files/list"))
    assert (free.usd, free.unpriced) == (0.0, 0)


def test_a_model_without_a_price_is_counted_apart() -> None:
    found = told(of("coding/chat"))
    assert (found.usd, found.unpriced) == (0.0, 1)


def test_the_pace_makes_the_minutes() -> None:
    budget = of("hosts/models-ai", "hosts/models-ai-no-key", "chat/kimi-k3-hello")
    assert told(budget, pace_s=22.0).minutes == pytest.approx(1.1)
    assert told(budget).minutes == pytest.approx(0.1)
