"""`check --mode live`: the router between its client and a real Kimi (the offline one), both legs recorded."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.faults.serving import BEHAVIOURS
from suites.selftest.command import run
from suites.selftest.live_router import DAY, cases, checked, verdicts, written
from suites.selftest.offline_kimi import AI, DRAINED, kimi, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from suites.selftest.offline_kimi import Asked

KEY: Final = {"MOONSHOT_API_KEY": AI}
REACHES: Final = "router.gate.each-registered-model-reaches-its-route"


@pytest.fixture
def real() -> Iterator[Asked]:
    """The Kimi that is asked for real."""
    with started(kimi(date.fromisoformat(DAY))) as asked:
        yield asked


def test_the_real_service_is_asked_with_the_routers_own_key_and_both_legs_are_kept(real: Asked, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    done, results = checked(tmp_path, written(tmp_path, real.url), "--mode", "live", "--keep", kept, env=KEY)
    assert (done.code, results["mode"], verdicts(results)[REACHES]) == (0, "live", "pass")
    shown = ("router.response.usage-kept", "router.stream.done-once-and-last", "router.request.history-kept")
    assert {verdicts(results)[name] for name in shown} == {"pass"}
    assert {request.header("authorization") for request in real.requests} == {f"Bearer {AI}"}
    assert {request.header("host") for request in real.requests} == {real.url.removeprefix("http://")}
    lines = [json.loads(line) for line in (kept / "exchanges.jsonl").read_text("utf-8").splitlines()]
    at_kimi = [line for line in lines if line["leg"] == "upstream kimi"]
    assert len({json.dumps(line["exchange"]) for line in at_kimi}) == len(real.requests)
    assert all(line["exchange"]["response"]["status"] in (200, 400) for line in at_kimi)


def test_a_key_from_the_environment_is_in_no_file(real: Asked, tmp_path: Path) -> None:
    words = ("--mode", "live", "--only", REACHES, "--keep", "kept")
    done, _ = checked(tmp_path, written(tmp_path, real.url), *words, env=KEY)
    assert real.requests
    kept = {path.name for path in (tmp_path / "kept").iterdir()}
    assert {"exchanges.jsonl", "reference.json"} <= kept
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and AI.encode() in path.read_bytes()]
    assert AI not in done.out + done.err
    assert "<secret.env.MOONSHOT_API_KEY>" in (tmp_path / "kept" / "reference.json").read_text("utf-8")


def test_how_a_case_was_seen_says_where_and_when(real: Asked, tmp_path: Path) -> None:
    _, results = checked(tmp_path, written(tmp_path, real.url), "--mode", "live", "--only", REACHES, env=KEY)
    [how] = {json.dumps(case["how"]) for case in cases(results, "pass")}
    host = real.url.removeprefix("http://")
    # This machine is nobody's production: what was seen there is modelled.
    assert json.loads(how) == {"mode": "live", "origin": "modelled", "host": host, "model": "kimi-k3", "date": DAY}
    assert results["notes"] == ["not live, but stand-ins of ours: other, ledger"]


def test_what_it_costs_is_said_first_and_the_cap_is_kept(real: Asked, tmp_path: Path) -> None:
    done, results = checked(tmp_path, written(tmp_path, real.url), "--mode", "live", "--cap", "2", env=KEY)
    assert done.err.startswith("live: 2 calls, about 1 min, at most 0.00 USD; --cap 2 is the most\n")
    assert len(real.requests) <= 2
    assert not cases(results, "fail")
    assert "the cap of 2 calls leaves this for another run" in {
        case["message"] for case in cases(results, "not-observed")
    }


def test_what_takes_a_scene_is_not_observed(real: Asked, tmp_path: Path) -> None:
    _, results = checked(tmp_path, written(tmp_path, real.url), "--mode", "live", "--only", "router.error.*", env=KEY)
    assert {case["message"] for case in cases(results, "not-observed")} == {
        "live: it takes an upstream that does as it is told"
    }
    assert not real.requests


def test_an_account_without_funds_ends_the_run(real: Asked, tmp_path: Path) -> None:
    env = {"MOONSHOT_API_KEY": DRAINED}
    words = ("--mode", "live", "--only", "router.request.history-kept")
    done, results = checked(tmp_path, written(tmp_path, real.url), *words, env=env)
    assert len(real.requests) == 1
    assert not cases(results, "fail")
    told = [case["message"] for case in cases(results, "not-observed")]
    assert any("answered exceeded_current_quota_error: the account has no funds" in message for message in told)
    assert done.code in (0, 1)


def test_a_defect_of_the_service_is_seen_through_the_router(tmp_path: Path) -> None:
    with started(BEHAVIOURS["all-401"](kimi(date.fromisoformat(DAY)))) as broken:
        done, results = checked(
            tmp_path, written(tmp_path, broken.url), "--mode", "live", "--only", REACHES, "--cap", "1", env=KEY
        )
    assert (done.code, verdicts(results)[REACHES]) == (1, "fail")
    assert "401" in cases(results, "fail")[0]["findings"][0]["actual"]


def test_a_service_that_is_out_of_order_says_nothing_of_the_router(tmp_path: Path) -> None:
    with started(BEHAVIOURS["all-500"](kimi(date.fromisoformat(DAY)))) as broken:
        _, results = checked(tmp_path, written(tmp_path, broken.url), "--mode", "live", "--only", REACHES, env=KEY)
    assert verdicts(results)[REACHES] == "not-observed"
    assert "answered 500, which says nothing of the router" in cases(results, "not-observed")[0]["message"]


def test_a_service_that_nobody_runs_is_an_infra_error(tmp_path: Path) -> None:
    path = written(tmp_path, "http://127.0.0.1:9")
    done, results = checked(tmp_path, path, "--mode", "live", "--only", REACHES, env=KEY)
    assert (done.code, verdicts(results)[REACHES]) == (3, "infra-error")
    assert "cannot connect to 127.0.0.1:9" in cases(results, "infra-error")[0]["message"]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param(None, "there is no MOONSHOT_API_KEY in the environment, which the profile takes as", id="missing"),
        pytest.param("op://vault/kimi/key", "MOONSHOT_API_KEY is an unresolved 1Password reference", id="reference"),
        pytest.param("sk-\u00e9", "MOONSHOT_API_KEY cannot be sent", id="odd"),
    ],
)
def test_a_key_that_cannot_be_used_is_said_before_anything_is_sent(
    value: str | None, says: str, real: Asked, tmp_path: Path
) -> None:
    done, results = checked(tmp_path, written(tmp_path, real.url), "--mode", "live", env={"MOONSHOT_API_KEY": value})
    assert (done.code, results, real.requests) == (2, {}, [])
    assert done.err.startswith(says)
    assert value is None or value not in done.err


def test_a_profile_without_a_real_service_cannot_be_asked_for_real(tmp_path: Path) -> None:
    done, _ = checked(tmp_path, written(tmp_path, None, "{secret.kimi}"), "--mode", "live")
    assert done.code == 2
    assert "has `live:`" in done.err


def test_the_same_profile_has_no_variables_in_replay(real: Asked, tmp_path: Path) -> None:
    path = written(tmp_path, real.url)
    done, _ = checked(tmp_path, path)
    assert done.code == 2
    assert done.err.startswith("reference.json:1: the placeholder {env.MOONSHOT_API_KEY} has a value in live mode only")
    assert run("explain", path, cwd=tmp_path, env={"MOONSHOT_API_KEY": None}).code == 0
