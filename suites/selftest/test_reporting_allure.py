"""Allure gets names, places, severities and, for what does not hold, both legs."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import allure_commons
import pytest

from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.contract.result import CaseResult, How, Moment, Results, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.allure import label, write_extras
from kimi_conformance.reporting.failure import reason
from kimi_conformance.reporting.write import CannotWrite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "router.gate.claude"
REQUIREMENT = Requirement.model_validate(
    {
        "id": NAME,
        "level": "MUST",
        "says": "Claude takes the plan route.",
        "because": "It is paid for.",
        "evidence": [
            {"kind": "vendor-doc", "source": "see https://example.org/a?b=1, and the hub page", "date": "2026-05-01"},
            {"kind": "operator-note", "source": "hub page", "date": "2026-05-01"},
        ],
    }
)


class Recorder:
    """Takes what Allure's own plugin would take."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.attached: dict[str, str] = {}

    @allure_commons.hookimpl
    def add_title(self, test_title: str) -> None:
        """As in allure_commons."""
        self.told["title"] = test_title

    @allure_commons.hookimpl
    def add_description(self, test_description: str) -> None:
        """As in allure_commons."""
        self.told["description"] = test_description

    @allure_commons.hookimpl
    def add_label(self, label_type: str, labels: tuple[str, ...]) -> None:
        """As in allure_commons."""
        self.told[str(label_type)] = labels

    @allure_commons.hookimpl
    def add_link(self, url: str, link_type: str, name: str) -> None:
        """As in allure_commons."""
        self.told.setdefault("links", []).append((url, str(link_type), name))

    @allure_commons.hookimpl
    def attach_data(self, body: str, name: str) -> None:
        """As in allure_commons."""
        self.attached[name] = body


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    taken = Recorder()
    allure_commons.plugin_manager.register(taken)
    yield taken
    allure_commons.plugin_manager.unregister(taken)


def result(verdict: str, **fields: Any) -> CaseResult:
    moments = (
        Moment(t_ms=0, leg="client", what="sends", detail="POST /\n\n{}"),
        Moment(t_ms=1, leg="upstream kimi", what="gets", detail="POST /v1"),
        Moment(t_ms=2, leg="ledger", what="gets a row", detail='{"tier": "max"}'),
    )
    usual = {"timeline": moments, "curl": "curl http://x", "message": "went astray"}
    how = How(mode="replay", origin="modelled")
    return CaseResult.model_validate(
        {"id": f"{NAME}@model=m", "requirement": NAME, "verdict": verdict, "how": how} | usual | fields
    )


def results(**target: str) -> Results:
    return Results(
        suite="0.1.0",
        command=(),
        mode="replay",
        target=Target.model_validate({"name": "operator-node"} | target),
        started=datetime(2026, 11, 23, tzinfo=UTC),
        duration_s=1,
        conformant=True,
        totals={},
        requirements=(),
    )


def test_a_case_is_named_filed_and_described(recorder: Recorder) -> None:
    label(REQUIREMENT, result("pass"))
    assert recorder.told == {
        "title": f"{NAME}@model=m",
        "description": "MUST: Claude takes the plan route.\n\nBecause: It is paid for.",
        "epic": ("router",),
        "feature": ("gate",),
        "story": (NAME,),
        "severity": ("critical",),
        "tag": ("modelled",),
        "links": [("https://example.org/a?b=1", "link", "vendor-doc, 2026-05-01")],
    }


@pytest.mark.parametrize(("level", "severity"), [("MUST", "critical"), ("SHOULD", "normal"), ("MAY", "minor")])
def test_severity_follows_the_level(recorder: Recorder, level: str, severity: str) -> None:
    label(REQUIREMENT.model_copy(update={"level": level}), result("pass"))
    assert recorder.told["severity"] == (severity,)


@pytest.mark.parametrize("verdict", ["fail", "warn", "known-fail", "infra-error"])
def test_what_does_not_hold_brings_both_legs(recorder: Recorder, verdict: str) -> None:
    label(REQUIREMENT, result(verdict))
    assert list(recorder.attached) == ["timeline", "client leg", "upstream legs", "curl"]
    assert "| {}" in recorder.attached["client leg"]
    assert "upstream kimi" not in recorder.attached["client leg"]
    assert "client" not in recorder.attached["upstream legs"]
    assert "| POST /v1" in recorder.attached["upstream legs"]
    assert '| {"tier": "max"}' in recorder.attached["upstream legs"]
    assert [line.split()[1] for line in recorder.attached["timeline"].splitlines()] == ["client", "upstream", "ledger"]
    assert recorder.attached["curl"] == "curl http://x"


@pytest.mark.parametrize("verdict", ["pass", "not-observed", "not-applicable", "stale-known"])
def test_what_holds_or_was_not_seen_brings_nothing(recorder: Recorder, verdict: str) -> None:
    label(REQUIREMENT, result(verdict))
    assert recorder.attached == {}


def test_nothing_empty_is_attached(recorder: Recorder) -> None:
    label(REQUIREMENT, result("infra-error", timeline=(), curl=""))
    assert recorder.attached == {}


def test_without_allures_plugin_nothing_happens() -> None:
    label(REQUIREMENT, result("fail"))


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict not in {Verdict.PASS, Verdict.WARN}])
def test_each_verdict_has_exactly_one_category(tmp_path: Path, verdict: Verdict) -> None:
    write_extras(tmp_path, results())
    categories = json.loads((tmp_path / "categories.json").read_bytes())
    said = reason(result(verdict, message="it fail: ed, infra-error: and XFAIL"))
    message = {
        Verdict.KNOWN_FAIL: f"XFAIL {said}\n\n",
        Verdict.NOT_OBSERVED: f"Skipped: {said}",
        Verdict.NOT_APPLICABLE: f"Skipped: {said}",
    }.get(verdict, f"Failed: {said}\nmore\n")
    fitting = [category["name"] for category in categories if re.fullmatch(category["messageRegex"], message)]
    assert len(fitting) == 1


def test_the_environment_names_router_and_suite_in_the_format_of_java(tmp_path: Path) -> None:
    write_extras(tmp_path / "allure", results(version="1.0\n\\ 版"))
    lines = (tmp_path / "allure" / "environment.properties").read_text("ascii").splitlines()
    assert lines[:4] == [
        "target=operator-node",
        r"target.version=1.0\n\\ \u7248",
        "suite=kimi-conformance 0.1.0",
        "mode=replay",
    ]


def test_a_folder_that_cannot_be_written_gives_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match=r"^Allure's files cannot be written to .*file: "):
        write_extras(tmp_path / "file", results())
