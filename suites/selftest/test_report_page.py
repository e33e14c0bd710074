"""report.html: what it tells, that it is one file, and that nothing hostile gets out of its text."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.result import How, Moment, Part, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.figures import outcome
from kimi_conformance.reporting.page.render import page
from kimi_conformance.reporting.templates import NoTemplates
from suites.selftest.pages import GATE, LEGS, MODELS, REQUIREMENTS, case, every_verdict, finding, ran, read

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.contract.result import Results
    from suites.selftest.pages import Read

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</pre></details></style><iframe src=https://evil.example>",
    "{{ 7*7 }}{% for x in y %}",
    "a\u2028b\u2029c\u202ed\u0000e\u0007f\x1b[31mg",
    "javascript:alert(1)",
)


def shown(results: Results, **options: str) -> Read:
    return read(page(results, REQUIREMENTS, **options))


def test_the_headline_is_the_consoles() -> None:
    for results in (ran(case("@a=1")), every_verdict(), ran(case("@a=1", "infra-error")), ran(case("@a=1", "warn"))):
        seen = shown(results)
        assert seen.texts("span")[0] == outcome(results)
        assert seen.texts("title") == [f"{outcome(results)}: operator-node - kimi-conformance"]


def test_every_verdict_has_a_section_and_every_case_is_there() -> None:
    seen = shown(every_verdict())
    assert [one["data-v"] for one in seen.named("section")] == ["fail"]  # one requirement, by its worst case
    assert {one["data-v"] for one in [*seen.named("details"), *seen.named("li")] if "data-v" in one} == set(Verdict)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_requirement_stands_in_the_section_of_its_verdict(verdict: Verdict) -> None:
    seen = shown(ran(case("@a=1", verdict.value)))
    assert [one["data-v"] for one in seen.named("section")] == [verdict.value]


def test_what_needs_work_comes_before_what_does_not() -> None:
    seen = shown(ran(case("@a=1"), case("@a=1", "warn", of=MODELS)))
    assert [one["data-v"] for one in seen.named("section")] == ["warn", "pass"]


def test_a_failing_case_tells_all_that_is_known_of_it() -> None:
    text = shown(ran(case("@model=kimi-k3", "fail"))).text
    for told in (
        "Nothing else takes the plan route.",
        "Because It is paid for.",
        "vendor-doc, 2026-05-01: see https://example.org/a?b=1 , and more",
        "went astray",
        "expected route kimi",
        "actual plan",
        "where upstream request",
        "POST /v1 {}",
        "POST /v1 upstream",
        "curl http://x",
        f"kimi-conformance check operator-node --only '{GATE}@model=kimi-k3'",
        "Seen: replay, modelled",
    ):
        assert told in text


def test_both_legs_stand_on_one_timeline_in_ms() -> None:
    seen = shown(ran(case("@a=1", "fail")))
    assert seen.texts("time") == ["0.0", "1.5", "2.0"]
    lanes = [one["class"] for one in seen.named("li") if re.fullmatch(r"l\d", one.get("class", ""))]
    assert lanes == ["l0", "l1", "l2"]
    assert "timeline n3" in [one.get("class") for one in seen.named("ol")]


def test_more_legs_than_columns_share_the_last_one() -> None:
    legs = tuple(Moment(t_ms=at, leg=f"upstream u{at}", what="gets it", detail="x") for at in range(8))
    seen = shown(ran(case("@a=1", "fail", timeline=legs)))
    lanes = [one["class"] for one in seen.named("li") if re.fullmatch(r"l\d", one.get("class", ""))]
    assert lanes == ["l0", "l1", "l2", "l3", "l4", "l4", "l4", "l4"]


def test_a_case_that_passed_is_a_line() -> None:
    text = page(ran(case("@agent=dispo@model=kimi-k3", timeline=LEGS[2:], duration_ms=12.34)), REQUIREMENTS)
    [line] = [line for line in text.splitlines() if "@agent=dispo@model=kimi-k3" in line]
    assert line == '<li data-v="pass"><code>@agent=dispo@model=kimi-k3</code> <small>12.3 ms</small></li>'


def test_a_case_that_passed_with_a_note_tells_it() -> None:
    assert "a MAY is not kept" in shown(ran(case("@a=1", findings=(finding(message="a MAY is not kept"),)))).text


def test_a_reason_that_cases_share_is_told_once_with_their_number() -> None:
    cases = [case(f"@n={number}", "not-observed", message="nobody\nlooked") for number in range(30)]
    seen = shown(ran(*cases, case("", "not-applicable", of=MODELS, message="no models here")))
    assert "30 nobody looked" in seen.text
    assert "1 no models here" in seen.text


def test_known_failings_stand_apart_with_their_reason() -> None:
    seen = shown(ran(case("@a=1", "known-fail", message="the profile's own reason"), case("@a=1", of=MODELS)))
    assert [one["data-v"] for one in seen.named("section")] == ["known-fail", "pass"]
    assert "the profile's own reason" in seen.text


def test_notes_and_how_unusual_cases_were_seen_are_told() -> None:
    how = How(mode="live", origin="live", host="platform-ai", model="kimi-k3", date="2026-11-23")
    cases = (case("@a=1"), case("@a=2"), case("@a=3", how=how))
    seen = shown(ran(*cases, notes=("an entry ran out",)))
    assert "Note an entry ran out" in seen.text
    assert "live, live, platform-ai, kimi-k3, 2026-11-23" in seen.texts("small")
    assert "replay, modelled" not in seen.texts("small")


def test_a_part_and_a_run_that_was_interrupted_say_so() -> None:
    part = Part(index=2, count=5, selection=(f"{GATE}@a=1",))
    text = shown(ran(case("@a=1"), shard=part, interrupted=True)).text
    assert "Part 2 of 5 The other cases" in text
    assert "Interrupted This run" in text
    whole = shown(ran(case("@a=1"))).text
    assert "Part" not in whole
    assert "Interrupted" not in whole


def test_a_requirement_that_this_version_does_not_know_is_shown_all_the_same() -> None:
    text = read(page(ran(case("@a=1", "fail")), {})).text
    assert f"{GATE} MUST, 1 case This version of kimi-conformance has no such requirement." in text
    assert "went astray" in text


def test_numbers_of_the_table_lead_to_the_filter() -> None:
    links = [one["href"] for one in shown(every_verdict()).named("a") if one["href"].startswith("#")]
    assert "#?area=gate&verdict=stale-known" in links


def test_only_as_many_are_open_as_a_person_can_read() -> None:
    many = {
        name: REQUIREMENTS[GATE].model_copy(update={"id": name}) for name in (f"router.gate.r{n}" for n in range(20))
    }
    base = ran(case("@a=1", "fail"))
    results = base.model_copy(
        update={
            "requirements": tuple(
                base.requirements[0].model_copy(update={"id": name, "cases": (case("@a=1", "fail", of=name),)})
                for name in many
            )
        }
    )
    opened = [one["class"] for one in read(page(results, many)).named("details") if "open" in one]
    assert (opened.count("req"), opened.count("case")) == (12, 12)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    usual = shown(ran(case("@a=1", "fail"), notes=("n",), again="again"))
    bad = case(
        "@a=1",
        "fail",
        message=text,
        findings=(finding(expected=text, actual=text, where=text, message=text),),
        timeline=(Moment(t_ms=0, leg="client", what=text, detail=text), *LEGS[1:]),
        curl=text,
        how=How(mode="replay", origin=text, host=text, model=text, date=text),
    )
    target = Target(name=text, version=text, profile_sha256=text)
    results = ran(bad, notes=(text,), again=text, command=(text,), suite=text, target=target)
    seen = shown(results)
    assert {tag for tag, _ in seen.tags} <= {tag for tag, _ in usual.tags}
    assert len(seen.named("script")) == len(seen.named("style")) == 1
    assert {name for _, attributes in seen.tags for name in attributes} <= {
        name for _, attributes in usual.tags for name in attributes
    }
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u2028\u2029\u202e]", seen.text)


def test_what_cannot_be_seen_is_named() -> None:
    text = shown(ran(case("@a=1", "fail", curl="a\u2028b\u202ec\x00d"))).text
    assert "a<U+2028>b<U+202E>c<U+0000>d" in text


def test_it_needs_nothing_from_elsewhere() -> None:
    seen = shown(every_verdict())
    loading = [
        (tag, value)
        for tag, attributes in seen.tags
        for name, value in attributes.items()
        if name in ("src", "srcset", "action", "data", "poster") or (name == "href" and tag != "a")
    ]
    assert [tag for tag, _ in loading] == ["link"]
    assert loading[0][1].startswith("data:image/svg+xml,")
    assert "url(" not in seen.texts("style")[0]
    assert "@import" not in seen.texts("style")[0]
    assert not re.search(r"fetch|XMLHttpRequest|import\(|innerHTML|eval", seen.texts("script")[0])


def test_no_other_script_than_its_own_may_run() -> None:
    seen = shown(every_verdict())
    [policy] = [one["content"] for one in seen.named("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for tag in ("script", "style"):
        [text] = seen.texts(tag)
        assert rules[f"{tag}-src"] == f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    assert not [name for _, attributes in seen.tags for name in attributes if name == "style" or name.startswith("on")]


def test_the_same_results_make_the_same_page() -> None:
    assert page(every_verdict(), REQUIREMENTS) == page(every_verdict(), REQUIREMENTS)


def test_ids_are_those_of_requirements_and_cases_and_stand_once() -> None:
    ids = [attributes["id"] for _, attributes in shown(every_verdict()).tags if "id" in attributes]
    assert GATE in ids
    assert f"{GATE}@n=0" in ids
    assert len(ids) == len(set(ids))


def test_requirements_are_linked_where_somebody_says_where_they_are() -> None:
    def leading(**options: str) -> list[str]:
        return [one["href"] for one in shown(ran(case("@a=1")), **options).named("a") if "contracts" in one["href"]]

    assert leading() == []
    template = "https://code.example/x/{file}#{id}"
    assert leading(requirement_urls=template) == [
        f"https://code.example/x/contracts/requirements/router/gate.yaml#{GATE}"
    ]


def test_a_run_of_many_cases_stays_light() -> None:
    text = page(
        ran(*(case(f"@agent=dispo@model=kimi-k3@surface=chat@n={n}", timeline=LEGS[2:]) for n in range(1600))),
        REQUIREMENTS,
    )
    assert len(text) < 1600 * 150


def test_without_jinja2_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kimi_conformance.reporting.templates.find_spec", lambda _: None)
    with pytest.raises(NoTemplates, match=r"^pages need jinja2: pip install 'kimi-conformance\[pages\]'$"):
        page(ran(case("@a=1")), REQUIREMENTS)


BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)


def left_by(folder: Path, fragment: str) -> Any:
    """The page as its script leaves it."""
    assert BROWSER is not None
    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", *quiet, f"--user-data-dir={folder / 'profile'}"]
    url = f"{(folder / 'report.html').as_uri()}{fragment}"
    done = subprocess.run([*command, "--dump-dom", url], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603 - our own page
    return read(done.stdout)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_in_a_browser_the_address_is_a_filter_or_leads_to_a_case(tmp_path: Path) -> None:
    cases = (case("@a=1"), case("@a=2", "fail"), case("@a=3", "known-fail"), case("@a=1", of=MODELS))
    (tmp_path / "report.html").write_text(page(ran(*cases), REQUIREMENTS), "utf-8")
    filtered = left_by(tmp_path, "#?verdict=fail&q=astray")
    assert filtered.texts("output") == ["1 of 2 requirements, 1 case"]
    hidden = {one["data-v"]: "hidden" in one for one in filtered.named("details") if one.get("class") == "case"}
    assert hidden == {"fail": False, "known-fail": True}
    assert [one["data-v"] for one in filtered.named("section") if "hidden" not in one] == ["fail"]
    assert "hidden" not in filtered.named("form")[0]
    led = left_by(tmp_path, f"#{GATE}@a=3")
    assert [one["id"] for one in led.named("details") if "open" in one and one.get("class") == "case"] == [
        f"{GATE}@a=2",
        f"{GATE}@a=3",
    ]
