"""The wheel, in an environment and a folder of its own: it carries all that it needs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.registry.home import data_root
from kimi_conformance.registry.state import suite_state
from suites.selftest.command import run, start

if TYPE_CHECKING:
    from suites.selftest.command import Done

CHECKOUT = Path(__file__).resolve().parents[2]
MOST_BYTES = 2_000_000
A_FEW = ("--only", "router.gate.claude*")
HOSTILE = {
    "pytest.ini": "[pytest]\naddopts = --no-such-option\n",
    "conftest.py": "raise RuntimeError('hostile')\n",
}


def python(*words: str | Path, cwd: Path) -> str:
    """What our interpreter prints, run with `words`."""
    done = subprocess.run([sys.executable, *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as pip builds it: in an environment with hatchling from the package index."""
    folder = tmp_path_factory.mktemp("dist")
    python("-m", "pip", "wheel", CHECKOUT, "--no-deps", "--quiet", "--wheel-dir", folder, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it; what it depends on is borrowed from our own, after the installation.

    (Before, pip would find our own copy there, and replace it.) It lies in somebody's project, whose configuration for
    pytest is above that of ours.
    """
    venv = tmp_path_factory.mktemp("venv")
    python("-m", "venv", "--without-pip", venv, cwd=venv)
    pip = ("-m", "pip", "--python", venv / "bin" / "python", "install", "--no-deps", "--no-index", "--quiet")
    python(*pip, wheel, cwd=venv)
    borrow(venv)
    for name, text in HOSTILE.items():
        (venv / name).write_text(text, "utf-8")
    return venv


def borrow(venv: Path) -> None:
    """Let `venv` import what we can import from an environment."""
    (site,) = venv.glob("lib/python*/site-packages")
    borrowed = [entry for entry in sys.path if Path(entry).name == "site-packages"]
    (site / "borrowed.pth").write_text("\n".join(borrowed), "utf-8")


def test_without_its_dependencies_it_says_so(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "from kimi_conformance.cli import main; main()"
    done = start(
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}",
        cwd=tmp_path,
        command=(sys.executable,),
    ).end()
    assert done.code == 70
    assert done.err == "kimi-conformance is not installed completely: No module named 'typer'\n"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with nothing in it."""
    return tmp_path


def command(installed: Path, *words: str, cwd: Path) -> Done:
    """The command of the installed wheel."""
    return start(*words, cwd=cwd, command=(str(installed / "bin" / "kimi-conformance"),)).end()


def test_the_wheel_has_the_data_and_no_rubbish(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    data = {name.split("/data/")[1] for name in names if "/data/" in name}
    for folder in ("contracts", "suites/routing", "suites/api", "cassettes"):
        wanted = {str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / folder).rglob("*") if path.is_file()}
        assert {name for name in wanted if "__pycache__" not in name and "node_modules" not in name} <= data
    assert [name for name in names if "__pycache__" in name or "node_modules" in name or name.endswith(".pyc")] == []
    assert "kimi_conformance/py.typed" in names
    assert wheel.stat().st_size < MOST_BYTES


def test_everything_comes_from_the_installed_wheel(installed: Path, empty: Path) -> None:
    code = "from kimi_conformance.registry.home import data_root; print(data_root())"
    done = start("-c", code, cwd=empty, command=(str(installed / "bin" / "python"),)).end()
    assert done.code == 0, done.err
    assert Path(done.out.strip()).is_relative_to(installed)
    assert data_root() == CHECKOUT


def test_its_state_is_that_of_the_checkout_so_that_shards_of_both_make_one_run(installed: Path, empty: Path) -> None:
    code = "from kimi_conformance.registry.state import suite_state; print(suite_state())"
    done = start("-c", code, cwd=empty, command=(str(installed / "bin" / "python"),)).end()
    assert (done.code, done.err) == (0, "")
    assert done.out.strip() == suite_state()


def test_the_list_is_that_of_the_checkout(installed: Path, empty: Path) -> None:
    done = command(installed, "check", "--list", cwd=empty)
    assert (done.code, done.err) == (0, "")
    assert done.out == run("check", "--list", cwd=empty).out


@pytest.mark.parametrize(
    "profile",
    [
        "reference",
        pytest.param("operator-node", marks=pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js")),
    ],
)
def test_a_bundled_router_is_checked_from_an_empty_folder(installed: Path, empty: Path, profile: str) -> None:
    done = command(installed, "check", profile, *A_FEW, "--json", "-", cwd=empty)
    assert done.code == 0, done.err
    results = json.loads(done.out)
    assert results["conformant"]
    assert results["totals"]["pass"] >= 16
    assert list(empty.iterdir()) == []


def test_kimi_is_verified_from_an_empty_folder_as_from_the_checkout(installed: Path, empty: Path) -> None:
    words = ("verify", "--only", "api.errors.*", "--json", "-")
    there, here = command(installed, *words, cwd=empty), run(*words, cwd=empty)
    assert there.code == 0, there.err
    found, wanted = (json.loads(done.out) for done in (there, here))
    assert found["totals"]["pass"] > 20
    assert found["totals"] == wanted["totals"]
    assert [each["verdict"] for each in found["requirements"]] == [each["verdict"] for each in wanted["requirements"]]
    assert list(empty.iterdir()) == []


def test_a_run_is_shown_on_a_page_from_the_wheel(installed: Path, empty: Path) -> None:
    done = command(installed, "verify", "--only", "api.auth.*", "--html", "run.html", cwd=empty)
    assert done.code == 0, done.err
    assert "api.auth.own-key-accepted" in (empty / "run.html").read_text("utf-8")


def test_traffic_is_judged_from_an_empty_folder(installed: Path, empty: Path) -> None:
    (tape,) = installed.rglob("kimi_conformance/data/cassettes/hosts/models-ai.yaml")
    done = command(installed, "judge", str(tape), cwd=empty)
    assert (done.code, done.err) == (0, "")
    assert "1 exchange in 1 file: 1 judged, 0 not\n" in done.out
    assert list(empty.iterdir()) == []


def test_a_profile_is_made_and_explained_from_the_wheel(installed: Path, empty: Path) -> None:
    assert command(installed, "init", cwd=empty).code == 0
    done = command(installed, "explain", "router.yaml", cwd=empty)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("my-router: where each request must go\n")


def test_a_package_that_pythonpath_alone_leads_to_works(wheel: Path, tmp_path: Path) -> None:
    """As after `pip install --target`: pytest in its process must find what the command was found by."""
    target, venv = tmp_path / "target", tmp_path / "venv"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    python("-m", "venv", "--without-pip", venv, cwd=tmp_path)
    borrow(venv)
    code = "from kimi_conformance.cli import main; main()"
    words = ("-c", code, "check", "reference-asgi", "--only", "router.models.*")
    going = start(*words, cwd=tmp_path, env={"PYTHONPATH": str(target)}, command=(str(venv / "bin" / "python"),))
    done = going.end()
    assert (done.code, done.err) == (0, "")
