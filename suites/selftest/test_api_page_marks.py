"""Marks of the reference page: what a requirement, a fact and a model count as; no line is better than its ties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest
from pydantic import ValidationError

from kimi_conformance.api.seen import Seen
from kimi_conformance.api.trial import Trial
from kimi_conformance.contract.catalogue import Model
from kimi_conformance.contract.facts import Fact
from kimi_conformance.contract.held import Held
from kimi_conformance.contract.requirement import Contradiction, Evidence
from kimi_conformance.contract.tie import Line
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.judge.api.judging import Outcome
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.registry.contracts import catalogue
from kimi_conformance.reporting.api_page.known import Known, known, stated
from kimi_conformance.reporting.api_page.mark import KINDS, WORDS, Mark, weakest
from kimi_conformance.reporting.api_page.ties import Ties
from suites.selftest.nights import plan

if TYPE_CHECKING:
    from kimi_conformance.contract.provenance import Origin

OLD, DAY, NEW = date(2026, 7, 17), date(2026, 9, 1), date(2026, 11, 30)
RULE: Final = plan().requirements["api.limits.rate-429"]
CASE: Final = next(each for each in plan().cases.values() if each.requirement == RULE.id)
HELD: Final = Held(held=NEW, where="api.moonshot.ai", model="kimi-k3", suite="0.1.0")
NOTE: Final = Finding(RULE.id, Verdict.PASS, "a header", "none", "response", "the header is missing")


def trial(verdict: Verdict = Verdict.PASS, origin: Origin = "observed", on: date = DAY, *findings: Finding) -> Trial:
    """A case that came to `verdict` on a tape of `origin`."""
    seen = Seen(Sight(Exchange(Request("GET", "/v1/models"))), origin, on)
    return Trial(CASE, Outcome(verdict, findings=findings), tuple((call, seen) for call in CASE.all_calls))


def evidence(kind: Any, on: date = DAY) -> Evidence:
    return Evidence(kind=kind, source="somewhere", date=on)


def mark(*trials: Trial, held: Held | None = None, stated_: tuple[Evidence, ...] = (evidence("vendor-doc"),)) -> Mark:
    return Known(RULE.model_copy(update={"evidence": stated_}), trials, held).mark


UNSEEN: Final = trial(Verdict.NOT_OBSERVED, "modelled")


@pytest.mark.parametrize(
    ("found", "word", "on"),
    [
        pytest.param(mark(trial(), held=HELD), "live", NEW, id="held-live"),
        pytest.param(mark(trial(origin="live")), "recorded", DAY, id="on-a-tape-of-ours"),
        pytest.param(mark(trial(origin="live"), UNSEEN), "recorded in part", DAY, id="partly-on-a-tape-of-ours"),
        pytest.param(mark(trial(), trial(on=OLD)), "observed", DAY, id="on-published-tapes-newest-first"),
        pytest.param(mark(trial(), UNSEEN), "observed in part", DAY, id="partly-on-published-tapes"),
        pytest.param(mark(UNSEEN, stated_=(evidence("observed"),)), "reported", DAY, id="no-tape-but-a-report"),
        pytest.param(mark(UNSEEN), "documented", DAY, id="documented-and-modelled"),
        pytest.param(mark(stated_=(evidence("vendor-code"),)), "Moonshot's code", DAY, id="code"),
        pytest.param(mark(stated_=(evidence("standard"),)), "standard", DAY, id="standard"),
        pytest.param(mark(stated_=(evidence("operator-note"),)), "told", DAY, id="third-parties"),
        pytest.param(mark(UNSEEN, stated_=(evidence("modelled"),)), "modelled", DAY, id="modelled"),
        pytest.param(mark(stated_=()), "nothing", None, id="no-evidence"),
        pytest.param(mark(trial(), trial(Verdict.FAIL, on=OLD)), "does not hold", OLD, id="fails-in-one-case"),
        pytest.param(mark(trial(), trial(Verdict.WARN)), "does not hold (a SHOULD)", DAY, id="warns"),
        pytest.param(mark(trial(Verdict.PASS, "observed", DAY, NOTE)), "does not hold (a MAY)", DAY, id="noted"),
        pytest.param(mark(trial(Verdict.FAIL), held=HELD), "does not hold", DAY, id="a-failing-tape-outweighs-live"),
    ],
)
def test_a_requirement_is_known_as_well_as_it_was_seen(found: Mark, word: str, on: date | None) -> None:
    assert (found.word, found.on, found.ties) == (word, on, (RULE.id,))


def test_what_held_elsewhere_than_at_kimi_is_not_live() -> None:
    elsewhere = HELD.model_copy(update={"where": "127.0.0.1:8080"})
    assert mark(trial(), held=elsewhere).word == "observed"


def test_a_line_has_the_weakest_of_its_marks_with_the_ties_of_all() -> None:
    found = weakest([Mark("live", NEW, ("a",)), Mark("documented", DAY, ("b",)), Mark("observed", DAY, ("c",))])
    assert found == Mark("documented", DAY, ("b", "a", "c"))
    assert weakest([Mark("observed", DAY, ("a",)), Mark("observed", OLD, ("b",))]).on == OLD
    assert weakest([Mark("modelled", DAY, ("a",)), Mark("does not hold", DAY, ("b",))]).word == "does not hold"


def test_every_word_is_of_one_kind() -> None:
    assert sorted(word for words in KINDS.values() for word in words) == sorted(WORDS)


def test_of_stated_evidence_the_strongest_kind_counts_and_its_newest_day() -> None:
    given = (evidence("vendor-doc", OLD), evidence("operator-note", NEW), evidence("vendor-doc", DAY))
    assert stated(given, ("x",)) == Mark("documented", DAY, ("x",))


MODEL: Final = Model.model_validate(
    {
        "id": "kimi-x",
        "family": "x",
        "hosts": ["platform"],
        "context": 10,
        "price": {"hit": 1, "miss": 1, "out": 1},
        "evidence": [
            {"kind": "observed", "source": "a list of models", "date": DAY, "about": ["context"]},
            {"kind": "operator-note", "source": "a reseller", "date": NEW, "about": ["price"]},
        ],
    }
)


def ties(**facts: Fact) -> Ties:
    models = catalogue().model_copy(update={"models": {MODEL.id: MODEL}})
    return Ties(known({RULE.id: RULE}, [trial()], {}), {fact.id: fact for fact in facts.values()}, models)


def test_a_model_is_known_by_what_its_evidence_is_about() -> None:
    assert ties().mark(Line(says="…", model="kimi-x", about=("context",))) == Mark("reported", DAY, ("model.kimi-x",))
    both = ties().mark(Line(says="…", model="kimi-x", about=("context", "price")))
    assert (both.word, both.on) == ("told", NEW) if both else False


def test_a_requirement_says_nothing_of_a_model_that_no_case_asks_for() -> None:
    found = ties().mark(Line(says="…", by=(RULE.id,), model="kimi-x", about=("price",)))
    assert found == Mark("told", NEW, (RULE.id, "model.kimi-x"))


@pytest.mark.parametrize(
    ("kinds", "requirements", "word"),
    [
        pytest.param(["live", "doc"], [RULE.id], "observed", id="live-as-its-requirement-is-seen"),
        pytest.param(["doc"], [RULE.id], "documented", id="a-document-is-no-answer"),
        pytest.param(["live"], None, "reported", id="live-without-a-requirement"),
        pytest.param(["doc"], None, "documented", id="documented-without-a-requirement"),
        pytest.param(["inferred"], None, "modelled", id="inferred"),
        pytest.param(["open"], [RULE.id], "open", id="open"),
    ],
)
def test_a_fact_counts_for_no_more_than_its_kind(kinds: list[Any], requirements: list[str] | None, word: str) -> None:
    why = None if requirements else "A rule of accounts."
    fact = Fact.model_validate(
        {"id": "9.1", "says": "A row of the index.", "kinds": kinds, "requirements": requirements, "excluded": why}
    )
    found = ties(fact=fact).mark(Line(says="…", facts=("9.1",)))
    assert found
    assert (found.word, found.ties) == (word, ("fact.9.1",))


def test_a_line_against_documents_needs_a_contradiction_of_theirs() -> None:
    line = Line(says="…", by=(RULE.id,), against_docs=True)
    with pytest.raises(ValueError, match=f"'against_docs', but {RULE.id} contradict no documents"):
        ties().mark(line)
    denied = Contradiction(source="docs", kind="vendor-doc", says="otherwise", resolution="not so")
    rule = RULE.model_copy(update={"contradicts": (denied,)})
    found = replace(ties(), known=known({RULE.id: rule}, [trial()], {})).mark(line)
    assert found
    assert found.says == f"observed {DAY} ≠ docs"


def test_a_statement_that_says_more_than_answers_show_counts_for_less() -> None:
    found = ties().mark(Line(says="…", by=(RULE.id,), at_most="documented"))
    assert found == Mark("documented", date(2026, 4, 23), (RULE.id,))
    assert ties().mark(Line(says="…", by=(RULE.id,), at_most="modelled")) == Mark("modelled", None, (RULE.id,))
    unseen = replace(ties(), known=known({RULE.id: RULE.model_copy(update={"evidence": ()})}, [], {}))
    assert unseen.mark(Line(says="…", by=(RULE.id,), at_most="documented")) == Mark("nothing", None, (RULE.id,))


def test_what_is_not_about_kimi_has_no_mark() -> None:
    assert ties().mark(Line(says="…", yours=True)) is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param({}, "names what it rests on", id="no-tie"),
        pytest.param({"by": ["api.limits.rate-429"], "yours": True}, "names what it rests on", id="tied-and-yours"),
        pytest.param({"model": "kimi-k3"}, "'model' and 'about' come together", id="a-model-about-nothing"),
        pytest.param({"facts": ["1.1"], "against_docs": True}, "'against_docs' goes with", id="nothing-to-contradict"),
        pytest.param({"yours": True, "at_most": "modelled"}, "'at_most' goes with", id="at-most-of-nothing"),
        pytest.param({"by": ["limits"]}, "pattern", id="no-requirement-id"),
    ],
)
def test_a_statement_without_a_tie_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Line.model_validate({"says": "A sentence.", **data})
