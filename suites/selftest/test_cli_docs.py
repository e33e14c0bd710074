"""`docs`: writes the page, compares it, counts its lines, and says clearly what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from kimi_conformance.api.problems import BadVerification
from kimi_conformance.cli import docs as command
from kimi_conformance.registry.home import data_root
from kimi_conformance.reporting.api_page.counting import counts
from kimi_conformance.reporting.templates import NoTemplates
from kimi_conformance.reporting.write import CannotWrite
from suites.selftest.command import run
from suites.selftest.page_sources import sections, sources

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def docs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Runs `docs` in an empty folder: its exit code, and what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "gather", lambda _held: sources())

    def ran(**options: Any) -> tuple[int, str]:
        try:
            command.docs(**options)
        except typer.Exit as left:
            return left.exit_code, capsys.readouterr().out
        return 0, capsys.readouterr().out

    return ran


def test_the_committed_page_is_checked_from_the_checkout() -> None:
    done = run("docs", "--check", cwd=data_root())
    assert (done.code, done.err) == (0, "")
    assert "reports/API.md: current" in done.out
    assert "reports/openapi.yaml: current" in done.out
    assert "statements, judged by the tapes up to" in done.out


def test_a_page_that_was_edited_by_hand_is_stale_and_one_command_mends_it(docs: Any) -> None:
    page = Path("kb", "API.md")
    assert docs(out=page)[0] == 0
    written = page.read_text("utf-8")
    page.write_text(written.replace("no key arrived", "the moon is full"), "utf-8")
    code, said = docs(out=page, check=True)
    assert code == 1
    assert "the moon is full" in said
    assert "Mend it: kimi-conformance docs --out kb/API.md" in said
    assert "the moon is full" in page.read_text("utf-8")
    assert "kb/API.md: written" in docs(out=page)[1]
    assert page.read_text("utf-8") == written
    assert docs(out=page, check=True)[0] == 0


def test_a_page_that_is_missing_is_not_current(docs: Any) -> None:
    code, said = docs(check=True)
    assert code == 1
    assert "reports/API.md: missing" in said
    assert "reports/openapi.yaml: missing" in said
    assert "Mend it: kimi-conformance docs" in said
    assert list(Path().iterdir()) == []


def test_the_openapi_document_stands_beside_the_page_and_follows_it_into_no_other_tree(docs: Any) -> None:
    assert docs()[0] == 0
    document = Path("reports", "openapi.yaml")
    assert document.read_text("utf-8") == (data_root() / document).read_text("utf-8")
    document.write_text("openapi: 3.1.1\n", "utf-8")
    code, said = docs(check=True)
    assert (code, "reports/openapi.yaml: stale" in said) == (1, True)
    assert docs(out=Path("kb", "API.md"))[0] == 0
    assert [path.name for path in Path("kb").iterdir()] == ["API.md"]


def test_the_counts_are_there_for_programs(docs: Any) -> None:
    code, said = docs(out=Path("API.md"), json_="-")
    told = json.loads(said)
    assert (code, told["schema"], told["unsupported"]) == (0, 1, [])
    assert told["files"] == [{"path": "API.md", "found": "missing"}]
    counted = told["statements"]
    parts = sum(count for kind, count in counted.items() if kind not in ("total", "against_docs"))
    assert counted["total"] == parts > 400
    assert counted == {**counts(sections()), "total": parts}
    docs(out=Path("API.md"), json_="kept/counts.json")
    assert json.loads(Path("kept/counts.json").read_text("utf-8"))["files"][0]["found"] == "current"


def test_links_lead_where_the_project_lies(docs: Any) -> None:
    docs(out=Path("API.md"), links="https://code.example/blob/main")
    assert "](https://code.example/blob/main/contracts/models.yaml)" in Path("API.md").read_text("utf-8")
    docs(out=Path("API.md"))
    assert "contracts/models.yaml)" not in Path("API.md").read_text("utf-8")


def test_a_line_without_evidence_fails_and_is_named(docs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "unsupported", lambda _sections: ("Tools: A call is a song.",))
    code, said = docs(out=Path("API.md"))
    assert code == 1
    assert "without evidence: Tools: A call is a song." in said
    assert Path("API.md").is_file()


def test_a_place_where_nothing_can_be_written_is_told_before_anything_is_done(docs: Any) -> None:
    Path("kb").mkdir()
    with pytest.raises(CannotWrite, match="--out: kb is a folder"):
        docs(out=Path("kb"))
    with pytest.raises(CannotWrite, match="--out: cannot make the folder"):
        docs(out=Path("/proc/kb/API.md"))
    Path("file").write_text("", "utf-8")
    with pytest.raises(CannotWrite, match="--json: cannot make the folder"):
        docs(out=Path("API.md"), json_="file/counts.json")


def test_a_bad_file_of_live_days_is_told(docs: Any) -> None:
    Path("v.json").write_text('{"api.chat.shape": {}}', "utf-8")
    with pytest.raises(BadVerification, match=r"v\.json is no verification\.json: /api\.chat\.shape"):
        docs(verification=Path("v.json"))
    with pytest.raises(typer.BadParameter, match=r"there is no file other\.json"):
        docs(verification=Path("other.json"))


def test_without_jinja2_the_extra_is_named(docs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kimi_conformance.reporting.templates.find_spec", lambda _name: None)
    with pytest.raises(NoTemplates, match=r"pip install 'kimi-conformance\[pages\]'"):
        docs(out=Path("kb/API.md"))
    assert list(Path().iterdir()) == []
