"""The judge on retries and fallback that are left to Portkey."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import Arrival, Attempt
from kimi_conformance.contract.verdict import Verdict
from suites.selftest.plays import SECTIONS, arrived, ask, findings, in_brief, profile, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile

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


# findings whole

FAIL, UNSEEN, CONFIG = Verdict.FAIL, Verdict.NOT_OBSERVED, "Portkey's config"
OK: Final = replace(KIMI, status=200)


def brief(
    requirement: str,
    *arrivals: Arrival,
    status: int | None = 200,
    error: str | None = None,
    of: Profile = PROFILE,
    model: str = "kimi-k3",
) -> list[tuple[Verdict, str, str, str]]:
    """What the judge finds in one call: verdict, expected, actual, where."""
    return in_brief(requirement, trip(ask(model), *arrivals, status=status, error=error, of=of), of=of)


def falling_back(headers: dict[str, str] | None = None, **kimi: Any) -> Profile:
    """A profile whose fallback is marked so, and whose first route has these members more."""
    routes = {**ROUTES, "kimi": {**ROUTES["kimi"], **kimi}}
    routes["backup"] = {"upstream": "gateway", "headers": headers or ROUTES["backup"]["headers"]}
    policy = {**SECTIONS["policy"], "models": {"kimi-k3": "kimi", "acme-1": "kimi"}, "default": None}
    return profile(routes=routes, policy=policy)


def test_of_several_requests_the_first_shows_the_config_and_the_last_what_the_client_gets() -> None:
    first, last = tried(KIMI, KIMI, KIMI, BACKUP, status=429), tried(KIMI)
    again = (FAIL, "one request to Portkey", "2, for which Portkey called its providers 5 times", "upstream")
    assert brief(LEFT, first, last) == [again]
    assert brief(NAMES, first, last) == []
    assert brief(NAMES, first, tried()) == []
    for requirement in (LEFT, NAMES):
        assert brief(requirement, first, last, status=502)[-1] == (FAIL, "200", "502", "client response")


def test_calls_are_counted_up_to_the_next_target() -> None:
    wrong = tried(KIMI, replace(KIMI, status=400), BACKUP, KIMI)
    assert brief(LEFT, wrong) == [(FAIL, f"3 calls of {FIRST} (vk-kimi)", "2: 429, 400", CONFIG)]


def test_without_a_promise_of_retries_there_is_one_call() -> None:
    once = falling_back(retry=None)
    assert brief(LEFT, tried(KIMI, BACKUP), of=once) == []
    assert brief(LEFT, tried(KIMI, OK), of=once) == [(FAIL, f"1 calls of {FIRST} (vk-kimi)", "2: 429, 200", CONFIG)]


@pytest.mark.parametrize("requirement", [LEFT, NAMES])
def test_an_answer_of_portkeys_that_never_ended_is_told(requirement: str) -> None:
    whole = tried(KIMI, KIMI, KIMI, BACKUP)
    cut = replace(whole, exchange=replace(whole.exchange, error="closed: cut"))
    assert brief(requirement, cut) == [(UNSEEN, "an answer", "closed: cut", "upstream")]
    silent = replace(arrived("gateway", {}, status=None), attempts=whole.attempts)
    assert brief(requirement, silent) == [(UNSEEN, "an answer", "None", "upstream")]


@pytest.mark.parametrize("requirement", [LEFT, NAMES])
def test_a_client_without_an_answer_is_told_with_its_error(requirement: str) -> None:
    whole = tried(KIMI, KIMI, KIMI, BACKUP)
    assert brief(requirement, whole, status=None, error="reset: by peer") == [
        (FAIL, "200", "reset: by peer", "client response")
    ]


@pytest.mark.parametrize("requirement", [LEFT, NAMES])
def test_portkeys_own_words_are_shown_by_their_beginning(requirement: str) -> None:
    said = b"\xff" + b"a" * 200
    lost = arrived("gateway", {}, status=400, answer=said)
    assert brief(requirement, lost, status=400) == [
        (FAIL, "a call of a provider", "\\xff" + "a" * 159, "upstream"),
    ]
    silent = arrived("gateway", {}, status=None)
    broken = replace(silent, exchange=replace(silent.exchange, error="closed: early"))
    assert brief(requirement, broken)[0] == (FAIL, "a call of a provider", "closed: early", "upstream")


def test_only_a_model_of_kimis_has_to_be_called_at_kimi_first() -> None:
    other = tried(replace(BACKUP, option=FIRST, status=500), BACKUP)
    assert brief(NAMES, other, of=falling_back(), model="acme-1") == []
    first = (FAIL, "first Kimi", f"{FIRST} (vk-or)", CONFIG)
    assert brief(NAMES, other, of=falling_back()) == [first]
    for provider in ("kimi", "moonshot"):
        assert brief(NAMES, tried(replace(KIMI, provider=provider), BACKUP), of=falling_back()) == []


PROVIDER, KEY = "X-Portkey-Provider", "X-Portkey-Virtual-Key"


@pytest.mark.parametrize(
    ("headers", "then"),
    [
        pytest.param({KEY: "vk-or"}, "", id="its-key"),
        pytest.param({PROVIDER: "openrouter"}, "", id="its-provider"),
        pytest.param({PROVIDER: "@vk-or"}, "", id="its-key-as-a-provider"),
        pytest.param({KEY: "vk-or", PROVIDER: "openrouter"}, "", id="both"),
        pytest.param({"x-config": "pc-2"}, "", id="neither-is-told"),
        pytest.param({KEY: "vk-2"}, "vk-2", id="another-key"),
        pytest.param({PROVIDER: "anthropic"}, "anthropic", id="another-provider"),
        pytest.param({PROVIDER: "@vk-2"}, "@vk-2", id="another-key-as-a-provider"),
        pytest.param({KEY: "vk-2", PROVIDER: "openrouter"}, "vk-2, openrouter", id="one-of-two"),
        pytest.param({KEY: "vk-or", PROVIDER: "anthropic"}, "vk-or, anthropic", id="the-other-of-two"),
    ],
)
def test_the_second_target_is_where_the_fallback_leads(headers: dict[str, str], then: str) -> None:
    due = [(FAIL, f"then {then}", f"{SECOND} (vk-or)", CONFIG)] if then else []
    assert brief(NAMES, tried(KIMI, BACKUP), of=falling_back(headers)) == due
    marks = ", ".join(headers.values())
    assert brief(NAMES, tried(KIMI), of=falling_back(headers)) == [(FAIL, f"then {marks}", "no other target", CONFIG)]


@pytest.mark.parametrize("requirement", [LEFT, NAMES])
def test_a_case_is_about_a_call_that_is_routed(requirement: str) -> None:
    with pytest.raises(TypeError, match="model is not routed"):
        brief(requirement, tried(KIMI), of=falling_back(), model="kimi-nobodys")
