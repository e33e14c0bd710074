"""A catalogue that is wrong is refused, with the place where it is."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from kimi_conformance.contract.catalogue import Catalogue

EVIDENCE = [{"kind": "observed", "source": "a test", "date": "2026-01-01"}]
SMALL: dict[str, Any] = {
    "sampling": {"fixed": {"temperature": {"thinking": 1, "otherwise": 1}}},
    "thinking": {},
    "tool_choice": {},
    "models": {"kimi-a": {"family": "a", "hosts": ["platform"], "sampling": "fixed", "evidence": EVIDENCE}},
}


def small(**members: Any) -> dict[str, Any]:
    """SMALL with a second model, kimi-b, that has `members` (None: without that member)."""
    row = {"family": "b", "hosts": ["platform"], "evidence": EVIDENCE} | members
    row = {key: value for key, value in row.items() if value is not None}
    return {**SMALL, "models": {**SMALL["models"], "kimi-b": row}}


def test_the_small_example_is_sound() -> None:
    assert Catalogue.model_validate(small()).find("kimi-b") is not None


@pytest.mark.parametrize(
    ("data", "where", "message"),
    [
        pytest.param(small(contxt=1), "models.kimi-b.contxt", "Extra inputs", id="unknown-key"),
        pytest.param({**SMALL, "prices": {}}, "prices", "Extra inputs", id="unknown-section"),
        pytest.param(small(hosts=["moon"]), "models.kimi-b.hosts.0", "'platform' or 'coding'", id="unknown-host"),
        pytest.param(small(hosts=None), "models.kimi-b", "answers on some host", id="no-host"),
        pytest.param(small(evidence=[]), "models.kimi-b.evidence", "at least 1", id="no-evidence"),
        pytest.param(
            small(context=10, evidence=[{**EVIDENCE[0], "about": ["served"]}]),
            "models.kimi-b",
            "no evidence of kimi-b is about: [context]",
            id="a-context-from-nowhere",
        ),
        pytest.param(
            small(evidence=[{**EVIDENCE[0], "about": ["colour"]}]),
            "models.kimi-b.evidence.0.about.0",
            "'served', 'since'",
            id="evidence-about-nothing-there-is",
        ),
        pytest.param(small(sampling="fxed"), "models.kimi-b.sampling", "no such policy: 'fxed'", id="unknown-policy"),
        pytest.param(small(id="kimi-c"), "models", "the id of 'kimi-b' is its key", id="another-id"),
        pytest.param(
            {**SMALL, "models": {"Kimi A": SMALL["models"]["kimi-a"]}}, "models.Kimi A.[key]", "pattern", id="no-id"
        ),
        pytest.param(
            small(lifecycle={"since": "2026-05-02", "retired": "2026-05-01"}),
            "models.kimi-b.lifecycle",
            "retired before it was there",
            id="retired-before-since",
        ),
        pytest.param(
            small(lifecycle={"since": "2026-05-02", "ends": "2026-05-01"}),
            "models.kimi-b.lifecycle",
            "ends before it was there",
            id="ends-before-since",
        ),
        pytest.param(
            small(lifecycle={"retired": "2026-05-02", "ends": "2026-05-01"}),
            "models.kimi-b.lifecycle",
            "only one of them",
            id="retired-and-ends",
        ),
        pytest.param(small(lifecycle={"ends": "December"}), "models.kimi-b.lifecycle.ends", "date", id="no-date"),
        pytest.param(
            small(lifecycle={"never": True, "meant": "kimi-a"}), "models.kimi-b", "has no hosts", id="never-with-hosts"
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True, "meant": "kimi-a"}, context=1),
            "models.kimi-b",
            "has no context",
            id="never-with-context",
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True, "meant": "kimi-a"}, sampling="fixed"),
            "models.kimi-b",
            "has no sampling",
            id="never-with-a-policy",
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True}), "models.kimi-b.lifecycle", "come together", id="never-alone"
        ),
        pytest.param(
            small(lifecycle={"meant": "kimi-a"}), "models.kimi-b.lifecycle", "come together", id="meant-without-never"
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True, "meant": "kimi-a", "since": "2026-05-01"}),
            "models.kimi-b.lifecycle",
            "has no dates",
            id="never-since",
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True, "meant": "kimi-c"}), "", "which is no model", id="meant-nobody"
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True, "meant": "kimi-b"}), "", "which is no model", id="meant-itself"
        ),
        pytest.param(
            small(price={"hit": 3, "miss": 2, "out": 10}), "models.kimi-b.price", "hit <= miss", id="dear-hit"
        ),
        pytest.param(
            small(price={"hit": 0, "miss": 2, "out": 10}), "models.kimi-b.price.hit", "greater than 0", id="free-hit"
        ),
        pytest.param(
            {**SMALL, "thinking": {"idle": {}}}, "", "no model has the thinking policy idle", id="idle-policy"
        ),
        pytest.param(
            {**SMALL, "sampling": {"fixed": {"temperature_range": {"low": 1, "high": 0, "default": 1}}}},
            "sampling.fixed.temperature_range",
            "low <= default <= high",
            id="empty-range",
        ),
        pytest.param(
            {**SMALL, "thinking": {"t": {"effort": {"values": ["low"], "default": "max"}}}},
            "thinking.t.effort",
            "'max' is none of the values",
            id="default-effort-is-no-value",
        ),
        pytest.param(
            {**SMALL, "tool_choice": {"t": {"thinking": ["any"]}}},
            "tool_choice.t.thinking.0",
            "'auto', 'none', 'required' or 'named'",
            id="unknown-tool-choice",
        ),
    ],
)
def test_a_mistake_in_the_file_is_refused_where_it_stands(data: dict[str, Any], where: str, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Catalogue.model_validate(data)
    errors = {".".join(map(str, error["loc"])): error["msg"] for error in refused.value.errors()}
    assert message in errors.get(where, ""), errors


def test_a_faulty_policy_is_reported_once_and_not_again_for_each_model_that_has_it() -> None:
    with pytest.raises(ValidationError) as refused:
        Catalogue.model_validate({**SMALL, "sampling": {"fixed": {}}})
    assert [error["loc"] for error in refused.value.errors()] == [("sampling", "fixed")]
    assert "exactly one of 'temperature' and 'temperature_range'" in refused.value.errors()[0]["msg"]
