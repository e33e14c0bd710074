"""What allure-pytest cannot know of an item in a plain pytest run, it is told."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import allure_commons
import pytest

from kimi_conformance.contract.result import How
from kimi_conformance.registry.home import api_suites
from kimi_conformance.reporting.allure_item import label
from suites.selftest.command import start
from suites.selftest.pages import GATE, REQUIREMENTS, case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AGAIN = "kimi-conformance check x"


class Recorder:
    """Takes what Allure's own plugin would take."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.labels: list[tuple[str, str]] = []
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
        self.labels += [(str(label_type), value) for value in labels]

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


def test_an_item_is_named_filed_described_and_linked(recorder: Recorder) -> None:
    how = How(mode="live", origin="live", host="platform-ai", model="kimi-k3", date="2026-11-23")
    label(REQUIREMENTS[GATE], case("@model=kimi-k3", how=how), again=AGAIN)
    assert recorder.labels == [
        ("epic", "router"),
        ("feature", "gate"),
        ("story", GATE),
        ("severity", "critical"),
        ("verdict", "pass"),
        ("tag", "live"),
        ("tag", "platform-ai"),
        ("tag", "kimi-k3"),
    ]
    assert recorder.told["title"] == f"{GATE}@model=kimi-k3"
    assert recorder.told["description"].startswith("**MUST** Nothing else takes the plan route.")
    assert recorder.told["description"].endswith(f"`{AGAIN} --only '{GATE}@model=kimi-k3'`")
    assert recorder.told["links"] == [("https://example.org/a?b=1", "link", "vendor-doc, 2026-05-01")]
    assert recorder.attached == {}


def test_what_does_not_hold_brings_both_legs(recorder: Recorder) -> None:
    label(REQUIREMENTS[GATE], case("@model=m", "fail"), again=AGAIN)
    assert list(recorder.attached) == ["timeline", "client leg", "upstream legs", "curl"]
    assert "upstream kimi" not in recorder.attached["client leg"]
    assert "POST /v1 upstream" in recorder.attached["upstream legs"]


def test_a_plain_pytest_run_writes_them_with_what_belongs_beside(tmp_path: Path) -> None:
    chosen = ("--kimi-verify", "--kimi-only", "api.hosts.*", f"--alluredir={tmp_path}")
    words = ("-m", "pytest", "-c", "/dev/null", "-p", "no:cacheprovider", *chosen, api_suites() / "test_api.py")
    done = start(*words, cwd=tmp_path, command=(sys.executable,)).end()
    assert done.code == 0, done.out
    results = [json.loads(path.read_bytes()) for path in tmp_path.glob("*-result.json")]
    told = {one["name"]: {each["name"]: each["value"] for each in one["labels"]} for one in results}
    assert len(told) == len(results) == len({one["historyId"] for one in results}) > 10
    assert {(one["epic"], one["feature"]) for one in told.values()} == {("api", "hosts")}
    assert {one["verdict"] for one in told.values()} == {"pass", "not-observed"}
    rules = json.loads((tmp_path / "categories.json").read_bytes())
    [unseen] = [one for one in rules if one["name"] == "Not observed in this run"]
    for one in results:
        said = one.get("statusDetails", {}).get("message", "")
        assert bool(re.fullmatch(unseen["messageRegex"], said)) == (told[one["name"]]["verdict"] == "not-observed")
    assert (tmp_path / "allurerc.json").exists()
