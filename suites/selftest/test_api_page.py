"""reports/API.md is that of today, whole, and true to the tapes: every line tied, every link leads somewhere."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.cassette.shelf import newest_day
from kimi_conformance.cassette.taped import taped
from kimi_conformance.contract.held import Held
from kimi_conformance.judge.api.errors import TYPES
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.registry.home import cassettes, data_root
from kimi_conformance.registry.pages import api_page, errors
from kimi_conformance.reporting import api_page as api_page_package
from kimi_conformance.reporting.api_page.build import build
from kimi_conformance.reporting.api_page.counting import counts, total, unsupported
from kimi_conformance.reporting.api_page.gather import gather
from kimi_conformance.reporting.api_page.render import Links, render, slug
from kimi_conformance.reporting.generated import difference
from suites.selftest.page_sources import sections, sources

if TYPE_CHECKING:
    from kimi_conformance.contract.errors import ErrorKind

PAGE: Final = data_root() / "reports" / "API.md"
MEND: Final = "run: kimi-conformance docs, and look at what has changed"


@cache
def text() -> str:
    """The page, as it lies in reports/."""
    return render(sources(), sections(), Links("../"))


def test_the_committed_page_is_that_of_today() -> None:
    assert not difference(PAGE.read_text("utf-8"), text(), "reports/API.md", most=10), MEND


def test_no_line_is_without_evidence() -> None:
    assert unsupported(sections()) == ()


def test_every_requirement_of_the_api_is_on_the_page() -> None:
    tied = {
        tie for each in sections() for part in each.parts for _, mark in part.statements if mark for tie in mark.ties
    }
    assert set(requirements("api")) - tied == set()


def test_the_page_says_how_many_of_its_lines_are_known_how() -> None:
    counted = counts(sections())
    assert f"Of {total(counted)} statements {counted['live']} are live, {counted['recorded']} recorded" in text()
    assert ("**No live call has been made yet.**" in text()) == (counted["live"] == counted["recorded"] == 0)
    assert total(counted) > 400


def test_every_link_within_the_page_leads_to_an_anchor() -> None:
    headings = {slug(found) for found in re.findall(r"^#+ (.+)$", text(), re.MULTILINE)}
    anchors = headings | set(re.findall(r'<a id="([^"]+)">', text()))
    linked = set(re.findall(r"\]\(#([^)]+)\)", text()))
    assert len(linked) > 200
    assert linked - anchors == set()


def test_an_anchor_stands_once() -> None:
    anchors = re.findall(r'<a id="([^"]+)">', text())
    assert len(anchors) == len(set(anchors))


def test_every_file_that_the_page_links_to_is_there() -> None:
    linked = set(re.findall(r"\]\((\.\./[^)#]+)\)", text()))
    assert len(linked) > 30
    assert [each for each in linked if not (PAGE.parent / each).exists()] == []


def test_a_page_in_another_tree_has_no_links_to_files() -> None:
    elsewhere = render(sources(), sections(), Links(None))
    assert re.findall(r"\]\((?!#)[^)]*\)", elsewhere) == []
    assert "`cassettes/limits/rpm.yaml`" in elsewhere
    linked = render(sources(), sections(), Links("https://code.example/main/"))
    assert "](https://code.example/main/contracts/requirements/api/limits.yaml)" in linked


def test_every_row_of_a_table_is_as_wide_as_its_head() -> None:
    wide = 0
    for line in text().splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) - 1 if line.startswith("|") else 0
        assert not (wide and cells) or cells == wide, line
        wide = cells


def test_ten_questions_are_answered_and_lead_on() -> None:
    asked = [each for part in api_page().sections["ten-questions"].parts for each in part.questions or ()]
    assert len(asked) == 10
    for each in asked:
        assert f"**{each.asks}**" in text()
        assert f"\n## {api_page().sections[each.see].title}\n" in text()


def test_the_page_knows_no_later_day_than_its_newest_tape_and_the_announced_ends() -> None:
    ends = {"2026-12-31"}
    days = set(re.findall(r"\b20\d\d-\d\d-\d\d\b", text().replace("\u2011", "-"))) - ends
    assert max(days) == str(newest_day())


def test_nothing_that_makes_the_page_asks_for_the_time() -> None:
    package = Path(api_page_package.__file__).parent
    made_by = [*package.glob("*.py"), package.parents[1] / "cli" / "docs.py"]
    assert len(made_by) > 15
    assert [each.name for each in made_by if re.search(r"\bnow\(|today\(|import time", each.read_text("utf-8"))] == []


def test_a_day_of_a_live_run_is_on_the_page_and_one_elsewhere_is_not() -> None:
    where = {"api.limits.rate-429": "api.moonshot.ai", "api.limits.overload-429": "127.0.0.1:8080"}
    held = {
        name: Held.model_validate({"held": "2026-12-01", "where": host, "suite": "0.1.0"})
        for name, host in where.items()
    }
    told = gather(held)
    live = build(told)
    found = render(told, live, Links("../"))
    assert counts(live)["live"] > 0
    assert "[live<br>2026\u201112\u201101](#api.limits.rate-429)" in found
    assert "(#api.limits.overload-429)" in found
    assert "2026\u201112\u201101](#api.limits.overload-429)" not in found
    assert "  - live: 2026-12-01, api.moonshot.ai" in found


def test_a_requirement_that_fails_is_shown_as_failing_and_not_dropped(tmp_path: Path) -> None:
    shutil.copytree(cassettes(), tmp_path / "shelf")
    tape = tmp_path / "shelf" / "limits" / "overload.yaml"
    faulty = tape.read_text("utf-8").replace("engine_overloaded_error", "rate_limit_reached_error")
    tape.write_text(faulty, "utf-8")
    told = gather({}, tmp_path / "shelf")
    found = build(told)
    page = render(told, found, Links("../"))
    assert counts(found)["failing"] > counts(sections())["failing"]
    assert total(counts(found)) == total(counts(sections()))
    line = next(each for each in page.splitlines() if each.startswith("| `engine_overloaded_error` |"))
    assert "[**does not hold<br>2026\u201109\u201102" in line
    assert line.endswith(": the type of a 429 is not that of its words |")
    assert "  - **does not hold**: " in page
    assert difference(text(), page, "reports/API.md")


@pytest.mark.parametrize(("kind", "name"), [(each, name) for each in errors().errors for name in each.cassettes])
def test_an_error_is_worded_as_on_its_tape(kind: ErrorKind, name: str) -> None:
    tape = taped(name)
    whole = tape.answer
    told = whole if kind.type == "url.not_found" else whole["error"]
    assert (tape.status, told.get("type", told.get("error"))) == (kind.status, kind.type)
    patterns = [".*".join(map(re.escape, re.split(r"\{[^}]+\}", message))) for message in kind.messages]
    assert any(re.fullmatch(pattern, told["message"]) for pattern in patterns), told["message"]


def test_the_table_of_errors_has_every_type_that_the_judge_knows() -> None:
    told = {(each.status, each.type) for each in errors().errors}
    assert {(status, kind) for status, kinds in TYPES.items() for kind in kinds} - told == set()
    assert {each.type for each in errors().limits} == set(TYPES[429])


def test_of_many_lines_that_differ_the_first_are_shown() -> None:
    old, new = "\n".join(map(str, range(99))), "\n".join(f"{each}!" for each in range(99))
    lines = difference(old, new, "page.md", most=5)
    assert lines[:2] == ("--- page.md (as it is)", "+++ page.md (as it should be)")
    assert (len(lines), lines[-1]) == (6, "… and 196 more lines")
    assert difference(old, old, "page.md") == ()
    assert len(max(difference("a" * 999, "b" * 999, "page.md"), key=len)) == 199
    told = difference(f"{'a' * 400}b{'c' * 400}", f"{'a' * 400}d{'c' * 400}", "page.md")
    assert told[-2:] == (f"-…{'a' * 40}b{'c' * 156}…", f"+…{'a' * 40}d{'c' * 156}…")


def test_counts_are_whole_numbers_that_json_carries() -> None:
    assert json.loads(json.dumps(counts(sections()))) == counts(sections())
