"""`drift` as a user starts it, against the offline Kimi: healthy, with a defect, without funds, and where nobody is."""

from __future__ import annotations

import json
import signal
import threading
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

import pytest
import typer
from typer.testing import CliRunner

from kimi_conformance.cassette.shelf import names
from kimi_conformance.cli.drift import drift
from kimi_conformance.contract.asked import FILE
from kimi_conformance.judge.discord import all_text, breaches
from kimi_conformance.upstream.script import json_answer
from suites.selftest.command import Done, run, start, wait_for
from suites.selftest.drift_serving import spoilt
from suites.selftest.nights import TODAY
from suites.selftest.offline_kimi import AI, KEYS, at, kimi, started

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.exchange import Request
    from kimi_conformance.upstream.script import Script

APP: Final = typer.Typer(rich_markup_mode=None)
APP.command("drift")(drift)
WORDS: Final = ("--cap", "300", "--json", "d.json", "--markdown", "d.md", "--keep", "kept")


def inside(folder: Path, *words: str, env: Mapping[str, str | None]) -> Done:
    """The command in this process, which is quicker; paths in `words` are those of `folder`."""
    placed = [str(folder / word) if word in {"d.json", "d.md", "kept"} else word for word in words]
    done = CliRunner().invoke(APP, placed, env=env, catch_exceptions=False)
    return Done(done.exit_code, done.stdout, done.stderr, 0.0)


def found(folder: Path) -> Any:
    return json.loads((folder / "d.json").read_text("utf-8"))


def nothing_secret(folder: Path, done: Done) -> bool:
    """Whether no key stands in what the command wrote and said."""
    texts = [done.out, done.err, *(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())]
    return not any(key in text for key in KEYS.values() for text in texts)


def test_a_healthy_kimi_has_no_breaking_drift(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as ai, started(kimi(TODAY, "platform-cn")) as cn:
        done = run("drift", *WORDS, cwd=tmp_path, env=at(ai.url, cn.url))
    assert done.code == 0, done.out
    assert done.out.startswith("NO BREAKING DRIFT")
    assert "takes" in done.err
    report = found(tmp_path)
    assert report["totals"]["breaking"] == report["totals"]["wording"] == 0
    assert len(report["compared"]) == len(names(tmp_path / "kept")) > 100
    assert {one["why"] for one in report["not_compared"]} == {
        "nobody can ask for this at will: replay has what is known"
    }
    assert {one["means"] for each in report["differences"] for one in each["shown"]} == {"not-about-kimi"}
    assert nothing_secret(tmp_path, done)


def test_a_defect_is_breaking_and_the_webhook_is_told(tmp_path: Path) -> None:
    told: list[Request] = []

    def hook(request: Request) -> Script:
        told.append(request)
        return json_answer(204, {})

    with started(spoilt("usage-missing")) as ai, started(hook) as webhook:
        env = at(ai.url, MOONSHOT_API_KEY_CN=None) | {"HOOK": f"{webhook.url}/a-secret"}
        done = inside(tmp_path, *WORDS, "--webhook", "HOOK", "--only", "chat/*", env=env)
    assert done.code == 1, done.out
    assert "BREAKING  /usage is gone, which every client may rely on" in done.out
    (request,) = told
    message = json.loads(request.body)
    assert list(breaches(message)) == []
    assert "/usage is gone" in all_text(message)
    assert "a-secret" not in done.out + done.err + request.body.decode()


def test_an_account_without_funds_is_asked_no_more_and_that_is_told(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as ai:
        env = at(ai.url, MOONSHOT_API_KEY=KEYS["MOONSHOT_API_KEY_DRAINED"], MOONSHOT_API_KEY_DRAINED=None)
        done = inside(tmp_path, *WORDS, env=env)
        asked = [line for line in ai.lines if "chat/completions" in line]
    assert "the account has no funds" in " ".join(done.out.split())
    assert len(asked) < 12
    assert found(tmp_path)["notes"]


def test_where_nobody_answers_nothing_is_said_and_the_webhook_that_is_down_changes_nothing(tmp_path: Path) -> None:
    env = at("http://127.0.0.1:1", MOONSHOT_API_KEY_CN=None, KIMI_CODE_API_KEY=None) | {
        "HOOK": "http://127.0.0.1:1/a-secret"
    }
    done = inside(tmp_path, *WORDS, "--webhook", "HOOK", env=env)
    assert done.code == 3
    assert done.out.startswith("COULD NOT TELL")
    assert "the webhook was not told: 127.0.0.1:1: ConnectError" in done.err
    assert "a-secret" not in done.err
    assert any("gave no answer to 3 calls in a row" in one["why"] for one in found(tmp_path)["not_compared"])


def test_a_key_that_is_refused_says_nothing_of_kimi(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as ai:
        env = at(ai.url, MOONSHOT_API_KEY="sk-of-nobody", MOONSHOT_API_KEY_CN=None, KIMI_CODE_API_KEY=None)
        done = inside(tmp_path, *WORDS, "--only", "chat/*", "--only", "stream/*", env=env)
    assert done.code == 3
    assert "the host refused the key in every call" in " ".join(done.out.split())


def test_ctrl_c_compares_what_was_seen(tmp_path: Path) -> None:
    healthy, reached, goon = kimi(TODAY), threading.Event(), threading.Event()
    turns = iter(range(1000))

    def slow(request: Request) -> Script:
        if next(turns) == 10:
            reached.set()
            goon.wait(20)
        return healthy(request)

    with started(slow) as server:
        going = start("drift", *WORDS, cwd=tmp_path, env=at(server.url))
        wait_for(reached.is_set)
        going.process.send_signal(signal.SIGINT)
        done = going.end()
        goon.set()
    assert (done.code, "Traceback" in done.err) == (130, False)
    report = found(tmp_path)
    assert 5 < len(report["compared"]) <= 10
    assert any("interrupted before its turn" in one["why"] for one in report["not_compared"])
    assert json.loads((tmp_path / "kept" / FILE).read_text("utf-8"))["sent"] <= 11


@pytest.mark.parametrize("echo", ["plain", "base64"])
def test_an_answer_with_a_key_in_it_is_not_kept_and_not_compared(echo: str, tmp_path: Path) -> None:
    key = AI if echo == "plain" else b64encode(AI.encode()).decode()

    def leaky(_: Request) -> Script:
        return json_answer(200, {"object": "list", "data": [], "key": key})

    with started(leaky) as server:
        done = inside(tmp_path, *WORDS, "--only", "hosts/models-ai", env=at(server.url))
    assert done.code == 3
    assert "a key stands in its answer" in " ".join(done.out.split())
    assert nothing_secret(tmp_path, done)
    assert key not in (tmp_path / "d.json").read_text("utf-8")
