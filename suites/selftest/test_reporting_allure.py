"""Allure gets every case with its names, place, severity and links, and both legs of what does not hold."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.contract.result import CaseResult, How, Results, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.allure import OURS, config, write_allure
from kimi_conformance.reporting.write import CannotWrite
from suites.selftest.pages import GATE, MODELS, REQUIREMENTS, case, every_verdict, finding, ran

if TYPE_CHECKING:
    from pathlib import Path

WHO = {"name": "local", "type": "local"}


def written(folder: Path, results: Results, template: str = "") -> dict[str, dict[str, Any]]:
    """The results of Allure's that `results` become, by their names."""
    write_allure(folder, results, REQUIREMENTS, executor=WHO, template=template)
    found = [json.loads(path.read_bytes()) for path in folder.glob("*-result.json")]
    return {one["name"]: one for one in found}


def only(folder: Path, of: CaseResult, template: str = "") -> dict[str, Any]:
    [one] = written(folder, ran(of), template).values()
    return one


def labels(one: dict[str, Any], name: str) -> list[str]:
    return [label["value"] for label in one["labels"] if label["name"] == name]


def test_a_case_is_named_filed_and_described(tmp_path: Path) -> None:
    how = How(mode="live", origin="live", host="platform-ai", model="kimi-k3", date="2026-11-23")
    one = only(tmp_path, case("@agent=dispo@model=kimi-k3", how=how, duration_ms=12.6))
    assert one["name"] == one["fullName"] == f"{GATE}@agent=dispo@model=kimi-k3"
    assert {name: labels(one, name) for name in ("epic", "feature", "story", "severity", "verdict", "tag")} == {
        "epic": ["router"],
        "feature": ["gate"],
        "story": [GATE],
        "severity": ["critical"],
        "verdict": ["pass"],
        "tag": ["live", "platform-ai", "kimi-k3"],
    }
    assert one["titlePath"] == ["operator-node", "router", "gate", "non-claude-leaves-plan-route"]
    assert [(each["name"], each["value"]) for each in one["parameters"]] == [("agent", "dispo"), ("model", "kimi-k3")]
    assert one["description"] == (
        "**MUST** Nothing else takes the plan route.\n\n**Because** It is `paid` for.\n\n"
        "**Evidence**\n\n- vendor-doc, 2026-05-01: see https://example.org/a?b=1, and more\n\n"
        "**Seen** `live, live, platform-ai, kimi-k3, 2026-11-23`\n\n"
        f"**This case again** `kimi-conformance check operator-node --only '{GATE}@agent=dispo@model=kimi-k3'`"
    )
    assert one["stop"] - one["start"] == 13
    assert one["start"] == 1795456800000


@pytest.mark.parametrize(("level", "severity"), [("MUST", "critical"), ("SHOULD", "normal"), ("MAY", "minor")])
def test_severity_follows_the_level(tmp_path: Path, level: str, severity: str) -> None:
    results = ran(case("@a=1"))
    of = results.requirements[0].model_copy(update={"level": level})
    [one] = written(tmp_path, results.model_copy(update={"requirements": (of,)})).values()
    assert labels(one, "severity") == [severity]


def test_evidence_is_linked_and_the_requirement_where_somebody_says_where_it_is(tmp_path: Path) -> None:
    evidence = {"type": "link", "name": "vendor-doc, 2026-05-01", "url": "https://example.org/a?b=1"}
    assert only(tmp_path, case("@a=1"))["links"] == [evidence]
    linked = only(tmp_path, case("@a=1"), "https://code.example/{file}#{id}")["links"]
    url = f"https://code.example/contracts/requirements/router/gate.yaml#{GATE}"
    assert linked == [{"type": "tms", "name": GATE, "url": url}, evidence]


STATUSES = {
    "pass": "passed",
    "warn": "passed",
    "fail": "failed",
    "stale-known": "failed",
    "infra-error": "broken",
    "known-fail": "skipped",
    "not-observed": "skipped",
    "not-applicable": "skipped",
}


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_has_a_status_and_all_but_pass_say_why(tmp_path: Path, verdict: Verdict) -> None:
    one = only(tmp_path, case("@a=1", verdict.value, message="went astray: plan"))
    assert one["status"] == STATUSES[verdict]
    assert labels(one, "verdict") == [verdict]
    said = one["statusDetails"].get("message")
    assert said == (None if verdict is Verdict.PASS else f"{verdict}: went astray: plan")
    assert one["statusDetails"].get("known", False) == (verdict is Verdict.KNOWN_FAIL)


