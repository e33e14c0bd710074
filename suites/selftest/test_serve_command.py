"""`kimi-conformance serve` as a user starts it, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from suites.selftest.command import Done, Going, run, start

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


@dataclass(slots=True)
class Serving:
    """A server that listens at `url`; `words` is what it printed, `done` how it ended."""

    going: Going
    url: str
    words: str
    done: Done | None = field(default=None)

    def ask(self, path: str, body: Any = None, *, key: str = "sk-mine") -> tuple[int, Any]:
        """Status and JSON."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers)  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)

    @property
    def keys(self) -> list[str]:
        """The keys that it printed."""
        return re.findall(r"^  (sk-\S+)", self.words, re.MULTILINE)


@contextmanager
def serving(*words: str, end: int = signal.SIGINT) -> Iterator[Serving]:
    """The command, ended by a signal."""
    going = start("serve", "--port", "0", *words, cwd=HERE)
    assert going.process.stdout is not None
    printed = ""
    for line in going.process.stdout:
        printed += line
        if "curl " in printed and not line.strip():
            break
    found = re.search(r"http://127\.0\.0\.1:\d+", printed)
    try:
        assert found, printed
        server = Serving(going, found[0], printed)
        yield server
    finally:
        going.process.send_signal(end)
        done = going.end(20)
    server.done = done


CHAT = {"model": "kimi-k3", "messages": [{"role": "user", "content": "hello"}]}
COMPLETIONS = "/v1/chat/completions"


def test_it_says_where_it_listens_serves_with_its_keys_and_ends_by_ctrl_c() -> None:
    with serving("--key", "sk-mine") as server:
        own, drained, foreign, coding = server.keys
        assert own == "sk-mine"
        assert server.ask(COMPLETIONS, CHAT)[0] == 200
        assert server.ask(COMPLETIONS, CHAT, key=drained)[1]["error"]["type"] == "exceeded_current_quota_error"
        assert server.ask(COMPLETIONS, CHAT, key=foreign)[0] == 401
        assert server.ask("/coding/v1/models", key=coding)[0] == 200
    assert server.done is not None
    assert server.done.code == 130
    assert server.done.err.splitlines() == [
        "POST /v1/chat/completions 200",
        "POST /v1/chat/completions 429",
        "POST /v1/chat/completions 401",
        "GET /coding/v1/models 200",
        "interrupted",
    ]


def test_a_termination_ends_it_too() -> None:
    with serving(end=signal.SIGTERM) as server:
        assert server.ask("/v1/models", key=server.keys[0])[0] == 200
    assert server.done is not None
    assert server.done.code == 143


def test_keys_are_new_at_each_start() -> None:
    with serving() as one, serving() as other:
        assert not set(one.keys) & set(other.keys)
        assert len(set(one.keys)) == 4


def test_options_reach_the_server() -> None:
    words = ("--key", "sk-mine", "--rpm", "1", "--balance", "2.5", "--date", "2026-08-30", "--cn", "--delay", "0.001")
    with serving(*words) as server:
        assert "of platform-ai: 401 here" in server.words
        assert "Kimi of 2026-08-30" in server.words
        assert server.ask("/v1/users/me/balance")[1]["data"]["available_balance"] == 2.5
        assert server.ask(COMPLETIONS, {**CHAT, "model": "kimi-k2.5"})[0] == 200
        assert server.ask(COMPLETIONS, CHAT)[1]["error"]["type"] == "rate_limit_reached_error"


def test_without_money_every_answer_is_429() -> None:
    with serving("--key", "sk-mine", "--balance", "0") as server:
        assert server.ask(COMPLETIONS, CHAT)[1]["error"]["type"] == "exceeded_current_quota_error"


def test_a_fault_is_served() -> None:
    with serving("--fault", "all-500") as server:
        assert server.ask(COMPLETIONS, CHAT)[0] == 500


@pytest.mark.parametrize(
    ("name", "hint"), [("all-4022", "did you mean 'all-40"), ("zzzzzz", "--list-faults prints them")]
)
def test_an_unknown_fault_is_a_mistake_with_a_hint(name: str, hint: str) -> None:
    done = run("serve", "--fault", name, cwd=HERE)
    assert done.code == 2
    assert hint in " ".join(done.err.split())


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port), cwd=HERE)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"port {port} is in use; --port takes another one, and 0 any that is free\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--key", ""), "it is empty, or has blanks", id="no key"),
        pytest.param(("--key", "a b"), "it is empty, or has blanks", id="a blank in the key"),
        pytest.param(("--balance", "nan"), "nan is no number that can be counted with", id="no balance"),
        pytest.param(("--delay", "inf"), "inf is no number that can be counted with", id="for ever"),
    ],
)
def test_a_value_that_nothing_can_be_done_with_is_named(words: tuple[str, str], said: str) -> None:
    done = run("serve", "--port", "0", *words, cwd=HERE)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_an_address_of_somebody_else_is_one_line() -> None:
    done = run("serve", "--host", "192.0.2.1", "--port", "0", cwd=HERE)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("cannot listen on 192.0.2.1:0: ")
    assert len(done.err.splitlines()) == 1


def test_a_defect_of_the_wire_is_served_and_what_it_does_not_fit_passes_unharmed() -> None:
    with serving("--key", "sk-mine", "--fault", "usage-wrong-total") as server:
        said = [{"role": "user", "content": "Hello."}]
        _, answer = server.ask("/v1/chat/completions", {"model": "kimi-k3", "messages": said, "max_tokens": 512})
        _, listing = server.ask("/v1/models")
    usage = answer["usage"]
    assert usage["total_tokens"] != usage["prompt_tokens"] + usage["completion_tokens"]
    assert listing["object"] == "list"


def test_the_defects_are_listed() -> None:
    done = run("serve", "--list-faults", cwd=HERE)
    names = {line.split("  ")[0] for line in done.out.splitlines()}
    assert done.code == 0
    assert {"all-500", "stream-drop-chunk", "tool-index-all-zero", "utf8-mangled"} <= names
