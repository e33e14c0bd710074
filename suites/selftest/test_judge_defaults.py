"""Words and defaults of which the judge's other files make something, each held alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.requirement import Evidence
from kimi_conformance.faults.wire.edit import put
from kimi_conformance.judge import check as checks
from kimi_conformance.judge.check import client_alone
from kimi_conformance.judge.drift.change import Change, words
from kimi_conformance.judge.drift.documents import doc_claims
from kimi_conformance.judge.failing import kinds
from kimi_conformance.registry.contracts import facts, requirements
from suites.selftest.drifted import edited, pair
from suites.selftest.failing_plays import answered, asked, error
from suites.selftest.sights import asking, contract
from suites.selftest.sights import error as refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.requirement import EvidenceKind
    from kimi_conformance.contract.trip import Play
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.judge.check import Flaw
    from kimi_conformance.oracle import World

REASON: Final = "api.chat.finish-reason"


@pytest.mark.parametrize("word", ["engine_overloaded_error", "overloaded_error"])
def test_an_engine_is_overloaded_in_the_words_of_both_dialects(word: str) -> None:
    assert kinds(answered(asked(), 429, error(word, "no"))) == {"overloaded"}


def test_a_change_is_about_nothing_of_the_rules_where_nobody_says_so() -> None:
    change = Change("member-new", "additive", "response /a", "absent", "1", f"{words({'a'})} is new")
    assert (change.topic, change.expected) == ("", None)


def test_a_check_of_the_clients_side_stays_what_it_is_when_it_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "ONE_SIDED", {})

    def look(_play: Play, _world: World) -> Iterator[Flaw]:
        return iter(())

    assert client_alone("router.of.ours", says="fails")(look) is look
    assert checks.ONE_SIDED["router.of.ours"].check is look


def claims(requirement: str, sight: Sight, *kinds_: EvidenceKind) -> list[Any]:
    """What is claimed against documents where the requirement rests on these kinds of evidence."""
    evidence = tuple(Evidence(kind=kind, source="a source", date=date(2026, 9, 1)) for kind in kinds_)
    one = requirements("api")[requirement].model_copy(update={"evidence": evidence})
    return list(doc_claims([pair("a/a", sight, sight)], {requirement: one}, facts(), contract()))


@pytest.mark.parametrize(
    ("kind", "alone"), [("observed", False), ("vendor-code", False), ("operator-note", True), ("modelled", True)]
)
def test_documents_are_alone_where_nothing_else_was_seen(kind: EvidenceKind, *, alone: bool) -> None:
    odd = edited("chat", put("choices/0/finish_reason", "eos"))
    [claim] = claims(REASON, odd, "vendor-doc", kind)
    assert claim.documents_only is alone


def test_a_limit_shows_something_of_limits_and_of_nothing_else() -> None:
    odd = refused(429, "odd_error", "no", asking())
    assert len(claims("api.limits.429-types", odd, "vendor-doc")) == 1
    shapeless = refused(500, "server_error", "", asking())
    assert claims("api.chat.answered", shapeless, "vendor-doc") == []
