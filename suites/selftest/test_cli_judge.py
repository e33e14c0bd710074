"""`judge` as a user starts it: what it prints and writes, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from kimi_conformance.cli.main import run
from suites.selftest import command
from suites.selftest.command import Done
from suites.selftest.traffic_files import (
    ANSWER,
    CHAT,
    STREAM_HEADERS,
    chunk,
    entry,
    har,
    interaction,
    observation,
    stream,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Say = Callable[..., Done]

GOOD = entry(json.dumps(ANSWER))
BAD = entry(json.dumps({**ANSWER, "model": "kimi-k2.6"}))
WARNED = entry(json.dumps({**ANSWER, "usage": {**ANSWER["usage"], "cached_tokens": 0}}))
OK = r"^one\n  #0 +POST  /v1/chat/completions  200  chat.completion  ok by \d+ requirements$"
KEY = f"sk-{token_hex(16)}"


@pytest.fixture
def say(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Say:
    """The command line in this process, in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def judge(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["kimi-conformance", "judge", *words])
        try:
            code: Any = run()
        except SystemExit as left:
            code = left.code
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Done(code, out.decode(), err.decode(), 0)

    return judge


def test_traffic_of_every_kind_is_judged_in_one_go(tmp_path: Path) -> None:
    written(tmp_path, har(GOOD), "one")
    written(tmp_path, yaml.safe_dump({"interactions": [interaction(stream("a"), headers=STREAM_HEADERS)]}), "two")
    written(tmp_path, json.dumps(observation(body=ANSWER)), "three")
    done = command.run("judge", "one", "two", "three", "--json", "found.json", cwd=tmp_path)
    assert (done.code, done.err) == (0, ""), done
    assert re.search(OK, done.out, re.MULTILINE)
    assert "3 exchanges in 3 files: 3 judged, 0 not" in done.out
    assert json.loads((tmp_path / "found.json").read_text("utf-8")) == {
        "schema": 1,
        "exchanges": [
            {"file": "one", "index": 0, "shape": "chat.completion", "findings": []},
            {"file": "two", "index": 0, "shape": "chat.completion.chunk", "findings": []},
            {"file": "three", "index": 0, "shape": "chat.completion", "findings": []},
        ],
        "unreadable": [],
    }


def test_a_bare_body_comes_through_a_pipe(tmp_path: Path) -> None:
    path = written(tmp_path, stream("a").replace("[DONE]", "[END]"))
    shell = f"cat {path} | {command.COMMAND} judge - --shape chat.completion.chunk"
    done = command.start("-c", shell, cwd=tmp_path, command=("/bin/sh",)).end()
    assert done.code == 1
    assert "FAIL  api.stream.done-once-and-last  response, its end" in done.out


def test_a_must_that_does_not_hold_is_1_and_told_in_short(say: Say, tmp_path: Path) -> None:
    done = say(written(tmp_path, har(GOOD, BAD)))
    assert done.code == 1
    assert "FAIL  api.chat.model-echoed  response /model" in done.out
    assert 'another model answers: expected kimi-k3, got "kimi-k2.6"' in done.out
    assert re.search(r"^FAIL +1  api.chat.model-echoed: ", done.out, re.MULTILINE)


def test_warnings_and_drift_are_0(say: Say, tmp_path: Path) -> None:
    drifting = entry(json.dumps({**ANSWER, "mood": "good"}))
    path = written(tmp_path, har(WARNED, drifting))
    done = say(path)
    assert done.code == 0, done
    assert "warn  api.usage.cached-only-on-hit" in done.out
    assert "drift api.chat.shape  response /mood" in done.out
    assert "drift api" not in say(path, "--no-drift").out
    assert "drift api" not in say(path, "--only", "api.usage.*").out