def test_what_was_expected_and_seen_stand_side_by_side(tmp_path: Path) -> None:
    details = only(tmp_path, case("@a=1", "fail"))["statusDetails"]
    assert (details["expected"], details["actual"]) == ("route kimi", "plan")
    assert "MUST: Nothing else takes the plan route." in details["trace"]
    assert "where     upstream request" in details["trace"]
    assert f"kimi-conformance check operator-node --only '{GATE}@a=1'" in details["trace"]
    assert "POST /v1" not in details["trace"]  # it is attached, and a history keeps every trace


def test_a_long_reason_is_a_line_and_stands_whole_below(tmp_path: Path) -> None:
    why = "it ended\n  the end of its log:\n    boom"
    assert only(tmp_path, case("@a=1", "infra-error", message=why))["statusDetails"] == {
        "message": "infra-error: it ended",
        "trace": f"infra-error: {why}",
    }


@pytest.mark.parametrize("verdict", ["fail", "warn", "known-fail"])
def test_what_does_not_hold_brings_both_legs(tmp_path: Path, verdict: str) -> None:
    one = only(tmp_path, case("@a=1", verdict))
    texts = {each["name"]: (tmp_path / each["source"]).read_text("utf-8") for each in one["attachments"]}
    assert list(texts) == ["timeline", "client leg", "upstream legs", "curl"]
    assert "| {}" in texts["client leg"]
    assert "upstream kimi" not in texts["client leg"]
    assert "client" not in texts["upstream legs"]
    assert "| POST /v1 upstream" in texts["upstream legs"]
    assert [line.split()[1] for line in texts["timeline"].splitlines()] == ["client", "upstream", "ledger"]
    assert texts["curl"] == "curl http://x"
    assert {each["type"] for each in one["attachments"]} == {"text/plain"}


@pytest.mark.parametrize("verdict", ["pass", "not-observed", "not-applicable", "stale-known", "infra-error"])
def test_what_holds_or_was_not_seen_brings_nothing(tmp_path: Path, verdict: str) -> None:
    assert only(tmp_path, case("@a=1", verdict, message="why"))["attachments"] == []


def test_a_case_keeps_its_ids_from_run_to_run_and_shares_them_with_none(tmp_path: Path) -> None:
    cases = (case("@a=@b=x"), case("@a=x@b="), case("@a=x@b=x"), case("@a=x"), case("@a=x", of=MODELS))
    first = written(tmp_path, ran(*cases))
    again = written(tmp_path, ran(*cases, duration_s=9.0))
    assert len({one["historyId"] for one in first.values()}) == len({one["testCaseId"] for one in first.values()}) == 5
    assert {name: one["historyId"] for name, one in first.items()} == {
        name: one["historyId"] for name, one in again.items()
    }
    assert all(each["excluded"] for one in first.values() for each in one["parameters"])  # else Allure counts them in
    elsewhere = ran(*cases, target=Target(name="another"))
    (tmp_path / "other").mkdir()
    other = written(tmp_path / "other", elsewhere)
    assert not {one["historyId"] for one in first.values()} & {one["historyId"] for one in other.values()}


def test_the_same_results_make_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in ("a", "b"):
        written(tmp_path / name, every_verdict())
    files = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    assert all(OURS.fullmatch(name) for name in files)


