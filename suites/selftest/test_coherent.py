"""A results.json that was edited by hand says of itself what its cases do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.coherent import contradiction
from kimi_conformance.reporting.write import BadResults, read_results, write_results
from suites.selftest.shards import Made

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

RUN = Made(
    {"router.gate.a@n=1": Verdict.PASS, "router.gate.a@n=2": Verdict.FAIL, "router.gate.b@n=1": Verdict.PASS}
).whole()
FIRST, SECOND = RUN.requirements


def test_what_a_run_wrote_agrees_with_itself() -> None:
    assert contradiction(RUN) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"conformant": True}, "/conformant: it says true, and the cases do not", id="conformant"),
        pytest.param(
            {"totals": {**RUN.totals, Verdict.FAIL: 0}},
            "/totals/fail: it says 0, and there is 1 such case",
            id="totals",
        ),
        pytest.param({"totals": {Verdict.FAIL: 1}}, "/totals/pass: it says 0, and there are 2 such cases", id="absent"),
        pytest.param(
            {"requirements": (FIRST.model_copy(update={"verdict": Verdict.PASS}), SECOND)},
            "/requirements/0/verdict: router.gate.a is pass, its cases come to fail",
            id="a requirement",
        ),
        pytest.param(
            {"requirements": (FIRST, SECOND.model_copy(update={"cases": ()}))},
            "/requirements/1: router.gate.b has no case",
            id="no case",
        ),
    ],
)
def test_the_place_that_was_edited_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    edited = RUN.model_copy(update=changes)
    assert contradiction(edited) == said
    write_results(edited, tmp_path / "r.json")
    with pytest.raises(BadResults, match=f"r.json contradicts itself: it was edited, or cut: {said}$"):
        read_results(tmp_path / "r.json")
