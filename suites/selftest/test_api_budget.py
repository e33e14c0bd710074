"""Budgets: what comes first, what the cap leaves out, and how many nights it takes to ask everything."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.api.budget import PINS, afford, askable, pace_of, sent_for, smoke
from kimi_conformance.api.verification import noted
from suites.selftest.nights import TODAY, around, live, night, plan
from suites.selftest.offline_kimi import AI, KEYS, at, kimi, started

if TYPE_CHECKING:
    from pathlib import Path

HERE = at("http://127.0.0.1:1", "http://127.0.0.1:2")
KIMI = {"MOONSHOT_API_KEY": AI}
CASES = tuple(plan().cases.values())


def test_what_the_cap_leaves_out_is_neither_asked_nor_counted() -> None:
    budget = afford(askable(CASES), 60, around(HERE))
    sent = {call.name for case in budget.asked for call in sent_for(case, around(HERE))}
    assert len(budget.calls) <= 60
    assert {call.name for call in budget.calls} == sent
    assert {case.id for case in (*budget.asked, *budget.over)} == {case.id for case in askable(CASES)}
    assert not set(budget.asked) & set(budget.over)


def test_pins_come_first_and_deletions_last() -> None:
    asked = afford(askable(CASES), 300, around(HERE)).asked
    pins = [case.requirement.startswith(PINS) for case in asked]
    deletions = [any(call.method == "DELETE" for call in case.calls) for case in asked]
    assert pins == sorted(pins, reverse=True)
    assert deletions == sorted(deletions)
    assert any(deletions)


def test_what_a_night_uploads_it_deletes() -> None:
    for cap in range(30, 110, 5):
        names = {call.name for call in afford(askable(CASES), cap, around(HERE)).calls}
        assert ("files/upload" in names) == ("files/delete" in names)


def test_every_pin_fits_into_a_night() -> None:
    over = afford(askable(CASES), 60, around(HERE)).over
    assert [case.id for case in over if case.requirement.startswith(PINS)] == []


def test_what_held_longest_ago_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "v.json"
    names = [name for name in plan().requirements if not name.startswith(PINS) and name not in plan().idle]
    days = {name: TODAY - timedelta(days=n) for n, name in enumerate(names[1:])}
    entry = {"where": "api.moonshot.ai", "suite": "0.1.0"}
    file.write_text(json.dumps({name: {**entry, "held": str(day)} for name, day in days.items()}), "utf-8")
    asked = afford(askable(CASES), 300, around(HERE), file).asked
    order = list(dict.fromkeys(case.requirement for case in asked if case.requirement in {names[0], *days}))
    deleting = {case.requirement for case in CASES if any(call.method == "DELETE" for call in case.calls)}
    kept = [name for name in order if name not in deleting]
    assert kept[0] == names[0]
    assert kept[1:] == [name for name in sorted(days, key=lambda name: days[name]) if name in kept]


def test_four_nights_of_sixty_calls_see_all_that_can_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "v.json"
    possible = {case.requirement for case in CASES if not any(call.past for call in case.all_calls)}
    with started(kimi(TODAY)) as ai, started(kimi(TODAY, "platform-cn")) as cn:
        for turn in range(4):
            see = live(at(ai.url, cn.url), tmp_path / str(turn), cap=60)
            trials = night(see, file)
            assert see.sent <= 60
            file.write_bytes(noted(file, trials, see))
            tried = {trial.case.requirement for trial in trials}
            possible -= tried
    assert possible == set()


def test_what_nobody_can_ask_for_is_tried_only_where_there_is_nothing_else() -> None:
    chosen = askable(CASES)
    past = {case.requirement for case in chosen if any(call.past for call in case.all_calls)}
    assert past
    assert not past & {case.requirement for case in chosen if not any(call.past for call in case.all_calls)}
    assert {case.requirement for case in chosen} == {case.requirement for case in CASES}


def test_a_case_without_its_key_costs_only_what_is_asked_before_it() -> None:
    case = plan().cases["api.hosts.cn-key-on-ai-401@face=models"]
    assert [call.name for call in sent_for(case, around(HERE))] == ["hosts/models-cn", "hosts/models-ai-cn-key"]
    assert list(sent_for(case, around({**HERE, "MOONSHOT_API_KEY_CN": None}))) == []


def test_a_smoke_test_is_three_calls() -> None:
    budget = afford(smoke(CASES), 300, around(HERE))
    assert len(budget.calls) == 3


@pytest.mark.parametrize(
    ("environment", "rpm", "pace_s"),
    [
        pytest.param(KIMI, None, 22.0, id="kimi itself: as slow as tier 0 needs it"),
        pytest.param(KIMI, 60.0, 1.1, id="kimi itself, on a higher tier"),
        pytest.param({**KIMI, "KIMI_BASE_URL": "https://proxy.example/v1"}, None, 22.0, id="another host"),
        pytest.param({**KIMI, "KIMI_BASE_URL": "http://127.0.0.1:8080"}, None, 0.0, id="this machine: at once"),
        pytest.param({**KIMI, "KIMI_BASE_URL": "http://[::1]:8080/v1"}, None, 0.0, id="this machine by IPv6"),
        pytest.param({**KIMI, "KIMI_BASE_URL": "http://localhost:8080"}, 6.0, 11.0, id="this machine, when asked"),
        pytest.param(
            {**KEYS, "KIMI_BASE_URL": "http://127.0.0.1:1", "KIMI_BASE_URL_CN": "https://api.moonshot.cn"},
            None,
            22.0,
            id="one host of two is not this machine",
        ),
    ],
)
def test_calls_follow_each_other_as_slowly_as_the_account_needs_it(
    environment: dict[str, str], rpm: float | None, pace_s: float
) -> None:
    assert pace_of(around(environment), rpm) == pytest.approx(pace_s)
