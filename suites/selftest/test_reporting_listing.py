"""`--list` can be searched, cut and counted."""

from __future__ import annotations

import io

from rich.console import Console

from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.reporting.listing import print_list

GATE, SHAPE = "router.gate.non-claude-leaves-plan-route", "router.models.shape"


def requirement(name: str, says: str) -> Requirement:
    evidence = [{"kind": "operator-note", "source": "hub page", "date": "2026-05-01"}]
    return Requirement.model_validate({"id": name, "level": "MUST", "says": says, "evidence": evidence})


REQUIREMENTS = {
    GATE: requirement(GATE, "A model that is not Claude leaves the plan route."),
    SHAPE: requirement(SHAPE, "The list is a list."),
}


def test_the_list_has_a_line_per_requirement_and_case_however_long() -> None:
    out = io.StringIO()
    ids = [f"{GATE}@agent=dispo@model=kimi-k{n}@surface=messages@stream=yes" for n in range(2)]
    print_list({GATE: ids, SHAPE: []}, REQUIREMENTS, Console(file=out, width=40))
    assert out.getvalue().splitlines() == [
        f"{GATE}  MUST  A model that is not Claude leaves the plan route.",
        f"  {ids[0]}",
        f"  {ids[1]}",
        f"{SHAPE}  MUST  The list is a list.",
    ]


def test_a_list_of_nothing_prints_nothing() -> None:
    out = io.StringIO()
    print_list({}, REQUIREMENTS, Console(file=out))
    assert out.getvalue() == ""
