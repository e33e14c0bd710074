"""`verify --mode live` and `record` as a user starts them, against the offline Kimi: what is seen, and what is not."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance import __version__
from kimi_conformance.api.verification import noted
from kimi_conformance.cassette.shelf import names, path_of, provenances
from kimi_conformance.registry.home import api_suites
from kimi_conformance.serve.pace import paced
from kimi_conformance.upstream import asked
from kimi_conformance.upstream.kimi_wire import Problem, error
from suites.selftest import nights
from suites.selftest.command import run, start
from suites.selftest.nights import TODAY, plan
from suites.selftest.offline_kimi import CN, NO_SETTINGS, at, kimi, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kimi_conformance.exchange import Request
    from kimi_conformance.upstream.script import Script
    from suites.selftest.command import Done
    from suites.selftest.offline_kimi import Asked

BY_CHANCE: Final = frozenset(
    {
        "api.caching.implicit-hit",
        "api.usage.cached-within-prompt",
        "api.usage.cached-twins-equal",
        "api.usage.cached-only-on-hit",
    }
)
"""What shows only where an answer came from the cache."""


@dataclass(frozen=True, slots=True)
class Night:
    """A run that has ended, its results, and what arrived at either host. What it wrote is in `folder`."""

    done: Done
    results: Any
    ai: tuple[str, ...]
    cn: tuple[str, ...]
    folder: Path

    def of(self, verdict: str) -> dict[str, list[str]]:
        """The requirements with that verdict, each with the messages of its cases."""
        found = (one for one in self.results["requirements"] if one["verdict"] == verdict)
        return {one["id"]: [case.get("message", "") for case in one["cases"]] for one in found}

    @property
    def left_out(self) -> list[str]:
        """The requirements of which the cap left a case for another night."""
        return [name for name, said in self.of("not-observed").items() if any("the cap of" in text for text in said)]


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Asked, Asked]]:
    with started(kimi(TODAY)) as ai, started(kimi(TODAY, "platform-cn")) as cn:
        yield ai, cn


VERIFY: Final = ("verify", "--mode", "live")


def night(
    hosts: tuple[Asked, Asked], folder: Path, *words: str | Path, command: tuple[str, ...] = VERIFY, **keys: str | None
) -> Night:
    """A run with all keys, but for those that `keys` names."""
    ai, cn = hosts
    before = len(ai.requests), len(cn.requests)
    env = at(ai.url, cn.url, **keys)
    done = run(*command, "--json", "r.json", *words, cwd=folder, env=env)
    results = json.loads((folder / "r.json").read_text("utf-8"))
    return Night(done, results, tuple(ai.lines[before[0] :]), tuple(cn.lines[before[1] :]), folder)


def unhurried(answer: Callable[[Request], Script]) -> Callable[[Request], Script]:
    """The same answers; the stream of a text that is to be repeated takes its time."""

    def paced_answer(request: Request) -> Script:
        return paced(answer(request), "kimi-k3", 0.025 if b"Repeat exactly" in request.body else 0.0)

    return paced_answer


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Night:
    with started(unhurried(kimi(TODAY))) as ai, started(kimi(TODAY, "platform-cn")) as cn:
        words = ("--cap", "300", "--verification", "reports/v.json")
        return night((ai, cn), tmp_path_factory.mktemp("whole"), *words, command=("record", "--shelf", "shelf"))


def test_a_healthy_kimi_is_conformant(whole: Night) -> None:
    assert whole.done.code == 0, whole.done.out
    assert whole.done.err == ""
    assert whole.of("fail") == whole.of("infra-error") == {}
    assert set(whole.of("warn")) <= {"api.lifecycle.ends-soon", "api.latency.highspeed-faster"}
    assert whole.results["mode"] == "live"


def test_all_is_observed_but_what_nobody_can_ask_for(whole: Night) -> None:
    past = {
        name
        for name in plan().requirements
        if (cases := [case for case in plan().cases.values() if case.requirement == name])
        and all(any(call.past for call in case.all_calls) for case in cases)
    }
    unseen = whole.of("not-observed")
    assert past <= set(unseen) <= past | BY_CHANCE
    assert {said for name in past for said in unseen[name]} == {
        "nobody can ask for this at will: replay has what is known"
    }


def test_what_is_seen_elsewhere_than_at_kimi_is_never_called_live(whole: Night) -> None:
    cases = [case for one in whole.results["requirements"] for case in one["cases"]]
    assert {case["how"]["origin"] for case in cases} == {"modelled", "unseen"}
    assert whole.results["target"]["name"].startswith("Kimi at 127.0.0.1:")


def test_every_call_is_sent_once_to_its_host(whole: Night) -> None:
    sent = {call.name: call for case in plan().cases.values() for call in case.all_calls if not call.past}
    cn = [call for call in sent.values() if call.host == "platform-cn"]
    assert len(whole.cn) == len(cn)
    assert len(whole.ai) == len(sent) - len(cn)


def test_what_passed_is_on_the_shelf(whole: Night) -> None:
    shelf = whole.folder / "shelf"
    sent = {call.name for case in plan().cases.values() for call in case.all_calls if not call.past}
    assert set(names(shelf)) == sent
    assert {one.origin for name in sent for one in provenances(path_of(name, shelf))} == {"modelled"}
    assert f"note {len(sent)} cassettes written to {shelf}" in " ".join(whole.done.out.split())


def test_what_held_is_noted_with_day_host_model_and_request(whole: Night) -> None:
    found = json.loads((whole.folder / "reports" / "v.json").read_text("utf-8"))
    entry = found["api.chat.shape"]
    assert set(whole.of("pass")) <= set(found)
    assert len(entry.pop("request_id")) > 20
    assert entry.pop("where").startswith("127.0.0.1:")
    assert entry == {"held": str(TODAY), "model": "kimi-k3", "suite": __version__}


def test_a_smoke_test_is_three_requests(hosts: tuple[Asked, Asked], tmp_path: Path) -> None:
    smoke = night(hosts, tmp_path, "--smoke")
    assert smoke.done.code == 0
    assert sorted(smoke.ai) == ["GET /v1/models", "GET /v1/models", "POST /v1/chat/completions"]
    assert smoke.cn == ()
    assert set(smoke.of("not-observed")) <= BY_CHANCE


def test_without_optional_keys_what_needs_them_is_not_observed(hosts: tuple[Asked, Asked], tmp_path: Path) -> None:
    names = ("MOONSHOT_API_KEY_CN", "MOONSHOT_API_KEY_DRAINED", "KIMI_CODE_API_KEY")
    only = [word for glob in ("api.hosts.*", "api.limits.quota-429", "api.coding.*") for word in ("--only", glob)]
    found = night(hosts, tmp_path, *only, **dict.fromkeys(names))
    said = {message for messages in found.of("not-observed").values() for message in messages}
    assert found.done.code == 0
    assert {f"no {name} in the environment" for name in names} <= said
    assert not any(CN in line for line in found.cn)


def test_a_second_night_takes_up_what_the_first_left_out(hosts: tuple[Asked, Asked], tmp_path: Path) -> None:
    file = tmp_path / "v.json"
    see = nights.live(at(hosts[0].url, hosts[1].url), tmp_path / "tapes", cap=60)
    trials = nights.night(see)
    file.write_bytes(noted(file, trials, see))
    first = {trial.case.requirement for trial in trials}
    second = night(hosts, tmp_path, "--cap", "60", "--verification", file)
    new = set(second.of("pass")) - first
    assert second.done.code == 0
    assert len(second.ai) + len(second.cn) <= 60
    assert len(new) > 10
    assert new | first & set(second.of("pass")) <= set(json.loads(file.read_text("utf-8")))
    assert second.left_out
    assert not [name for name in second.left_out if name.startswith(("api.hosts.", "api.auth.", "api.limits."))]


def test_an_account_that_runs_out_of_money_stops_the_run(tmp_path: Path) -> None:
    quota = error(Problem(429, "exceeded_current_quota_error", "Your account is suspended"))
    healthy = kimi(TODAY)

    def out_of_money(request: Request) -> Script:
        body = asked.body(request)
        return (
            quota if body and body.get("model") == "kimi-k3" and request.header("authorization") else healthy(request)
        )

    with started(out_of_money) as server:
        found = night((server, server), tmp_path, **dict.fromkeys(("MOONSHOT_API_KEY_CN",)))
    at_quota = [request for request in server.requests if asked.body(request)]
    said = " ".join(found.done.out.split())
    assert "stopped: platform-ai answered exceeded_current_quota_error: the account has no funds" in said
    assert server.requests[-1] is at_quota[-1]
    assert len(server.requests) < 20


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's, and takes no files even of root")
def test_what_a_night_saw_is_told_even_if_its_notes_cannot_be_written(
    hosts: tuple[Asked, Asked], tmp_path: Path
) -> None:
    found = night(hosts, tmp_path, "--smoke", "--verification", "/proc/v.json")
    assert (found.done.code, found.done.err.count("\n")) == (2, 1)
    assert found.done.err.startswith("a report cannot be written: [Errno 2] No such file or directory: ")
    assert found.of("pass")


def test_plain_pytest_asks_one_question_at_a_time_too(tmp_path: Path) -> None:
    words = ("-n", "2", "--kimi-mode", "live", api_suites() / "test_api.py")
    done = start(*words, cwd=tmp_path, command=(sys.executable, "-m", "pytest"), env=NO_SETTINGS).end()
    assert done.code == 4
    assert "a live run asks one question at a time" in done.err


def test_without_a_key_nothing_is_started(tmp_path: Path) -> None:
    done = run("verify", "--mode", "live", cwd=tmp_path, env=NO_SETTINGS)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "MOONSHOT_API_KEY" in done.err
