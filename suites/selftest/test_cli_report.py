"""`report`: a page of a run that is over, and what is said where there is none to be made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kimi_conformance import __version__
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.reporting.write import write_results
from suites.selftest.frame import framed
from suites.selftest.pages import GATE, case, every_verdict, ran, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kimi_conformance.contract.result import Results
    from suites.selftest.command import Done

    Say = Callable[..., Done]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command in the folder of the test."""
    return lambda *words: framed(tmp_path, monkeypatch, capsys, *words)


def written(results: Results, folder: Path) -> str:
    """The name of the file in `folder` that has `results`."""
    write_results(results, folder / "r.json")
    return "r.json"


def test_it_writes_one_page_and_says_so_in_a_line(say: Say, tmp_path: Path) -> None:
    done = say("report", written(every_verdict(), tmp_path))
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("report.html: 8 cases, ")
    assert len(done.err.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.json", "report.html"]
    assert requirements("router")[GATE].says in read((tmp_path / "report.html").read_text("utf-8")).text


def test_a_place_may_be_named_and_requirements_linked(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIMI_REQUIREMENT_URL", "https://code.example/{file}#{id}")
    name = written(ran(case("@a=1")), tmp_path)
    assert say("report", name, "--html", "out/page.html").code == 0
    text = (tmp_path / "out" / "page.html").read_text("utf-8")
    assert f'href="https://code.example/contracts/requirements/router/gate.yaml#{GATE}"' in text
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(None, "r.json cannot be read: No such file or directory", id="missing"),
        pytest.param("{", "r.json:1: this is no JSON: ", id="no-json"),
        pytest.param("[]", "r.json is no results.json: it is no JSON object with a member `schema`", id="another"),
        pytest.param('{"schema": 2}', "r.json has schema 2; this version of kimi-conformance reads 1", id="schema"),
        pytest.param('{"schema": 1}', "r.json is no results.json: /suite: Field required", id="half"),
    ],
)
def test_what_cannot_be_read_is_one_message(say: Say, tmp_path: Path, text: str | None, says: str) -> None:
    if text is not None:
        (tmp_path / "r.json").write_text(text, "utf-8")
    done = say("report", "r.json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(says)
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "report.html").exists()


def test_results_of_a_newer_version_are_left_to_it(say: Say, tmp_path: Path) -> None:
    newer = every_verdict().model_copy(update={"suite": "99.1.0"})
    done = say("report", written(newer, tmp_path))
    assert done.code == 2
    assert done.err == (
        f"r.json was written by kimi-conformance 99.1.0, and this is {__version__}: use that version, or a newer one\n"
    )


def test_results_of_an_older_version_are_shown(say: Say, tmp_path: Path) -> None:
    older = every_verdict().model_copy(update={"suite": "0.0.9"})
    assert say("report", written(older, tmp_path)).code == 0


@pytest.mark.parametrize("command", [("report", "r.json"), ("check", "--html", "report.html")], ids=["report", "check"])
def test_a_template_that_makes_no_address_is_told_before_anything_is_done(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    written(ran(case("@a=1")), tmp_path)
    monkeypatch.setenv("KIMI_REQUIREMENT_URL", "code.example/{id}")
    done = say(*command)
    assert (done.code, done.out) == (2, "")
    assert done.err == "KIMI_REQUIREMENT_URL is no address: it takes the form https://host/path/{file}#{id}\n"
    assert not (tmp_path / "report.html").exists()


def test_a_file_that_is_a_folder_is_told_first(say: Say, tmp_path: Path) -> None:
    done = say("report", written(every_verdict(), tmp_path), "--html", ".")
    assert (done.code, done.err) == (2, "--html: . is a folder\n")


def test_json_of_odd_types_is_no_results(say: Say, tmp_path: Path) -> None:
    data = every_verdict().as_json() | {"requirements": [{"id": GATE, "cases": "many"}]}
    (tmp_path / "r.json").write_text(json.dumps(data), "utf-8")
    done = say("report", "r.json")
    assert done.code == 2
    assert done.err.startswith("r.json is no results.json: /requirements/0/")
