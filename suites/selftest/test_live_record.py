"""What a live run keeps: what passed, whole, with its origin; all else leaves the shelf as it was."""

from __future__ import annotations

import json
import signal
import threading
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.api.replay import Replay
from kimi_conformance.api.request import ORIGINS
from kimi_conformance.api.shelving import kept
from kimi_conformance.api.trial import try_case
from kimi_conformance.cassette.shelf import names, path_of, provenances
from kimi_conformance.faults.serving import all_401, all_500, required_ignored
from suites.selftest.command import start, wait_for
from suites.selftest.nights import TODAY, live, night, plan
from suites.selftest.offline_kimi import at, kimi, started

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kimi_conformance.api.live import Live
    from kimi_conformance.api.trial import Trial
    from kimi_conformance.exchange import Request
    from kimi_conformance.faults.serving import Answer
    from kimi_conformance.upstream.script import Script

REQUIRED: Final = "tools/kimi-k3-required"
HELLO: Final = "chat/kimi-k3-hello"


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Live, list[Trial]]:
    """A whole night with the offline Kimi, and its tapes."""
    with started(kimi(TODAY)) as ai, started(kimi(TODAY, "platform-cn")) as cn:
        see = live(at(ai.url, cn.url), tmp_path_factory.mktemp("tapes"))
        return see, night(see)


def put(see: Live, trials: list[Trial], shelf: Path) -> tuple[str, ...]:
    """The names of what is put on the shelf."""
    for place, tape in kept(see, trials, plan(), shelf):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(tape)
    return names(shelf)


def faulty(fault: Callable[[Answer], Answer], folder: Path) -> tuple[str, ...]:
    """What a night with a server that has a fault leaves on an empty shelf."""
    with started(fault(kimi(TODAY))) as server:
        see = live(at(server.url), folder / "tapes")
        return put(see, night(see), folder / "shelf")


def test_all_that_a_healthy_kimi_says_is_kept_and_called_modelled(
    healthy: tuple[Live, list[Trial]], tmp_path: Path
) -> None:
    see, trials = healthy
    found = put(see, trials, tmp_path)
    assert set(found) == {name for name, _ in see.seen}
    kinds = {one for name in found for one in provenances(path_of(name, tmp_path))}
    assert {(one.origin, one.recorded_at) for one in kinds} == {("modelled", TODAY)}
    assert all(one.source.startswith("kimi-conformance, 127.0.0.1:") for one in kinds)


def test_what_was_recorded_replays_to_the_same_verdicts(healthy: tuple[Live, list[Trial]], tmp_path: Path) -> None:
    see, trials = healthy
    put(see, trials, tmp_path)
    played = Replay(tmp_path)
    asked = [trial for trial in trials if not any(call.past for call in trial.case.all_calls)]
    asked = [trial for trial in asked if not trial.case.requirement.startswith("api.latency.")]  # rounded times
    for trial in asked:
        requirement = plan().requirements[trial.case.requirement]
        again = try_case(trial.case, requirement, played, plan().contract, mode="live")  # as if it were no replay
        assert (again.case.id, again.outcome) == (trial.case.id, trial.outcome)
    assert len(asked) > 300


@pytest.mark.parametrize("fault", [all_401, all_500])
def test_a_server_that_refuses_everything_leaves_nothing(fault: Callable[[Answer], Answer], tmp_path: Path) -> None:
    assert faulty(fault, tmp_path) == ()


def test_what_fails_leaves_the_shelf_as_it_was_and_the_rest_is_kept(tmp_path: Path) -> None:
    old = path_of(REQUIRED, tmp_path / "shelf")
    old.parent.mkdir(parents=True)
    old.write_text("what was there", "utf-8")
    found = faulty(required_ignored, tmp_path)
    assert old.read_text("utf-8") == "what was there"
    assert HELLO in found


def test_what_is_worth_more_is_not_replaced(healthy: tuple[Live, list[Trial]], tmp_path: Path) -> None:
    see, trials = healthy
    observed = path_of(HELLO).read_bytes()
    assert [one.origin for one in provenances(path_of(HELLO))] == ["observed"]
    place = path_of(HELLO, tmp_path)
    place.parent.mkdir(parents=True)
    place.write_bytes(observed)
    assert len(put(see, trials, tmp_path)) == len({name for name, _ in see.seen})
    assert place.read_bytes() == observed


def test_a_broken_cassette_is_replaced(healthy: tuple[Live, list[Trial]], tmp_path: Path) -> None:
    see, trials = healthy
    place = path_of(HELLO, tmp_path)
    place.parent.mkdir(parents=True)
    place.write_text("interactions: [", "utf-8")
    put(see, trials, tmp_path)
    assert provenances(place)[0].origin == "modelled"


def test_only_kimis_own_hosts_make_a_live_recording(healthy: tuple[Live, list[Trial]], tmp_path: Path) -> None:
    see, _ = healthy
    call = plan().calls[HELLO]
    assert see.origin(call) == "modelled"
    assert live(at(ORIGINS["platform-ai"]), tmp_path).origin(call) == "live"
    assert live(at("http://api.moonshot.ai"), tmp_path).origin(call) == "modelled"


def test_ctrl_c_leaves_whole_files_and_tells_what_was_seen(tmp_path: Path) -> None:
    healthy, reached, goon = kimi(TODAY), threading.Event(), threading.Event()
    turns = iter(range(1000))

    def slow(request: Request) -> Script:
        if next(turns) == 12:
            reached.set()
            goon.wait(20)
        return healthy(request)

    words = ("record", "--shelf", "shelf", "--json", "r.json", "--verification", "v.json")
    with started(slow) as server:
        going = start(*words, cwd=tmp_path, env=at(server.url))
        wait_for(reached.is_set)
        going.process.send_signal(signal.SIGINT)
        done = going.end()
        goon.set()
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    verdicts = [case["verdict"] for one in found["requirements"] for case in one["cases"]]
    assert done.code == 130
    assert "Traceback" not in done.err
    assert {"pass", "infra-error"} <= set(verdicts)
    assert json.loads((tmp_path / "v.json").read_text("utf-8"))
    kept_names = names(tmp_path / "shelf")
    assert kept_names
    assert all(provenances(path_of(name, tmp_path / "shelf")) for name in kept_names)
    assert [path.name for path in tmp_path.rglob(".*")] == []
