"""What a run writes: results.json, JUnit, Allure, traces; and that workers and shards come to the same verdicts."""

from __future__ import annotations

import json
import secrets
import uuid
import xml.etree.ElementTree as ET
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from kimi_conformance.contract.result import Results
from kimi_conformance.registry.home import contracts
from suites.selftest.command import odd_profile, run
from suites.selftest.pages import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KNOWN = """\
known_failing:
  - {case: router.gate.live-kimi-models-registered, reason: two models are left out on purpose}
"""
FAILING = "router.gate.non-string-model-is-refused@agent=agent-none@model=model-number"
OLD = f"{uuid.uuid4()}-result.json"

SOME = ("--only", "router.gate.*", "--only", "router.models.*", "--only", "router.request.t*")
RUNS: Mapping[str, Sequence[str]] = {
    "plain": ("--html", "run.html", "--junit", "reports/junit.xml", "--allure", "allure", "--keep", "kept"),
    "workers": ("-n", "2", "--keep", "kept-2", "--allure", "allure-2"),
    "shard-1": ("--shard", "1/2"),
    "shard-2": ("--shard", "2/2"),
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A run: its exit code and its results.json."""

    code: int
    results: dict[str, Any]

    @property
    def verdicts(self) -> dict[str, str]:
        """Case id -> verdict."""
        return {
            case["id"]: case["verdict"] for requirement in self.results["requirements"] for case in requirement["cases"]
        }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all is written. In the folder for Allure lie an old result, and things of the user's own."""
    here = tmp_path_factory.mktemp("reports")
    (here / "allure" / "mine").mkdir(parents=True)
    for name in ("mine.txt", "mine/deep.txt", OLD):
        (here / "allure" / name).write_text("{}", "utf-8")
    return here


@pytest.fixture(scope="module")
def ran(folder: Path) -> Mapping[str, Ran]:
    """The same profile (a pass, a fail, a known failure, what does not apply) in every way."""
    profile = odd_profile(folder, "dies-of-numbers", secrets.token_hex(8))
    profile.write_text(profile.read_text("utf-8") + KNOWN, "utf-8")

    def check(name: str) -> Ran:
        done = run("check", profile, *SOME, *RUNS[name], "--json", f"{name}.json", cwd=folder)
        return Ran(done.code, json.loads((folder / f"{name}.json").read_bytes()))

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(RUNS, pool.map(check, RUNS), strict=True))


def test_the_run_has_every_verdict_that_the_reports_must_show(ran: Mapping[str, Ran]) -> None:
    plain = ran["plain"]
    assert plain.code == 1
    assert set(plain.verdicts.values()) == {"pass", "fail", "known-fail", "not-applicable"}
    assert [case for case, verdict in plain.verdicts.items() if verdict == "fail"] == [FAILING]


def test_workers_come_to_the_same_verdicts(ran: Mapping[str, Ran]) -> None:
    assert ran["workers"].code == 1
    assert ran["workers"].verdicts == ran["plain"].verdicts


def test_shards_come_to_the_same_verdicts_and_share_out_every_case(ran: Mapping[str, Ran]) -> None:
    one, two = ran["shard-1"].verdicts, ran["shard-2"].verdicts
    assert not one.keys() & two.keys()
    assert one | two == ran["plain"].verdicts
    assert abs(len(one) - len(two)) <= 1


