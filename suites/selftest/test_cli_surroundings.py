"""Hostile surroundings: whatever lies in folder and environment, the verdicts are the same, nothing else is written."""

from __future__ import annotations

import json
import os
import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from suites.selftest.command import COMMAND, odd_profile, run, start

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from suites.selftest.command import Done

NOWHERE = "http://127.0.0.1:9"
RAISES = "raise RuntimeError('hostile')\n"
LIES = """\
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    return True

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.outcome = "failed"
    report.user_properties = []
    return report
"""
MODULES = dict.fromkeys(["json.py", "yaml.py", "pytest.py", "typer.py", "rich.py", "execnet.py"], RAISES)
FILES = {
    "pytest.ini": "[pytest]\naddopts = --collect-only -p no:kimi_conformance\nminversion = 99\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--no-such-option"\n',
    "tox.ini": "[pytest]\naddopts = --no-such-option\n",
    "setup.cfg": "[tool:pytest]\naddopts = --no-such-option\n",
    "conftest.py": LIES,
    "kimi_conformance.py": RAISES,
    **MODULES,
}


EVIL_PYTHON = {
    "PYTEST_ADDOPTS": "--collect-only -x --no-such-option",
    "PYTEST_PLUGINS": "no_such_plugin",
    "PYTEST_DEBUG": "1",
    "PYTHONPATH": "evil",
    "PYTHONSTARTUP": "evil/json.py",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2",
    "PYTHONHASHSEED": "0",
}
EVIL_SYSTEM: Mapping[str, str | None] = {
    **dict.fromkeys(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"], NOWHERE),
    **dict.fromkeys(["HOME", "LANG", "TERM", "USER", "NO_PROXY", "no_proxy"]),
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "XDG_CACHE_HOME": "relative",
    "COLUMNS": "1",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the command is called: files in its folder, variables, and the line of the shell that calls it."""

    files: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str | None] = field(default_factory=dict)
    line: str = 'exec "$@"'
    words: tuple[str, ...] = ()


PLACES = {
    "peaceful": Place(),
    "hostile-files": Place(files=FILES, words=("-n", "2")),
    "hostile-python": Place(files={f"evil/{name}": text for name, text in MODULES.items()}, env=EVIL_PYTHON),
    "hostile-system": Place(env=EVIL_SYSTEM),
    "folder-gone": Place(line='mkdir gone && cd gone && rmdir ../gone && exec "$@"'),
    "read-only": Place(line='cd /proc/self && exec "$@"'),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A check in a place, and the place before and after it."""

    done: Done
    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]


def verdicts(results: Path | str) -> Mapping[str, str]:
    """Case id -> verdict."""
    data = json.loads(results if isinstance(results, str) else results.read_bytes())
    return {case["id"]: case["verdict"] for requirement in data["requirements"] for case in requirement["cases"]}


def listing(folder: Path) -> Mapping[str, bytes | None]:
    """Every path below `folder` with its content."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


def called(folder: Path, place: Place, *words: str | Path) -> Checked:
    """The command with these words, called from a place whose files and folders are made in `folder`."""
    for name in ("temp", "home"):
        (folder / name).mkdir()
    for file, text in place.files.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text, "utf-8")
    before = listing(folder)
    env = {"TMPDIR": str(folder / "temp"), "HOME": str(folder / "home"), **place.env}
    call = ("/bin/sh", "-c", place.line, "sh", COMMAND)
    done = start(*words, "--json", "-", cwd=folder, env=env, command=call).end()
    return Checked(done, before, listing(folder))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Checked]:
    """A profile, checked from every place; its folder, its HOME and the one for temporary files lie there, too."""
    folders = {name: tmp_path_factory.mktemp(name) for name in PLACES}

    def check(name: str) -> Checked:
        folder, place = folders[name], PLACES[name]
        profile = odd_profile(folder, "plain", secrets.token_hex(8))
        words = ("check", profile, "--only", "router.gate.missing*", "--only", "router.gate.built*", *place.words)
        return called(folder, place, *words)

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(PLACES, pool.map(check, PLACES), strict=True))


@pytest.mark.parametrize("name", PLACES)
def test_a_place_changes_no_verdict_and_nothing_is_written_there(checked: Mapping[str, Checked], name: str) -> None:
    if name == "read-only" and sys.platform != "linux":
        pytest.skip("/proc is Linux's, and read-only even to root")
    one = checked[name]
    assert one.done.code == 0, one.done.err
    assert verdicts(one.done.out) == verdicts(checked["peaceful"].done.out)
    assert list(verdicts(one.done.out).values()) == ["pass"] * 8
    assert one.after == one.before


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Checked]:
    """The API on tape, verified from every place."""
    folders = {name: tmp_path_factory.mktemp(name) for name in PLACES}

    def verify(name: str) -> Checked:
        return called(folders[name], PLACES[name], "verify", "--only", "api.limits.*", *PLACES[name].words)

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(PLACES, pool.map(verify, PLACES), strict=True))


@pytest.mark.parametrize("name", PLACES)
def test_a_place_changes_nothing_of_what_is_known_of_kimi(verified: Mapping[str, Checked], name: str) -> None:
    if name == "read-only" and sys.platform != "linux":
        pytest.skip("/proc is Linux's, and read-only even to root")
    one = verified[name]
    assert one.done.code == 0, one.done.err
    assert verdicts(one.done.out) == verdicts(verified["peaceful"].done.out)
    assert "pass" in verdicts(one.done.out).values()
    assert one.after == one.before


@pytest.mark.parametrize("name", PLACES)
def test_a_place_changes_no_finding_of_judge(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    if name == "read-only" and sys.platform != "linux":
        pytest.skip("/proc is Linux's, and read-only even to root")
    answer = tmp_path_factory.mktemp("answer") / "answer.json"
    answer.write_text('{"error": {"message": "版"}}', "utf-8")
    one = called(tmp_path_factory.mktemp("place"), PLACES[name], "judge", answer, "--shape", "error")
    assert one.done.code == 1, one.done.err
    (exchange,) = json.loads(one.done.out)["exchanges"]
    assert [found["where"] for found in exchange["findings"]] == ["response /error/type"]
    assert one.after == one.before


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("路由 器's", id="blanks-quotes-and-chinese"),
        pytest.param(
            os.fsdecode(b"caf\xe9 router"),
            marks=pytest.mark.skipif(sys.platform != "linux", reason="macOS has no such names"),
            id="no-utf-8",
        ),
    ],
)
def test_any_path_will_do_for_the_profile_and_all_that_is_written(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    profile = odd_profile(tmp_path, "plain", secrets.token_hex(8)).rename(folder / "router.yaml")
    (folder / "config.json").write_text('{"upstream": "{upstream.kimi}"}', "utf-8")
    text = profile.read_text("utf-8").replace("start:", "start:\n  files: {子/配置.json: config.json}")
    profile.write_text(text, "utf-8")
    outputs = ("--json", "out/结果.json", "--junit", f"out/{name}.xml", "--keep", "kept")
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = run("check", profile, "--only", "router.gate.missing*", *outputs, cwd=tmp_path, env=env)
    assert (done.code, done.err) == (0, "")
    assert set(verdicts(tmp_path / "out/结果.json").values()) == {"pass"}
    assert (tmp_path / "out" / f"{name}.xml").is_file()
    assert "127.0.0.1" in (tmp_path / "kept/子/配置.json").read_text("utf-8")
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "router.yaml"]


def test_warnings_of_an_application_in_our_process_are_its_own_affair(tmp_path: Path) -> None:
    app = """
import json, warnings
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    warnings.warn("old", DeprecationWarning)
    body = (await receive())["body"]
    head = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
    await send(head)
    await send({"type": "http.response.body", "body": json.dumps({"data": [{"id": "kimi-k3"}]}).encode()})
"""
    (tmp_path / "warns.py").write_text(app, "utf-8")
    profile = """\
name: warns
asgi: warns:app
surfaces: {chat: /v1/chat/completions, models: /v1/models}
upstreams: {kimi: {speaks: kimi}}
routes: {kimi: {upstream: kimi}}
policy: {models: {kimi-k3: kimi}, default: kimi}
"""
    (tmp_path / "warns.yaml").write_text(profile, "utf-8")
    done = run("check", "./warns.yaml", "--only", "router.models.lists*", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert not (tmp_path / "__pycache__").exists()
