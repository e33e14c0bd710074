"""The plugin in a router team's own repository: their options, their strictness, their tests beside ours."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.registry.home import api_suites, routing_suites
from suites.selftest.command import left_over, odd_profile, start

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]

STRICT = ("-W", "error", "--strict-markers", "--strict-config", "-p", "no:cacheprovider", "-rfEw")

THEIRS = """
import pytest
from kimi_conformance.upstream.script import json_answer

def test_of_their_own():
    assert True

def test_a_model_reaches_its_upstream(router):
    trip = router.ask(model="kimi-k3", agent="dispo", members={"temperature": 1})
    assert trip.client.status == 200
    assert trip.upstream.request.json()["model"] == "kimi-k3"
    assert trip.upstream.request.json()["temperature"] == 1
    assert [arrival.upstream for arrival in trip.arrivals] == ["kimi"]

def test_what_the_upstream_plays_comes_back(router):
    full = {"error": {"type": "engine_overloaded_error", "message": "busy"}}
    trip = router.ask(model="kimi-k3", play=json_answer(429, full))
    assert (trip.client.status, trip.client.response.json()) == (429, full)
    assert router.ask(model="kimi-k3").client.status == 200

def test_a_refusal_calls_no_upstream(router):
    trip = router.ask(model=3)
    assert trip.client.status == 400
    with pytest.raises(LookupError, match="no upstream was called"):
        trip.upstream
"""

LIGHT = """
import sys

def test_nothing_heavy_was_imported_for_them():
    ours = {name for name in sys.modules if name.startswith("kimi_conformance.")}
    assert not ours & {"kimi_conformance.contract.profile", "kimi_conformance.judge", "kimi_conformance.router.run"}

def test_asks_for_a_router(router):
    assert False, "never reached"
"""


@pytest.fixture
def mark() -> str:
    """Carried by every process of the router."""
    return secrets.token_hex(8)


@pytest.fixture
def profile(tmp_path: Path, mark: str) -> Path:
    """The team's own profile."""
    return odd_profile(tmp_path, "plain", mark)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
def test_their_tests_ask_their_router_under_their_own_strictness(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, profile: Path, mark: str, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(THEIRS)
    only: tuple[str, ...] = ()
    if workers:  # three processes: without the plugins that neither they nor we need
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        only = ("-p", "xdist.plugin", "-p", "kimi_conformance.plugin")
    result = pytester.runpytest_subprocess(*STRICT, *only, *workers, f"--router={profile}")
    result.assert_outcomes(passed=4)
    assert result.ret == 0
    if sys.platform == "linux":
        assert left_over(mark, 30) == []
    assert sorted(path.name for path in pytester.path.iterdir() if path.suffix not in {".py", ""}) == []


def test_without_a_router_only_those_that_ask_for_it_fail_and_say_what_is_missing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LIGHT)
    result = pytester.runpytest_subprocess(*STRICT)
    result.assert_outcomes(passed=1, errors=1)
    said = "the fixture `router` has no router: the option --router PROFILE is needed: a path, or the name of a bundled"
    result.stdout.fnmatch_lines([f"{said} profile"])
    assert "kimi_conformance" not in result.stdout.str()  # no line of our code


def test_a_mistake_in_their_profile_is_told_with_its_place(pytester: pytest.Pytester, profile: Path) -> None:
    profile.write_text(profile.read_text("utf-8").replace("default: kimi", "default: kimmi"), "utf-8")
    pytester.makepyfile(THEIRS)
    result = pytester.runpytest_inprocess(*STRICT, f"--router={profile}")
    result.assert_outcomes(passed=1, errors=3)
    assert "Error" not in result.stdout.str()
    assert "router.yaml:9: there is no route 'kimmi'; did you mean 'kimi'?" in result.stdout.str()


def test_a_router_that_does_not_start_is_told_with_its_last_words(
    pytester: pytest.Pytester, tmp_path: Path, mark: str
) -> None:
    profile = odd_profile(tmp_path, "exits", mark)
    pytester.makepyfile(THEIRS)
    result = pytester.runpytest_inprocess(*STRICT, f"--router={profile}")
    result.assert_outcomes(passed=1, errors=3)
    text = result.stdout.str()
    assert "infra-error: the router's process ended before it was ready: exit code 1" in text
    assert "no configuration" in text


def test_the_suites_own_item_waits_for_a_router(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_routing(routed):\n    routed()\n")
    result = pytester.runpytest_inprocess(*STRICT)
    result.assert_outcomes(skipped=1)


def test_the_suites_of_api_and_router_go_together_in_one_session(tmp_path: Path) -> None:
    folders = (api_suites(), routing_suites())
    chosen = ("--kimi-only", "api.limits.429-types", "--kimi-only", "router.models.*")
    done = start(
        *("-m", "pytest", "--router", "reference-asgi", *chosen, "-c", "/dev/null", "-p", "no:cacheprovider", *folders),
        cwd=tmp_path,
        command=(sys.executable,),
    ).end()
    assert done.code == 0, done.out
    assert {"test_api.py", "test_routing.py"} <= set(re.findall(r"test_\w+\.py", done.out))


def test_importing_the_plugin_imports_nothing_heavy() -> None:
    """Every pytest of somebody who has this package installed imports it: 4 ms, against 400 with all behind it."""
    code = "import pytest, sys; had = set(sys.modules); import kimi_conformance.plugin; print(*set(sys.modules) - had)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    modules = set(done.stdout.split())
    assert {name.partition(".")[0] for name in modules} <= {
        "kimi_conformance",
        "importlib",
        "datetime",
        "_datetime",
        "__future__",
    }
    assert len(modules) < 15, sorted(modules)
