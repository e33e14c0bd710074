"""One wrong gate is told as one: a call that never took its route shows nothing of what happens beyond the gate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.requirement import AREAS
from kimi_conformance.contract.scene import REFUSED, Scene
from kimi_conformance.contract.trip import Named
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.contracts import requirements
from suites.selftest.plays import SECTIONS, ask, fails, findings, onward, profile, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Ask, Trip
    from kimi_conformance.contract.verdict import Finding

HTML = "router.error.html-504-handled"
NOBODY = "router.error.refused-answered"
SURVIVES = "router.error.router-survives"


def staged(*acts: str) -> Ask:
    return replace(ask(), scene=Scene(acts=acts))


def elsewhere(asked: Ask, status: int = 404) -> Trip:
    """A call of a Kimi model that took the plan's route, where nobody serves it."""
    return trip(asked, onward("plan", asked, status=status), status=status)


@pytest.mark.parametrize("rule", [HTML, "router.response.body-untouched", "router.stream.done-once-and-last"])
def test_a_call_on_another_route_is_left_to_the_gate(rule: str) -> None:
    (finding,) = findings(rule, elsewhere(staged("504-html")))
    assert finding.verdict is Verdict.NOT_OBSERVED
    assert (finding.expected, finding.actual) == ("route kimi", "plan")
    assert "the area gate says more" in finding.message


def test_a_call_that_reached_nothing_is_left_to_the_gate_too() -> None:
    (finding,) = findings(HTML, trip(staged("504-html"), status=400))
    assert finding.verdict is Verdict.NOT_OBSERVED
    assert "no upstream was called" in finding.message


def test_on_its_own_route_it_is_judged() -> None:
    asked = staged("504-html")
    (finding,) = findings(HTML, trip(asked, onward("kimi", asked, status=504), status=404))
    assert (finding.verdict, finding.actual) == (Verdict.FAIL, "404")


def test_an_ordinary_call_beside_it_takes_nothing_from_that() -> None:
    ordinary = ask()
    served = trip(ordinary, onward("kimi", ordinary))
    (finding,) = findings(HTML, elsewhere(staged("504-html")), served)
    assert finding == elsewhere_told("plan")


def elsewhere_told(seen: str) -> Finding:
    message = f"the call took another route ({seen}), so nothing of this was played; the area gate says more"
    return replace(fails(HTML, "route kimi", seen, "upstream request", message), verdict=Verdict.NOT_OBSERVED)


def test_a_call_on_several_routes_or_none_is_told_by_where_it_went_first() -> None:
    asked = staged("504-html")
    nowhere = replace(onward("plan", asked, status=504), upstream="moonshot-2")
    unknown = "no route of the profile, at upstream moonshot-2"
    assert findings(HTML, trip(asked, nowhere, onward("plan", asked))) == (elsewhere_told(unknown),)
    assert findings(HTML, trip(asked, onward("plan", asked), nowhere)) == (elsewhere_told("plan"),)
    twins = profile(routes={**SECTIONS["routes"], **dict.fromkeys("fadbec", SECTIONS["routes"]["plan"])})
    one = trip(asked, onward("plan", asked))
    assert findings(HTML, one, of=twins) == (elsewhere_told("a or b or c or d or e or f or plan"),)


@pytest.mark.parametrize(
    "changed", [{"model": Named("seven", 7)}, {"body": b"{}"}, {"stranger": True}, {"direct": True}]
)
def test_what_must_be_refused_or_goes_past_the_router_is_judged_wherever_it_went(changed: dict[str, Any]) -> None:
    (finding,) = findings(HTML, elsewhere(replace(staged("504-html"), **changed)))
    assert (finding.verdict, finding.expected, finding.actual) == (Verdict.FAIL, "a 5xx", "404")


def test_where_nobody_listens_the_ordinary_call_beside_it_shows_the_route() -> None:
    ordinary, deaf = ask(), staged(REFUSED)
    (finding,) = findings(NOBODY, elsewhere(ordinary), trip(deaf, status=404))
    assert finding.verdict is Verdict.NOT_OBSERVED
    served = trip(ordinary, onward("kimi", ordinary))
    assert [one.verdict for one in findings(NOBODY, served, trip(deaf, status=404))] == [Verdict.FAIL]
    assert findings(NOBODY, served, trip(deaf, status=502)) == ()


def test_an_ordinary_call_that_reaches_nothing_after_a_failed_one_is_not_excused() -> None:
    failing = staged("500")
    failed = trip(failing, onward("kimi", failing, status=500), status=500)
    (finding,) = findings(SURVIVES, failed, trip(ask(), status=400))
    assert finding.verdict is Verdict.FAIL


def test_the_gate_itself_accuses() -> None:
    (finding,) = findings("router.gate.each-registered-model-reaches-its-route", elsewhere(ask(), status=200))
    assert finding.verdict is Verdict.FAIL


def test_requirements_are_told_along_the_way_of_a_call() -> None:
    areas = [one.area for one in requirements("router").values()]
    assert list(dict.fromkeys(areas)) == list(AREAS)


def test_a_requirement_says_where_it_differs_from_its_area() -> None:
    areas: dict[str, set[bool]] = {}
    for one in requirements("router").values():
        areas.setdefault(one.area, set()).add(one.needs_the_route)
    assert {area for area, needs in areas.items() if needs == {True}} == {"response", "stream", "messages", "error"}
    assert {area for area, needs in areas.items() if len(needs) > 1} == {"retry", "fallback", "ledger"}
    differ = {one.id for one in requirements("router").values() if one.behind_gate is not None}
    assert differ == {
        "router.fallback.config-names-fallback",
        "router.ledger.dual-write",
        "router.ledger.outage-does-not-fail-the-call",
        "router.retry.left-to-portkey",
    }
