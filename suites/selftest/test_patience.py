"""How long a client waits: the profile's bound; where an upstream is ill, as long as all that is promised may take."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.scene import HEALTHY, Scene
from kimi_conformance.judge.patience import SLACK_S, patience_s
from suites.selftest.plays import SECTIONS, ask, profile

ILL: Final = Scene(("slow-head",))
LIMITS: Final = {"answer_s": 3, "stream_gap_s": 2}
RETRY: Final = {"on": ["rate_limit"], "retries": 3, "base_ms": 1000}


def waits(scene: Scene, **kimi: Any) -> float:
    """For how long, where the route of the model has these members, too."""
    routes = {**SECTIONS["routes"], "kimi": {**SECTIONS["routes"]["kimi"], **kimi}}
    return patience_s(ask("kimi-k3", scene=scene), profile(limits=LIMITS, routes=routes))


def test_where_all_is_well_the_bound_is_the_profile_s() -> None:
    assert waits(Scene(), retry=RETRY, fallback="default") == 3


@pytest.mark.parametrize("scene", [ILL, Scene(("500", HEALTHY)), Scene(others="500"), Scene(ledger="500")])
def test_a_router_that_tries_once_has_its_bound_a_gap_and_some_slack(scene: Scene) -> None:
    assert waits(scene) == 3 + 2 + SLACK_S


def test_a_ledger_that_is_ill_makes_no_second_attempt() -> None:
    assert waits(Scene(ledger="aside-held"), retry=RETRY, fallback="default") == 3 + 2 + SLACK_S


@pytest.mark.parametrize(
    ("retry", "pauses_s"),
    [
        pytest.param({}, 2 * (1 + 2 + 4), id="exponential"),
        pytest.param({"backoff": "fixed"}, 2 * 3, id="fixed"),
    ],
)
def test_every_attempt_that_is_promised_has_the_bound_and_its_pause(retry: dict[str, Any], pauses_s: float) -> None:
    assert waits(ILL, retry=RETRY | retry) == 4 * 3 + pauses_s + 2 + SLACK_S


def test_a_fallback_is_one_more_attempt_with_retries_of_its_own() -> None:
    assert waits(ILL, retry=RETRY | {"retries": 0}, fallback="default") == 2 * 3 + 2 + SLACK_S


def test_what_must_be_refused_has_the_bound() -> None:
    refuses = profile(limits=LIMITS, policy={"models": {"kimi-k3": "kimi"}})
    assert patience_s(ask("nobodys", scene=ILL), refuses) == 3
