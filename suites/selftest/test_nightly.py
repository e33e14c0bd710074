"""Nights as a user starts them, one after the other into one folder, against the offline Kimi over real sockets."""

from __future__ import annotations

import json
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.judge.discord import all_text, breaches
from kimi_conformance.upstream.script import Pause, Script, json_answer
from suites.selftest.command import left_over, start, wait_for
from suites.selftest.drift_serving import spoilt
from suites.selftest.nights import TODAY
from suites.selftest.offline_kimi import KEYS, at, kimi, started

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.exchange import Request
    from suites.selftest.command import Done

LONGEST_S: Final = 300.0
ONLY: Final = ("--only", "api.usage.present", "--only", "api.models.shape", "--only", "api.auth.invalid-key-401")
WRITTEN: Final = {
    "night.json",
    "summary.md",
    "results.json",
    "report.html",
    "badge.svg",
    "badge.json",
    "drift.md",
    "drift.json",
    "plan.json",
    "API.md",
}


def night(folder: Path, *words: str, env: Mapping[str, str | None]) -> tuple[Done, Any]:
    """A night, and its night.json."""
    done = start("nightly", *ONLY, "--webhook", "HOOK", *words, cwd=folder, env=env).end(LONGEST_S)
    assert "Traceback" not in done.err
    return done, json.loads((folder / "night" / "night.json").read_text("utf-8"))


def codes(found: Any) -> dict[str, int]:
    return {step["name"]: step["code"] for step in found["steps"]}


def history(folder: Path) -> list[Any]:
    return [json.loads(line) for line in (folder / "history.jsonl").read_text("utf-8").splitlines()]


def test_four_nights(tmp_path: Path) -> None:
    told: list[Request] = []

    def hook(request: Request) -> Script:
        told.append(request)
        return json_answer(204, {})

    with started(hook) as webhook:
        to = {"HOOK": f"{webhook.url}/api/a-secret"}

        with started(kimi(TODAY)) as ai:  # all is well, and silent
            done, found = night(tmp_path, "--new-history", env=at(ai.url) | to)
            sent = [line for line in ai.lines if line != "GET /v1/users/me/balance"]
        assert (done.code, done.out, told) == (0, "", []), done.err
        assert set(codes(found).values()) == {0}
        assert {path.name for path in (tmp_path / "night").iterdir()} >= WRITTEN
        assert found["told"]["asked"] == len(sent) - 1  # plan asks for the models, too; no call is made twice
        assert found["told"]["compared"] == found["told"]["asked"]
        assert json.loads((tmp_path / "verification.json").read_text("utf-8"))["api.usage.present"]["held"] == str(
            TODAY
        )

        with started(spoilt("usage-missing")) as ai:  # something broke
            done, found = night(tmp_path, env=at(ai.url) | to)
        assert done.code == 1, done.err
        assert {name for name, code in codes(found).items() if code} == {"verify", "drift"}
        assert "api.usage.present" in found["told"]["failing"]
        assert "/usage" in found["told"]["breaking"]
        message = json.loads(told.pop().body)
        assert list(breaches(message)) == []
        assert "Something does not hold" in all_text(message)
        assert f"New since {TODAY}: api." in all_text(message)
        page = (tmp_path / "night" / "summary.md").read_text("utf-8")
        assert "## Breaking drift" in page
        assert f"| {TODAY} " in page

        done, found = night(tmp_path, env=at("http://127.0.0.1:1", MOONSHOT_API_KEY=None) | to)  # no key
        assert done.code == 2
        assert codes(found) == {"plan": 2, "verify": 0, "drift": 0, "docs": 0, "history": 0, "webhook": 0}
        assert "no MOONSHOT_API_KEY in the environment" in all_text(json.loads(told.pop().body))
        assert not (tmp_path / "night" / "results.json").exists()  # that of the night before is gone
        assert list((tmp_path / "night").rglob("*.yaml")) == []

    done, found = night(
        tmp_path, env=at("http://127.0.0.1:1", MOONSHOT_API_KEY_CN=None) | to
    )  # nobody is there, nor is the webhook
    assert done.code == 3
    assert {name: code for name, code in codes(found).items() if code} == {"verify": 3, "drift": 3}
    assert found["steps"][-1]["says"].endswith("ConnectError")
    assert "nothing was seen to hold: " in done.err
    assert "no answer" in next(step["says"] for step in found["steps"] if step["name"] == "verify")

    assert [each["code"] for each in history(tmp_path)] == [0, 1, 2, 3]
    texts = [done.err, *(path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file())]
    assert not any(secret in text for text in texts for secret in (*KEYS.values(), "a-secret"))


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which processes are left")
def test_ctrl_c_in_a_night_leaves_what_was_seen_and_no_process(tmp_path: Path) -> None:
    healthy, reached, goon = kimi(TODAY), threading.Event(), threading.Event()

    def slow(request: Request) -> Script:
        if b"stream" in request.body:
            reached.set()
            goon.wait(60)
        return healthy(request)

    with started(slow) as ai:
        words = ("nightly", "--new-history", "--only", "api.models.shape", "--only", "api.stream.*")
        going = start(*words, cwd=tmp_path, env=at(ai.url))
        wait_for(reached.is_set, 120)
        going.process.send_signal(signal.SIGINT)
        done = going.end(LONGEST_S)
        goon.set()
    found = json.loads((tmp_path / "night" / "night.json").read_text("utf-8"))
    assert (done.code, "Traceback" in done.err) == (130, False)
    assert [(step["name"], step["outcome"]) for step in found["steps"]] == [
        ("plan", "done"), ("verify", "interrupted"), ("history", "done"),
    ]  # fmt: skip
    assert found["told"]["asked"] >= 1
    assert (tmp_path / "night" / "results.json").exists()
    assert list((tmp_path / "night" / "seen").rglob("*.yaml"))
    assert left_over(going.mark, 30) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which processes are left")
def test_a_night_that_is_killed_takes_its_step_along(tmp_path: Path) -> None:
    reached = threading.Event()

    def deaf(_: Request) -> Script:
        reached.set()
        return Script(200, before=(Pause(60),))

    with started(deaf) as ai:
        going = start("nightly", "--new-history", "--smoke", cwd=tmp_path, env=at(ai.url))
        wait_for(reached.is_set, 120)
        going.process.kill()
        assert left_over(going.mark, 30) == []
        going.end()
