"""Hostile surroundings: whatever lies in folder and environment, the verdicts are the same, nothing else is written."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from suites.selftest.command import COMMAND, Done, odd_profile, run, start

if TYPE_CHECKING:
    from collections.abc import Mapping

A_FEW = ("--only", "router.models.*", "--only", "router.gate.missing-model-takes-default")
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
FILES = {
    "pytest.ini": "[pytest]\naddopts = --collect-only -p no:kimi_conformance\nminversion = 99\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--no-such-option"\n',
    "tox.ini": "[pytest]\naddopts = --no-such-option\n",
    "setup.cfg": "[tool:pytest]\naddopts = --no-such-option\n",
    "conftest.py": LIES,
    **dict.fromkeys(["json.py", "yaml.py", "pytest.py", "typer.py", "execnet.py", "kimi_conformance.py"], RAISES),
}


def verdicts(results: Path | str) -> Mapping[str, str]:
    """Case id -> verdict."""
    data = json.loads(results.read_bytes() if isinstance(results, Path) else results)
    return {case["id"]: case["verdict"] for requirement in data["requirements"] for case in requirement["cases"]}


def listing(folder: Path) -> Mapping[str, bytes | None]:
    """Every path below `folder` with its content."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The verdicts in peaceful surroundings."""
    done = run("check", "reference-asgi", *A_FEW, "--json", "-", cwd=tmp_path_factory.mktemp("peaceful"))
    assert done.code == 0
    assert len(verdicts(done.out)) > 10
    return verdicts(done.out)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
def test_hostile_files_in_the_folder_and_beside_the_profile_change_nothing(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    odd_profile(tmp_path, "plain", secrets.token_hex(8))
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    before = listing(tmp_path)
    words = ("./router.yaml", "--only", "router.gate.missing*", "--only", "router.gate.built*")
    done = run("check", *words, *workers, "--json", "-", cwd=tmp_path)
    assert done.code == 0, done.err
    assert len(verdicts(done.out)) == 8
    assert set(verdicts(done.out).values()) == {"pass"}
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(
            {
                "PYTEST_ADDOPTS": "--collect-only -x --no-such-option",
                "PYTEST_PLUGINS": "no_such_plugin",
                "PYTEST_DEBUG": "1",
                "PYTHONPATH": "EVIL",
                "PYTHONSTARTUP": "EVIL/json.py",
                "PYTHONWARNINGS": "error",
                "PYTHONOPTIMIZE": "2",
                "PYTHONHASHSEED": "0",
            },
            id="python",
        ),
        pytest.param(
            {
                **dict.fromkeys(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"], NOWHERE),
                **dict.fromkeys(["HOME", "LANG", "TERM", "USER", "NO_PROXY", "no_proxy"], None),
                "LC_ALL": "C",
                "PYTHONUTF8": "0",
                "PYTHONCOERCECLOCALE": "0",
                "XDG_CACHE_HOME": "relative",
                "COLUMNS": "1",
            },
            id="network-locale-home",
        ),
    ],
)
def test_hostile_variables_change_nothing(
    tmp_path: Path, usual: Mapping[str, str], hostile: Mapping[str, str | None]
) -> None:
    evil, here, temp = tmp_path / "evil", tmp_path / "here", tmp_path / "temp"
    for folder in (evil, here, temp):
        folder.mkdir()
    for name in ("json.py", "yaml.py", "pytest.py", "typer.py", "rich.py"):
        (evil / name).write_text(RAISES, "utf-8")
    env = {name: value and value.replace("EVIL", str(evil)) for name, value in hostile.items()}
    before = listing(tmp_path)
    done = run("check", "reference-asgi", *A_FEW, "--json", "-", cwd=here, env={**env, "TMPDIR": str(temp)})
    assert (done.code, verdicts(done.out)) == (0, usual), done.err
    assert listing(tmp_path) == before


def gone() -> Done:
    """A check in a folder that was removed."""
    line = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"'
    place = str(Path(os.environ.get("TMPDIR", "/tmp")) / f"gone-{secrets.token_hex(8)}")
    return start(
        "check", "reference-asgi", *A_FEW, "--json", "-", cwd="/", command=("sh", "-c", line, place, COMMAND)
    ).end()


def test_a_folder_that_is_gone_changes_nothing(usual: Mapping[str, str]) -> None:
    done = gone()
    assert (done.code, verdicts(done.out)) == (0, usual), done.err


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's, and read-only even to root")
def test_a_read_only_folder_changes_nothing(usual: Mapping[str, str]) -> None:
    done = run("check", "reference-asgi", *A_FEW, "--json", "-", cwd="/proc/self")
    assert (done.code, verdicts(done.out)) == (0, usual), done.err


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