def test_an_unreadable_file_is_2_and_the_others_are_judged_all_the_same(say: Say, tmp_path: Path) -> None:
    written(tmp_path, har(GOOD), "good")
    written(tmp_path, har(BAD), "bad")
    done = say("missing", "good")
    assert (done.code, done.err) == (2, "missing: No such file or directory\n")
    assert "1 exchange in 2 files: 1 judged, 0 not" in done.out
    assert say("missing", "bad").code == 1


def test_a_har_that_was_cut_is_judged_up_to_there(say: Say, tmp_path: Path) -> None:
    whole = har(GOOD, GOOD)
    done = say(written(tmp_path, whole[:-900], "cut.har"), "--json", "-")
    assert done.code == 2
    assert re.match(r"cut\.har\n|.*cut.har ends at byte", done.err, re.DOTALL)
    found = json.loads(done.out)
    assert [each["index"] for each in found["exchanges"]] == [0]
    assert "in the middle of its JSON" in found["unreadable"][0]


def test_nothing_that_could_be_judged_is_2(say: Say, tmp_path: Path) -> None:
    page = entry("<html>", url="https://example.com/models", method="GET")
    preflight = entry("", url="http://localhost:4000/v1/chat/completions", method="OPTIONS")
    unserved = entry("{}", url="https://api.moonshot.ai/v1/nothing", method="GET")
    done = say(written(tmp_path, har(page, preflight, unserved, entry({}))), "--json", "-", "--only", "api.stream.*")
    assert done.code == 2
    assert [each["not_judged"] for each in json.loads(done.out)["exchanges"]] == [
        "neither its host nor its path is Kimi's",
        "it is a browser's preflight",
        "no requirement looks at what it shows",
        "the HAR has no body for this answer; export it again with the contents of the responses",
    ]
    assert "4 exchanges in 1 file: 0 judged, 4 not" in done.err


