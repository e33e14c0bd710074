"""A router may write a row at once or in two steps, alone or in a list: it is one row, and what it says is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.plan import Plan, make_plan
from kimi_conformance.router.run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.router.verdicts import Judged

TODAY: Final = date(2026, 11, 25)
RULES: Final = {
    f"router.ledger.{rule}" for rule in ("one-row-per-call", "row-tells-the-truth", "joined-by-trace", "dual-write")
}


def planned(form: str) -> Plan:
    loaded = load_profile("reference-asgi")
    asgi = loaded.profile.asgi
    assert asgi is not None
    app = "suites.selftest.postgrest_router:app"
    written = asgi.model_copy(update={"app": app, "env": asgi.env | {"LEDGER_FORM": form}})
    return make_plan(replace(loaded, profile=loaded.profile.model_copy(update={"asgi": written})), TODAY)


def judged(form: str, folder: Path) -> Mapping[str, Judged]:
    plan = planned(form)
    run = Run(plan, tools=folder, keep=folder)
    try:
        run.start([case for case in plan.cases.values() if case.requirement in RULES])
        return run.results()
    finally:
        run.close()


@pytest.mark.parametrize("form", ["listed", "upserted", "patched"])
def test_one_row_is_one_row_in_whatever_form_it_is_written(form: str, tmp_path: Path) -> None:
    verdicts = judged(form, tmp_path)
    assert {name.split("@")[0] for name in verdicts} == RULES
    assert {name: one.message for name, one in verdicts.items() if one.verdict is not Verdict.PASS} == {}


def test_a_row_at_the_beginning_and_another_at_the_end_are_two(tmp_path: Path) -> None:
    verdicts = judged("begun-and-inserted", tmp_path)
    bad = {name.split("@")[0] for name, one in verdicts.items() if one.verdict is Verdict.FAIL}
    assert bad == {"router.ledger.one-row-per-call", "router.ledger.dual-write"}
    messages = {one.message for one in verdicts.values() if one.verdict is Verdict.FAIL}
    assert all("2 rows under" in message for message in messages)