def test_a_requirement_that_this_version_does_not_know_is_told_without_its_sentence(tmp_path: Path) -> None:
    write_allure(tmp_path, ran(case("@a=1", "fail")), {}, executor=WHO)
    [path] = tmp_path.glob("*-result.json")
    one = json.loads(path.read_bytes())
    assert one["description"] == f"**MUST** {GATE}"
    assert one["statusDetails"]["trace"] == "fail: went astray: plan"
    assert one["links"] == []


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.PASS])
def test_each_verdict_has_exactly_one_category_in_either_allure(tmp_path: Path, verdict: Verdict) -> None:
    one = only(tmp_path, case("@a=1", verdict.value, message="it fail: ed, infra-error: and known-fail: \nmore"))
    old = json.loads((tmp_path / "categories.json").read_bytes())
    message = one["statusDetails"]["message"]
    by_message = [
        each["name"]
        for each in old
        if one["status"] in each["matchedStatuses"] and re.fullmatch(each["messageRegex"], message)
    ]
    rules = json.loads((tmp_path / "allurerc.json").read_bytes())["categories"]["rules"]
    [said] = labels(one, "verdict")
    by_label = [each["name"] for each in rules if re.search(each["matchers"]["labels"]["verdict"], said)]
    assert len(by_message) == 1
    assert by_message == by_label


def test_what_passed_is_in_no_category(tmp_path: Path) -> None:
    only(tmp_path, case("@a=1"))
    rules = json.loads((tmp_path / "allurerc.json").read_bytes())["categories"]["rules"]
    assert not [each for each in rules if re.search(each["matchers"]["labels"]["verdict"], "pass")]


def test_the_environment_names_router_and_suite_in_the_format_of_java(tmp_path: Path) -> None:
    written(tmp_path, ran(case("@a=1"), target=Target(name="operator-node", version="1.0\n\\ 版"), suite="0.1.0"))
    assert (tmp_path / "environment.properties").read_text("ascii").splitlines() == [
        "target=operator-node",
        r"target.version=1.0\n\\ \u7248",
        "suite=kimi-conformance 0.1.0",
        "mode=replay",
        "started=2026-11-23T18:00:00+00:00",
        "conformant=yes",
    ]


def test_who_ran_it_is_told_with_the_command(tmp_path: Path) -> None:
    written(tmp_path, ran(case("@a=1")))
    told = json.loads((tmp_path / "executor.json").read_bytes())
    assert told == {**WHO, "buildName": "kimi-conformance check operator-node"}


def test_the_configuration_makes_one_file_grouped_as_the_requirements_are() -> None:
    told = config(ran(case("@a=1")), historyPath="h.jsonl")
    options = told["plugins"]["awesome"]["options"]
    assert (options["singleFile"], options["groupBy"]) == (True, ["epic", "feature", "story"])
    assert (told["name"], told["historyPath"]) == ("operator-node 1.2", "h.jsonl")


def test_what_cannot_be_seen_is_named_in_what_allure_shows(tmp_path: Path) -> None:
    bad = "a\u2028b\u202e\x1b[31m"
    how = How(mode="replay", origin=bad)
    found = (finding(message=bad, expected=bad, actual=bad, where=bad),)
    one = only(tmp_path, case("@a=1", "fail", message=bad, findings=found, curl=bad, how=how))
    assert one["statusDetails"]["message"] == "fail: a<U+2028>b<U+202E><U+001B>[31m"
    written_down = "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
    assert not re.search("[\u2028\u202e\x1b]|\\\\u001b", written_down)


def test_markdown_in_what_a_router_says_of_itself_means_nothing(tmp_path: Path) -> None:
    how = How(mode="replay", origin="` ![x](https://evil.example/x.png)")
    assert (
        "**Seen** `replay, ' ![x](https://evil.example/x.png)`" in only(tmp_path, case("@a=1", how=how))["description"]
    )


def test_a_folder_that_cannot_be_written_gives_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match=r"^Allure's files cannot be written to .*file: "):
        write_allure(tmp_path / "file", ran(case("@a=1")), REQUIREMENTS, executor=WHO)


def test_the_evidence_of_requirements_without_an_address_makes_no_link(tmp_path: Path) -> None:
    without = Requirement.model_validate(
        REQUIREMENTS[GATE].model_dump(mode="json")
        | {"evidence": [{"kind": "operator-note", "source": "hub page", "date": "2026-05-01"}]}
    )
    write_allure(tmp_path, ran(case("@a=1")), {GATE: without}, executor=WHO)
    [path] = tmp_path.glob("*-result.json")
    assert json.loads(path.read_bytes())["links"] == []
