"""The badge says what a run came to, and no more: green is earned, and what was not observed is told."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

import pytest

from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.contract.result import CaseResult, How, Results, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.badge import AMBER, GREEN, GREY, LABEL, RED, Badge, badge
from kimi_conformance.reporting.badge_svg import svg
from kimi_conformance.reporting.summary import assemble
from kimi_conformance.reporting.write import write_results
from suites.selftest.command import run
from suites.selftest.frame import framed
from suites.selftest.shards import BEGAN, Made

if TYPE_CHECKING:
    from pathlib import Path

FAIL, STALE, INFRA, KNOWN, WARN, UNSEEN, PASS, IDLE = Verdict
NS: Final = "{http://www.w3.org/2000/svg}"


def results(
    *verdicts: Verdict, mode: Literal["replay", "live"] = "replay", origin: str = "modelled", actor: str = "router"
) -> Results:
    """A run with a requirement of one case for each verdict."""
    names = [f"{actor}.gate.r{number}" for number in range(len(verdicts))]
    rule = {
        "level": "MUST",
        "says": "It must hold.",
        "evidence": [{"kind": "operator-note", "source": "hub page", "date": "2026-05-01"}],
    }
    how = How(mode=mode, origin=origin)
    return assemble(
        [
            CaseResult(id=f"{name}@n=1", requirement=name, verdict=verdict, how=how)
            for name, verdict in zip(names, verdicts, strict=True)
        ],
        {name: Requirement.model_validate({"id": name, **rule}) for name in names},
        target=Target(name="made-up"),
        command=["kimi-conformance", "check"],
        mode=mode,
        started=BEGAN,
        duration_s=1,
        on=date(2026, 11, 30),
    )


@pytest.mark.parametrize(
    ("verdicts", "message", "colour"),
    [
        pytest.param([PASS, PASS, UNSEEN, IDLE], "3 requirements: 2 pass, 1 not observed", GREEN, id="conformant"),
        pytest.param([PASS], "1 requirement: 1 pass", GREEN, id="one"),
        pytest.param([PASS, WARN], "2 requirements: 1 pass, 1 warn", AMBER, id="a warning"),
        pytest.param([PASS, KNOWN], "2 requirements: 1 pass, 1 known to fail", AMBER, id="a known failure"),
        pytest.param([PASS, FAIL, INFRA], "3 requirements: 1 fail, 1 could not be told, 1 pass", RED, id="a failure"),
        pytest.param([PASS, STALE], "2 requirements: 1 listed as failing pass, 1 pass", RED, id="stale"),
        pytest.param([PASS, INFRA], "2 requirements: 1 could not be told, 1 pass", GREY, id="the router was down"),
        pytest.param([UNSEEN, UNSEEN], "2 requirements: 2 not observed", GREY, id="nothing seen"),
        pytest.param([WARN, KNOWN], "2 requirements: 1 warn, 1 known to fail", GREY, id="nothing passed"),
        pytest.param([IDLE, IDLE], "nothing was tried", GREY, id="nothing applies"),
    ],
)
def test_it_counts_what_applies_and_is_green_where_a_run_is_conformant_only(
    verdicts: list[Verdict], message: str, colour: str
) -> None:
    made = badge(results(*verdicts))
    assert (made.label, made.message, made.colour) == (LABEL, message, colour)
    assert made.wrong is (colour in {RED, GREY})


def test_a_requirement_of_which_some_cases_pass_makes_nothing_green() -> None:
    made = badge(Made({"router.gate.a@n=1": PASS, "router.gate.a@n=2": UNSEEN}).whole())
    assert (made.message, made.colour) == ("1 requirement: 1 not observed", GREY)


@pytest.mark.parametrize(
    ("mode", "origin", "said"),
    [
        ("replay", "observed", "on tape, "),
        ("live", "live", "live 2026-11-30, "),
        ("live", "modelled", "not asked of Kimi, "),
    ],
)
def test_of_the_api_it_says_whether_kimi_itself_was_asked(
    mode: Literal["replay", "live"], origin: str, said: str
) -> None:
    assert badge(results(PASS, mode=mode, origin=origin, actor="api")).message == f"{said}1 requirement: 1 pass"


def test_the_endpoint_document_is_as_shields_reads_it_and_no_url_recolours_a_bad_one() -> None:
    good = {"schemaVersion": 1, "label": "mine", "message": "1 requirement: 1 pass", "color": GREEN}
    assert badge(results(PASS), "mine").as_endpoint() == good
    assert badge(results(FAIL)).as_endpoint()["isError"] is True


@pytest.mark.parametrize("text", ["a <b> & \"c\" 'd'", "路由器 \N{SNOWMAN}", "]]>", "a\x00b\ud800\nc", " "])
def test_the_image_is_xml_and_tells_its_text_whatever_stands_in_it(text: str) -> None:
    root = ET.fromstring(svg(Badge(text, "1 pass", GREEN, wrong=False)))  # noqa: S314 - we made it
    shown = text.replace("\x00", " ").replace("\ud800", " ").replace("\n", " ")
    assert [each.text for each in root.iter(f"{NS}text")] == [shown, "1 pass"]
    assert root.findtext(f"{NS}title") == root.get("aria-label") == f"{shown}: 1 pass"
    assert root.get("role") == "img"


def test_the_image_is_as_wide_as_its_text_and_colours_the_right_side() -> None:
    short, long = (ET.fromstring(svg(Badge("x", text, RED, wrong=True))) for text in ("1 pass", "134 requirements"))  # noqa: S314 - we made them
    assert 0 < int(str(short.get("width"))) < int(str(long.get("width")))
    for root in (short, long):
        label, message = root.iter(f"{NS}text")
        end = int(str(message.get("x"))) + int(str(message.get("textLength")))
        assert int(str(label.get("x"))) + int(str(label.get("textLength"))) < int(str(message.get("x")))
        assert end < int(str(root.get("width")))
    assert [each.get("fill") for each in short.iter(f"{NS}rect")] == [RED]


def luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [GREEN, AMBER, RED, GREY])
def test_white_letters_can_be_read_on_it(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_a_user_gets_both_files_and_the_document_where_no_file_is_named(tmp_path: Path) -> None:
    write_results(results(PASS, UNSEEN), tmp_path / "r.json")
    words = ("badge", "r.json", "--label", "my router")
    done = run(*words, "--json", "b/badge.json", "--svg", "b/badge.svg", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "", "")
    document = json.loads((tmp_path / "b" / "badge.json").read_bytes())
    assert document["message"] == "2 requirements: 1 pass, 1 not observed"
    assert b"my router: 2 requirements: 1 pass, 1 not observed" in (tmp_path / "b" / "badge.svg").read_bytes()
    assert json.loads(run(*words, cwd=tmp_path).out) == document


def edited(results: Results) -> str:
    return json.dumps({**results.as_json(), "conformant": True})


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        pytest.param(edited(results(FAIL)), (), "it was edited, or cut: /conformant: it says true", id="edited"),
        pytest.param('{"schema": 2}', (), "r.json has schema 2; this version", id="another schema"),
        pytest.param("{", (), "r.json:1: this is no JSON", id="cut"),
        pytest.param(
            json.dumps(Made({"router.gate.a@n=1": PASS}).shard(1, 2).as_json()),
            (),
            "r.json is shard 1/2 of a run: `kimi-conformance merge` the shards first",
            id="a shard",
        ),
        pytest.param(edited(results(PASS)), ("--label", " "), "--label: there is nothing in it", id="no label"),
        pytest.param(edited(results(PASS)), ("--svg", "."), "--svg: . is a folder", id="a folder"),
    ],
)
def test_what_is_no_whole_run_gets_no_badge(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    text: str,
    words: tuple[str, ...],
    said: str,
) -> None:
    (tmp_path / "r.json").write_text(text, "utf-8")
    done = framed(tmp_path, monkeypatch, capsys, "badge", "r.json", "--json", "b.json", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not (tmp_path / "b.json").exists()
