"""Mistakes in what the reference page is made of are told with file, line and the nearest name; nothing is lost."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.registry.contracts import load_requirements
from kimi_conformance.registry.home import contracts
from kimi_conformance.registry.pages import load_api_page, load_errors
from kimi_conformance.registry.problems import ContractError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A copy of contracts/api-page."""
    return shutil.copytree(contracts() / "api-page", tmp_path / "api-page")


def edit(file: Path, old: str, new: str) -> None:
    """Replace the first `old` in `file`."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        pytest.param(
            "webhooks",
            "by: [api.batches.shape]",
            "by: [api.batches.shap]",
            r"webhooks\.yaml:5: there is no requirement 'api\.batches\.shap'; did you mean 'api\.batches\.shape'\?",
            id="no-such-requirement",
        ),
        pytest.param("webhooks", 'facts: ["8.4"]', 'facts: ["8.44"]', "there is no fact '8.44'", id="no-such-fact"),
        pytest.param(
            "quick-reference",
            "model: kimi-k3,",
            "model: kimi-k33,",
            "there is no model 'kimi-k33'; did you mean 'kimi-k3'",
            id="no-such-model",
        ),
        pytest.param(
            "sampling",
            "call: sampling/kimi-k3-temperature-0.6",
            "call: sampling/kimi-k3-temperature-0.66",
            "there is no cassette 'sampling/kimi-k3-temperature-0.66'; did you mean",
            id="no-such-cassette",
        ),
        pytest.param("ten-questions", "see: tools", "see: tool", "there is no section 'tool'", id="no-such-section"),
        pytest.param("webhooks", ", by: [api.batches.shape]", "", "names what it rests on", id="a-line-without-a-tie"),
        pytest.param(
            "limits", 'cells: ["0", ', "cells: [", r"a row has 5 cells under 6 headings: 1", id="a-row-too-short"
        ),
        pytest.param("usage", "title:", "titel:", "unknown key 'titel'", id="misspelt"),
        pytest.param(
            "models", "made: attributes", "made: atributes", "did you mean 'attributes'", id="made-of-nothing"
        ),
        pytest.param("models", '- lead: "Ids', '- lead: "Every claim stands here", heading: "Ids', "", id="yaml"),
        pytest.param(
            "models",
            '- lead: "Ids that are answered 404:"',
            '- lead: "A statement in disguise."',
            "must be something that matches",
            id="a-lead-that-says-something",
        ),
        pytest.param("page", "  - webhooks\n", "", "webhooks.yaml: it has no place in the order", id="a-stray"),
        pytest.param("page", "  - webhooks\n", "  - webhook\n", "there is no section webhook.yaml", id="a-hole"),
        pytest.param("page", "  - usage\n", "  - models\n", "the section models stands there twice", id="twice"),
    ],
)
def test_a_mistake_in_the_page_is_told_where_it_stands(page: Path, name: str, old: str, new: str, message: str) -> None:
    edit(page / f"{name}.yaml", old, new)
    with pytest.raises(ContractError, match=message or f"{name}.yaml"):
        load_api_page(page)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param('retry: "no"', "retry: sometimes", r"'retry' in item 1 of errors must be", id="retry"),
        pytest.param("status: 400", "status: 404", "errors stand by status, the lowest first", id="order"),
        pytest.param(
            "by: [api.chat.context-bounded]", "by: [api.chat.context]", "there is no requirement", id="no-requirement"
        ),
        pytest.param("cassettes: [limits/rpm]", "cassettes: [limits/rmp]", "no cassette 'limits/rmp'", id="cassette"),
        pytest.param(
            "limits:\n  - type: rate_limit_reached_error",
            "limits:\n  - type: rate_limit_error",
            "no error of status 429 has the type rate_limit_error",
            id="limit",
        ),
    ],
)
def test_a_mistake_in_the_errors_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = shutil.copy(contracts() / "errors.yaml", tmp_path / "errors.yaml")
    edit(tmp_path / "errors.yaml", old, new)
    with pytest.raises(ContractError, match=message):
        load_errors(tmp_path / file)


def test_a_requirement_that_loses_its_evidence_is_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(contracts() / "requirements" / "api", tmp_path / "api")
    file = folder / "agents.yaml"
    file.write_text(re.sub(r"evidence: \[.*\]", "evidence: []", file.read_text("utf-8")), "utf-8")
    with pytest.raises(ContractError, match=r"agents\.yaml:6: 'evidence' in item 1 must not be empty"):
        load_requirements(folder)