@pytest.mark.parametrize(
    ("url", "model", "code"),
    [
        pytest.param("http://router:4000/v1/chat/completions", "claude-sonnet-4-5", 2, id="at-a-router"),
        pytest.param("http://router:4000/v1/chat/completions", "Claude-3", 2, id="in-any-case"),
        pytest.param(CHAT, "claude-sonnet-4-5", 1, id="at-kimi"),
        pytest.param("http://router:4000/v1/chat/completions", "not-claude", 1, id="a-name-that-contains-it"),
    ],
)
def test_what_a_claude_said_is_not_held_against_kimi(say: Say, tmp_path: Path, url: str, model: str, code: int) -> None:
    asking = entry(json.dumps({**ANSWER, "choices": []}), url=url)
    asking["request"]["postData"]["text"] = json.dumps(
        {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    )
    done = say(written(tmp_path, har(asking)))
    assert done.code == code
    assert ("it asks for a Claude, and not at a host of Kimi's" in done.out) is (code == 2)


def test_a_host_that_is_not_kimis_is_judged_and_named_once(say: Say, tmp_path: Path) -> None:
    routed = entry(json.dumps(ANSWER), url=CHAT.replace("https://api.moonshot.ai", "http://user:pass@router:4000"))
    done = say(written(tmp_path, har(routed, routed)))
    assert done.out.count("note: router:4000 is none of Kimi's hosts") == 1
    assert "user:pass" not in done.out
    assert "2 judged" in done.out


def test_keys_are_never_printed_nor_written(say: Say, tmp_path: Path) -> None:
    secret = "a-very-own-gateway-key"
    leaky = entry(json.dumps({**ANSWER, "model": f"{KEY} {secret}", "mood": secret}), url=f"{CHAT}?key={KEY}")
    leaky["request"]["headers"] = [{"name": "Authorization", "value": f"Bearer {secret}"}]
    done = say(written(tmp_path, har(leaky)), "--json", "found.json")
    assert done.code == 1
    everything = done.out + done.err + (tmp_path / "found.json").read_text("utf-8")
    assert "<secret.authorization-0>" in everything
    assert "<sk-key>" in everything
    assert secret not in everything
    assert KEY not in everything


def test_what_the_wire_says_cannot_play_with_the_terminal(say: Say, tmp_path: Path) -> None:
    done = say(written(tmp_path, har(entry(json.dumps({**ANSWER, "model": "\x1b[31m\u202e" + "x" * 5000})))))
    assert done.code == 1
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert len(done.out) < 4000


def test_many_findings_of_one_requirement_are_counted_and_all_written(say: Say, tmp_path: Path) -> None:
    broken = stream(*"abcdefghij").replace('"content": ', '"content" ')
    done = say(written(tmp_path, broken), "--shape", "chat.completion.chunk", "--json", "found.json")
    (exchange,) = json.loads((tmp_path / "found.json").read_text("utf-8"))["exchanges"]
    told = [each for each in exchange["findings"] if each["requirement"] == "api.stream.well-formed"]
    assert len(told) == 11
    assert done.out.count("FAIL  api.stream.well-formed") == 3
    assert "and 8 more of api.stream.well-formed (fail)" in done.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "x --shape chat.completions",
            r"--shape.*: there is no shape .*; did you mean 'chat.completion'\?",
        ),
        ("x --shape zzz", r"--shape.*: there is no shape 'zzz'; there are balance, .*"),
        (
            "x --only api.stream.one-idd",
            r"--only: '.*' names no requirement that .*; did you mean 'api.stream.one-id'\?",
        ),
        ("x --only zzz*", r"--only: 'zzz\*' names no requirement .*; the areas are api\..*"),
        ("", r"Error: Missing argument 'FILE(\.\.\.)?'.*"),
        ("x --json .", r"--json: \. is a folder"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_message(say: Say, words: str, message: str) -> None:
    done = say(*words.split())
    assert (done.code, done.out) == (2, "")
    assert re.search(f"{message}$", done.err.strip()), done.err


def test_a_reader_that_leaves_is_no_error_of_ours(tmp_path: Path) -> None:
    path = written(tmp_path, har(*[BAD] * 300))
    for words in ("", "--json -"):
        shell = f"{{ {command.COMMAND} judge {path} {words} 2>/dev/null; echo $? >code; }} | head -c 10"
        command.start("-c", shell, cwd=tmp_path, command=("/bin/sh",)).end()
        assert (tmp_path / "code").read_text("utf-8") == "1\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
def test_results_that_cannot_be_written_are_2(say: Say, tmp_path: Path) -> None:
    done = say(written(tmp_path, har(BAD)), "--json", "/dev/full")
    assert done.code == 2
    assert done.err == "the results cannot be written to /dev/full: No space left on device\n"


def test_an_earlier_file_of_results_is_replaced(say: Say, tmp_path: Path) -> None:
    (tmp_path / "found.json").write_text("old" * 10_000, "utf-8")
    assert say(written(tmp_path, har(GOOD)), "--json", "found.json").code == 0
    assert json.loads((tmp_path / "found.json").read_text("utf-8"))["schema"] == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["found.json", "traffic"]


def test_a_stream_that_goes_on_is_judged_as_it_is(say: Say, tmp_path: Path) -> None:
    text = stream("a") + f"data: {json.dumps(chunk())}\n\n"
    done = say(written(tmp_path, text), "--shape", "chat.completion.chunk")
    assert done.code == 1
    assert "events follow [DONE]" in done.out


def test_ctrl_c_leaves_whole_json_of_what_was_judged(tmp_path: Path) -> None:
    count = 4000
    written(
        tmp_path,
        har(*[entry({"text": stream(*"abcdefghij" * 9), "mimeType": "text/event-stream"}, headers=[])] * count),
    )
    going = command.start("judge", "traffic", "--json", "found.json", cwd=tmp_path, stdout=subprocess.DEVNULL)
    command.wait_for(lambda: any(part.stat().st_size for part in tmp_path.glob(".found.json.*")))
    going.process.send_signal(signal.SIGINT)
    assert going.end().code == 130
    assert 0 < len(json.loads((tmp_path / "found.json").read_text("utf-8"))["exchanges"]) < count
