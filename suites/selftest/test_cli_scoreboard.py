"""`scoreboard` with routers of our own: what is played, kept, reported where it cannot be played, and interrupted."""

from __future__ import annotations

import json
import secrets
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from suites.selftest.command import Done, left_over, odd_profile, run, start, wait_for

if TYPE_CHECKING:
    from pathlib import Path


A_FEW: Final = ("--only", "router.gate.missing-model*")


@pytest.fixture
def routers(tmp_path: Path) -> dict[str, Path]:
    """Profiles: a router that works, one that never answers, and one that cannot be installed."""
    made = {}
    for name, habit in (("works", "plain"), ("late", "never-ready"), ("gone", "plain")):
        folder = tmp_path / name
        folder.mkdir()
        path = odd_profile(folder, habit, secrets.token_hex(8), ready_s=0.3 if name == "late" else 20)
        more = 'install: {npm: ["router@1.0.0"]}\n' if name == "gone" else ""
        path.write_text(path.read_text("utf-8").replace("name: odd", f"name: {name}") + more, "utf-8")
        made[name] = path
    return made


def score(tmp_path: Path, *words: str | Path) -> Done:
    """The command, with a cache folder of its own and an npm that fails."""
    return run("scoreboard", *words, *A_FEW, cwd=tmp_path, env=surroundings(tmp_path))


def surroundings(tmp_path: Path) -> dict[str, str]:
    """Variables for the command."""
    tool = tmp_path / "bin" / "npm"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text("#!/bin/sh\necho 'E404 no such package' >&2; exit 7\n", "utf-8")
    tool.chmod(0o755)
    return {"PATH": f"{tool.parent}:/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path / "cache")}


def board(path: Path) -> dict[str, Any]:
    """Name -> router of a written scoreboard."""
    return {router["name"]: router for router in json.loads(path.read_bytes())["routers"]}


def test_one_that_cannot_be_played_says_so_and_the_others_go_on(routers: dict[str, Path], tmp_path: Path) -> None:
    done = score(tmp_path, routers["gone"], routers["late"], routers["works"], "--json", "b.json", "--page", "b.md")
    assert done.code == 3
    assert "Traceback" not in done.err
    found = board(tmp_path / "b.json")
    assert "ended with exit code 7:\nE404 no such package" in found["gone"]["problem"]
    assert found["late"]["problem"].startswith("the router was not ready within 0.3 s")
    assert found["gone"]["rows"] == found["late"]["rows"] == []
    works = found["works"]
    assert works["problem"] is None
    assert works["cases"] > 1
    assert "holds" in {row["word"] for row in works["rows"]}
    assert "### works\n" in (tmp_path / "b.md").read_text("utf-8")
    assert "works (3 of 3): starting and playing\n" in done.err


def test_what_was_played_is_known_until_the_profile_changes(routers: dict[str, Path], tmp_path: Path) -> None:
    path = routers["works"]
    first = score(tmp_path, path, "--json", "first.json")
    again = score(tmp_path, path, "--json", "again.json")
    assert "starting and playing" in first.err
    assert again.err.startswith("works (1 of 1): known since 20")
    assert "playing" not in again.err
    assert board(tmp_path / "first.json") == board(tmp_path / "again.json")
    assert (first.code, first.out) == (again.code, again.out)
    path.write_text(
        f"{path.read_text('utf-8')}limits: {{answer_s: 11}}\n".replace("limits: {answer_s: 10}\n", ""), "utf-8"
    )
    assert "starting and playing" in score(tmp_path, path).err
    assert "starting and playing" in score(tmp_path, path, "--fresh").err


def test_json_goes_to_standard_output_alone(routers: dict[str, Path], tmp_path: Path) -> None:
    done = score(tmp_path, routers["late"], "--json", "-")
    assert done.code == 3
    assert json.loads(done.out)["schema"] == 1


def test_a_listing_plays_nothing(routers: dict[str, Path], tmp_path: Path) -> None:
    every = score(tmp_path, "--list")
    assert every.code == 0
    assert every.out.startswith("direct ")
    assert "litellm " in every.out
    assert "reference" not in every.out
    assert score(tmp_path, "--list", routers["gone"]).out == "gone  1.0.0               not installed yet\n"


def test_what_was_played_in_part_is_not_taken_for_the_whole(routers: dict[str, Path], tmp_path: Path) -> None:
    path = routers["works"]
    assert "starting and playing" in score(tmp_path, path).err
    more = ("--only", "router.models.*")
    assert "starting and playing" in score(tmp_path, path, *more).err
    nothing = score(tmp_path, path, "--only", "router.gait.*")
    assert (nothing.code, "names no requirement" in nothing.err) == (2, True)


def test_an_unknown_router_is_exit_code_2(tmp_path: Path) -> None:
    done = score(tmp_path, "litelm")
    assert done.code == 2
    assert "litellm" in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="processes are told by /proc")
def test_an_interrupted_run_keeps_and_reports_what_is_done(routers: dict[str, Path], tmp_path: Path) -> None:
    slow = routers["late"]
    slow.write_text(slow.read_text("utf-8").replace("timeout_s: 0.3", "timeout_s: 60"), "utf-8")
    words = ("scoreboard", routers["works"], slow, *A_FEW, "--json", "b.json")
    going = start(*words, cwd=tmp_path, env=surroundings(tmp_path))
    wait_for(lambda: any((tmp_path / "cache" / "kimi-conformance" / "scoreboard").glob("works-*.json")), 40)
    going.process.send_signal(signal.SIGINT)
    done = going.end()
    assert done.code == 130
    assert list(board(tmp_path / "b.json")) == ["works"]
    assert left_over(going.mark, 30) == []


def test_the_control_is_a_router_that_fails_nothing(tmp_path: Path) -> None:
    done = score(tmp_path, "direct", "--only", "router.error.re*", "--json", "b.json")
    assert done.code == 0
    words = {row["word"] for row in board(tmp_path / "b.json")["direct"]["rows"]}
    assert words <= {"holds", "unseen", "not-applicable"}