@pytest.mark.parametrize("name", RUNS)
def test_results_have_their_schema(ran: Mapping[str, Ran], name: str) -> None:
    schema = json.loads((contracts() / "schemas" / "results.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(ran[name].results)
    assert Results.model_validate(ran[name].results).as_json() == ran[name].results


def test_results_tell_the_command_that_plays_a_case_again(ran: Mapping[str, Ran], folder: Path) -> None:
    assert {one.results["again"] for one in ran.values()} == {f"kimi-conformance check {folder}/router.yaml"}


def test_junit_has_every_case_under_its_id(ran: Mapping[str, Ran], folder: Path) -> None:
    suite = ET.parse(folder / "reports" / "junit.xml").getroot().find("testsuite")  # noqa: S314 - we wrote it
    assert suite is not None
    items = {str(item.get("name")).removeprefix("test_routing[").removesuffix("]"): item for item in suite}
    assert sorted(items) == sorted(ran["plain"].verdicts)
    told = {name: "+".join(child.tag for child in item if child.tag != "properties") for name, item in items.items()}
    tags = {"pass": "", "fail": "failure", "known-fail": "skipped", "not-applicable": "skipped"}
    assert told == {name: tags[verdict] for name, verdict in ran["plain"].verdicts.items()}
    failure = items[FAILING].find("failure")
    assert failure is not None
    assert "this request ends the router" in str(failure.text)
    assert f"kimi-conformance check {folder}/router.yaml --only '{FAILING}'" in str(failure.text)


def test_the_page_has_every_case_and_both_legs_of_one_that_fails(ran: Mapping[str, Ran], folder: Path) -> None:
    seen = read((folder / "run.html").read_text("utf-8"))
    requirements = [one["id"] for one in seen.named("details") if one.get("class") == "req"]
    assert sorted(requirements) == sorted(each["id"] for each in ran["plain"].results["requirements"])
    verdicts = [one["data-v"] for _, one in seen.tags if "data-v" in one]
    sections = [one["data-v"] for one in seen.named("section")]
    assert Counter(verdicts) - Counter(sections) == Counter(ran["plain"].verdicts.values())
    assert FAILING in [one.get("id") for one in seen.named("details")]
    assert "client sends POST" in seen.text
    assert "upstream kimi gets POST" in seen.text
    assert f"kimi-conformance check {folder}/router.yaml --only '{FAILING}'" in seen.text


def test_allure_has_every_case_with_its_labels_and_attachments_where_something_is_wrong(
    ran: Mapping[str, Ran], folder: Path
) -> None:
    results = [json.loads(path.read_bytes()) for path in (folder / "allure").glob("*-result.json")]
    by_id = {result["name"]: result for result in results}
    assert by_id.keys() == ran["plain"].verdicts.keys()
    levels = {requirement["id"]: requirement["level"] for requirement in ran["plain"].results["requirements"]}
    for name, result in by_id.items():
        requirement = name.split("@")[0]
        labels = {label["name"]: label["value"] for label in result["labels"]}
        assert (labels["epic"], labels["story"]) == ("router", requirement)
        assert labels["feature"] == requirement.split(".")[1]
        assert labels["severity"] == {"MUST": "critical", "SHOULD": "normal"}[levels[requirement]]
        wrong = ran["plain"].verdicts[name] in {"fail", "known-fail"}
        assert bool(result.get("attachments")) == wrong, name
    assert (folder / "allure" / "categories.json").is_file()
    assert "target=odd\n" in (folder / "allure" / "environment.properties").read_text("utf-8")


def test_allure_has_the_same_of_several_workers(ran: Mapping[str, Ran], folder: Path) -> None:
    assert ran

    def told(name: str) -> dict[str, tuple[str, str]]:
        results = [json.loads(path.read_bytes()) for path in (folder / name).glob("*-result.json")]
        return {one["historyId"]: (one["name"], one["status"]) for one in results}

    assert told("allure-2") == told("allure")


def test_the_folder_for_allure_loses_old_results_and_nothing_else(ran: Mapping[str, Ran], folder: Path) -> None:
    assert ran
    assert not (folder / "allure" / OLD).exists()
    assert (folder / "allure" / "mine.txt").is_file()
    assert (folder / "allure" / "mine" / "deep.txt").is_file()


@pytest.mark.parametrize(("kept", "routers"), [("kept", 1), ("kept-2", 2)], ids=["alone", "two-workers"])
def test_traces_are_kept_of_every_router_and_each_case_is_played_by_one(
    ran: Mapping[str, Ran], folder: Path, kept: str, routers: int
) -> None:
    traces = list((folder / kept).rglob("exchanges.jsonl"))
    assert len(traces) == routers
    assert all((path.parent / "router.log").is_file() for path in traces)
    played = [{json.loads(line)["case"] for line in path.read_bytes().splitlines()} for path in traces]
    assert all(len(cases) > 20 for cases in played)
    assert sum(map(len, played)) == len(set().union(*played))
    assert set().union(*played) == {case for case, verdict in ran["plain"].verdicts.items() if "not" not in verdict}
