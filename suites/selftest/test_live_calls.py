"""Live calls, one by one: their pace, their budget, their keys, and what becomes of those that get no answer."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from kimi_conformance.api import live as live_module
from kimi_conformance.api.live import Live
from kimi_conformance.api.seen import Seen, Unseen
from kimi_conformance.cassette.shelf import load, path_of
from kimi_conformance.upstream.kimi_wire import Problem, error
from kimi_conformance.upstream.script import Close, Script
from suites.selftest.nights import TODAY, around, live, plan
from suites.selftest.offline_kimi import AI, at, kimi, started

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from kimi_conformance.exchange import Request

MODELS, HELLO, NO_KEY = (
    plan().calls[name] for name in ("hosts/models-ai", "chat/kimi-k3-hello", "hosts/chat-ai-no-key")
)


@dataclass(slots=True)
class Clock:
    """Time that passes only where somebody sleeps, or sets it."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """The time that it shows."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds


def test_calls_keep_their_distance_and_answers_count_towards_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(live_module, "time", clock)
    with started(kimi(TODAY)) as server:
        see = Live(around(at(server.url)), TODAY, tmp_path, pace_s=22.0, sleep=clock.sleep)
        see(MODELS)
        see(HELLO)
        clock.now += 5.0
        see(NO_KEY)
        clock.now += 30.0
        see(HELLO, 1)
    assert clock.slept == [22.0, 17.0]


def test_without_a_pace_nobody_waits(tmp_path: Path) -> None:
    clock = Clock()
    with started(kimi(TODAY)) as server:
        see = Live(around(at(server.url)), TODAY, tmp_path, sleep=clock.sleep)
        for call in (MODELS, HELLO, NO_KEY):
            see(call)
    assert clock.slept == []


def test_each_attempt_is_sent_once_and_the_last_is_on_tape(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        see = live(at(server.url), tmp_path)
        first, again, second = see(HELLO), see(HELLO, 0), see(HELLO, 1)
    assert first is again
    assert len(server.requests) == see.sent == 2
    (played,) = load(path_of(HELLO.name, tmp_path)).responses
    assert isinstance(second, Seen)
    assert second.sight.exchange.response is not None
    assert played["body"]["string"] == second.sight.exchange.response.body


def test_the_cap_holds_whatever_is_asked(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        see = live(at(server.url), tmp_path, cap=2)
        seen = [see(HELLO, attempt) for attempt in range(4)]
    assert len(server.requests) == 2
    assert seen[2:] == [Unseen("the cap of 2 calls was reached")] * 2


def test_real_keys_go_to_the_wire_and_their_names_are_seen(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        see = live(at(server.url), tmp_path)
        sights = [
            see(MODELS),
            see(plan().calls["messages/kimi-k3-hello"]),
            see(plan().calls["hosts/models-ai-wrong-key"]),
        ]
    sent = [request.header("authorization") or request.header("x-api-key") for request in server.requests]
    assert sent[:2] == [f"Bearer {AI}", AI]
    assert str(sent[2]).startswith("Bearer sk-")
    assert AI not in str(sent[2])
    assert AI not in repr(sights)
    shown = [one.sight.exchange.request.header("authorization") for one in sights if isinstance(one, Seen)]
    assert shown == ["Bearer <key platform-ai>", None, "Bearer <key wrong>"]


def test_without_its_key_a_call_is_not_sent(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        see = live(at(server.url, MOONSHOT_API_KEY_CN=None), tmp_path)
        seen = see(plan().calls["hosts/models-cn"])
    assert seen == Unseen("no MOONSHOT_API_KEY_CN in the environment")
    assert server.requests == []


def test_what_is_past_is_not_sent(tmp_path: Path) -> None:
    see = live(at("http://127.0.0.1:1"), tmp_path)
    assert see(plan().calls["limits/rpm"]) == Unseen("nobody can ask for this at will: replay has what is known")
    assert see.sent == 0


def test_an_id_is_taken_from_the_call_before(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        see = live(at(server.url), tmp_path)
        seen = see(plan().calls["files/get"])
    assert isinstance(seen, Seen)
    assert server.lines[0] == "POST /v1/files"
    assert server.lines[1] == f"GET /v1/files/{seen.sight.answer['id']}"


def test_without_an_id_there_is_nothing_to_ask_for(tmp_path: Path) -> None:
    with started(lambda _: error(Problem(500, "server_error", "no"))) as server:
        see = live(at(server.url), tmp_path)
        assert see(plan().calls["files/get"]) == Unseen("files/upload gave no id to ask for")
    assert server.lines == ["POST /v1/files"]


def quota(_: Request) -> Script:
    return error(Problem(429, "exceeded_current_quota_error", "Your account is suspended"))


def test_an_own_account_without_funds_stops_all_that_follows(tmp_path: Path) -> None:
    with started(quota) as server:
        see = live(at(server.url), tmp_path)
        see(HELLO)
        after = see(MODELS)
    assert after == Unseen("stopped: platform-ai answered exceeded_current_quota_error: the account has no funds")
    assert len(server.requests) == 1


def test_a_drained_account_is_meant_to_have_no_funds(tmp_path: Path) -> None:
    with started(quota) as server:
        see = live(at(server.url), tmp_path)
        seen = see(plan().calls["limits/quota-drained"])
    assert isinstance(seen, Seen)
    assert seen.sight.status == 429
    assert see.stopped is None


def test_a_closed_port_is_refused(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        closed = server.url
    seen = live(at(closed), tmp_path)(HELLO)
    assert isinstance(seen, Seen)
    assert str(seen.sight.exchange.error).startswith("refused: ")
    assert list(tmp_path.rglob("*.yaml")) == []


def test_a_host_that_gives_no_answer_is_left_alone_and_others_are_not(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        see = live(at(server.url, "http://127.0.0.1:1"), tmp_path)
        cn = plan().calls["hosts/models-cn"]
        seen = [see(cn, attempt) for attempt in range(4)]
        assert isinstance(see(MODELS), Seen)
    assert [isinstance(one, Seen) for one in seen] == [True, True, True, False]
    assert seen[3] == Unseen("127.0.0.1:1 gave no answer to 3 calls in a row")


def test_one_answer_ends_a_silence(tmp_path: Path) -> None:
    hang_up = Script(200, before=(Close(),))
    turns = iter([hang_up, hang_up, None, hang_up, hang_up, None])
    healthy = kimi(TODAY)
    with started(lambda request: next(turns) or healthy(request)) as server:
        see = live(at(server.url), tmp_path)
        seen = [see(MODELS, attempt) for attempt in range(6)]
    assert all(isinstance(one, Seen) for one in seen)


def test_silence_is_a_timeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "TIMEOUT", httpx.Timeout(0.05))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        seen = live(at(f"http://127.0.0.1:{silent.getsockname()[1]}"), tmp_path)(HELLO)
    assert isinstance(seen, Seen)
    assert str(seen.sight.exchange.error).startswith("timeout: ")
    assert list(tmp_path.rglob("*.yaml")) == []
