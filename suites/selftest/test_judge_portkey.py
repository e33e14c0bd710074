"""The judge on retries and fallback that are left to Portkey."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from kimi_conformance.contract.trip import Arrival, Attempt
from kimi_conformance.contract.verdict import Verdict
from suites.selftest.plays import SECTIONS, arrived, ask, findings, profile, trip

LEFT: Final = "router.retry.left-to-portkey"
NAMES: Final = "router.fallback.config-names-fallback"

RETRY: Final = {"on": ["rate_limit"], "retries": 2, "base_ms": 1000, "by": "portkey"}
ROUTES: Final[dict[str, Any]] = {
    **SECTIONS["routes"],
    "kimi": {"upstream": "gateway", "headers": {"x-config": "pc-kimi"}, "fallback": "backup", "retry": RETRY},
    "backup": {"upstream": "gateway", "headers": {"x-portkey-virtual-key": "vk-or"}},
}
PROFILE: Final = profile(routes=ROUTES)
ASKED: Final = ask("kimi-k3")

FIRST, SECOND = "config.targets[0]", "config.targets[1]"
KIMI: Final = Attempt(FIRST, "kimi", "vk-kimi", 0, 429)
BACKUP: Final = Attempt(SECOND, "openrouter", "vk-or", 0, 200)


def tried(*attempts: Attempt, status: int = 200) -> Arrival:
    """A request at the gateway, and the calls that it made for it."""
    return replace(arrived("gateway", {}, status=status), attempts=attempts)


def told(requirement: str, *arrivals: Arrival, status: int | None = 200) -> list[tuple[Verdict, str]]:
    """What the judge says of one call."""
    found = findings(requirement, trip(ASKED, *arrivals, status=status, of=PROFILE), of=PROFILE)
    return [(finding.verdict, finding.message) for finding in found]


@pytest.mark.parametrize(
    ("arrival", "status"),
    [
        pytest.param(tried(KIMI, KIMI, KIMI, BACKUP), 200, id="then-the-fallback"),
        pytest.param(tried(KIMI, replace(KIMI, status=200)), 200, id="served-at-the-second"),
        pytest.param(tried(replace(KIMI, status=200)), 200, id="served-at-once"),
        pytest.param(tried(KIMI, KIMI, KIMI, replace(BACKUP, status=503), status=503), 502, id="all-fail"),
    ],
)
def test_one_request_and_as_many_calls_as_promised_are_right(arrival: Arrival, status: int) -> None:
    assert told(LEFT, arrival, status=status) == []


def test_a_router_that_retries_too_multiplies_the_calls() -> None:
    all_failed = tried(KIMI, KIMI, KIMI, status=429)
    [(verdict, message)] = told(LEFT, all_failed, all_failed, status=429)
    assert verdict is Verdict.FAIL
    assert message.endswith("which has tried again already: 2, for which Portkey called its providers 6 times")


@pytest.mark.parametrize("count", [1, 2, 4])
def test_another_number_of_calls_than_promised_is_a_finding(count: int) -> None:
    [(verdict, message)] = told(LEFT, tried(*[KIMI] * count, BACKUP))
    assert (verdict, message) == (
        Verdict.FAIL,
        f"Portkey calls {FIRST} (vk-kimi) {count} times, where the profile promises 3",
    )


@pytest.mark.parametrize(("at_portkey", "at_client"), [(200, 502), (200, None), (429, 200)])
def test_the_client_fares_as_the_router_did(at_portkey: int, at_client: int | None) -> None:
    served = replace(KIMI, status=at_portkey)
    arrival = tried(*[served] * (1 if at_portkey == 200 else 3), status=at_portkey)
    [(verdict, message)] = told(LEFT, arrival, status=at_client)
    assert verdict is Verdict.FAIL
    assert message.startswith(f"Portkey answered {at_portkey}, and the client got")


def test_an_answer_that_was_cut_shows_nothing() -> None:
    arrival = tried(replace(KIMI, status=200))
    cut = replace(arrival, exchange=replace(arrival.exchange, error="closed: by the script, after 3 bytes"))
    assert [verdict for verdict, _ in told(LEFT, cut)] == [Verdict.NOT_OBSERVED]


@pytest.mark.parametrize("requirement", [LEFT, NAMES])
def test_a_config_that_leads_nowhere_is_told_with_portkeys_words(requirement: str) -> None:
    lost = arrived("gateway", {}, status=400, answer=b"Portkey Error: Invalid config id passed: pc")
    assert told(requirement, lost, status=400) == [
        (Verdict.FAIL, "Portkey called no provider: Portkey Error: Invalid config id passed: pc")
    ]


@pytest.mark.parametrize("requirement", [LEFT, NAMES])
def test_nothing_seen_is_never_a_pass(requirement: str) -> None:
    assert [verdict for verdict, _ in told(requirement, status=502)] == [Verdict.FAIL]


def test_kimi_first_and_then_the_fallback_is_right() -> None:
    assert told(NAMES, tried(KIMI, KIMI, KIMI, BACKUP)) == []


@pytest.mark.parametrize(
    ("attempts", "message"),
    [
        pytest.param(
            (KIMI, KIMI, KIMI),
            "the config has nothing after config.targets[0] (vk-kimi): where that fails, so does the call",
            id="one-target",
        ),
        pytest.param(
            (KIMI, replace(BACKUP, key=None, provider="anthropic")),
            "the fallback of Portkey's config is config.targets[1] (anthropic)",
            id="another-fallback",
        ),
        pytest.param(
            (replace(BACKUP, option=FIRST, key=None, status=500), replace(BACKUP, option=SECOND)),
            "for kimi-k3 Portkey calls config.targets[0] (openrouter) first",
            id="kimi-not-first",
        ),
    ],
)
def test_a_config_without_both_in_order_is_a_finding(attempts: tuple[Attempt, ...], message: str) -> None:
    assert told(NAMES, tried(*attempts)) == [(Verdict.FAIL, message)]
