"""Headers and documents: what of them is compared, where, and what it comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.api.drifting import known_of
from kimi_conformance.contract.drift_rules import HeaderRule
from kimi_conformance.faults.wire.edit import put
from kimi_conformance.judge.drift.documents import doc_claims
from kimi_conformance.judge.drift.heads import header_changes
from kimi_conformance.registry.contracts import drift_rules, facts, requirements
from suites.selftest.drifted import DAY, edited, pair, with_body, with_headers
from suites.selftest.nights import plan
from suites.selftest.sights import contract
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from kimi_conformance.contract.drifted import DocClaim
    from kimi_conformance.judge.api.sight import Sight

CHAT = SPECIMENS["chat"]
BARE = with_headers(CHAT, date=None)


def changes(
    before: dict[str, str | None], after: dict[str, str | None], *, bare: str = ""
) -> list[tuple[str, str, str, str]]:
    """Class, place, before and after of each change; `bare`: the sides whose source keeps no whole head."""
    sides = [with_headers(BARE if name in bare else CHAT, **given) for name, given in (("b", before), ("a", after))]
    return [(each.class_, each.where, each.before, each.after) for each in header_changes(*sides, drift_rules())]


def test_a_header_that_is_gone_or_says_something_else_is_told_in_its_class() -> None:
    assert changes({"retry_after": "3"}, {"retry_after": None}) == [
        ("breaking", "header retry-after", "present", "absent")
    ]
    assert changes({"retry_after": "3"}, {"retry_after": "9"}) == []
    assert changes({}, {"msh_trace_mode": None}) == [("wording", "header msh-trace-mode", "present", "absent")]
    assert changes({"retry_after": None}, {"retry_after": "3"}) == [
        ("additive", "header retry-after", "absent", "present")
    ]


def test_new_headers_are_told_by_name_but_for_those_that_are_ignored() -> None:
    new = dict.fromkeys(("z", "sunset", "b", "deprecation", "a", "y"), "x")
    found = changes({}, {**new, "cf_new": "z", "age": "1"})
    assert found == [("additive", f"header {name}", "absent", "present") for name in sorted(new)]
    response = CHAT.exchange.response
    assert response is not None
    shouted = replace(response, headers=tuple((name.upper(), value) for name, value in response.headers))
    upper = replace(CHAT, exchange=replace(CHAT.exchange, response=shouted))
    assert list(header_changes(CHAT, upper, drift_rules())) == []


@pytest.mark.parametrize(("bare", "new", "gone"), [("", 1, 1), ("b", 0, 1), ("a", 0, 0), ("ab", 0, 0)])
def test_what_a_recorder_did_not_keep_is_neither_new_nor_gone(bare: str, new: int, gone: int) -> None:
    assert len(changes({}, {"sunset": "x"}, bare=bare)) == new
    assert len(changes({"retry_after": "1"}, {}, bare=bare)) == gone


def test_values_are_compared_without_case_blanks_and_quotes() -> None:
    kind = "application/json; charset=utf-8"
    assert changes({"content_type": kind}, {"content_type": 'Application/JSON;charset="UTF-8"'}) == []
    other = changes({"content_type": kind}, {"content_type": "application/json"}, bare="ab")
    assert other == [("breaking", "header content-type", kind, "application/json")]
    assert changes({"content_type": None}, {"content_type": kind}) == [
        ("additive", "header content-type", "absent", "present")
    ]
    assert changes({"content_type": kind}, {"content_type": None}, bare="a") == []
    assert drift_rules().headers["msh-request-id"] == HeaderRule(gone="breaking")


def test_where_there_is_no_response_there_are_no_headers() -> None:
    silent = replace(CHAT, exchange=replace(CHAT.exchange, response=None))
    assert list(header_changes(silent, silent, drift_rules())) == []


REASON = "api.chat.finish-reason"
ODD = edited("chat", put("choices/0/finish_reason", "eos"))


def claimed(before: Sight, after: Sight) -> dict[str, DocClaim]:
    found = doc_claims([pair("a/a", before, after)], requirements("api"), facts(), contract())
    return {each.requirement: each for each in found}


def test_a_claim_names_its_documents_its_facts_and_what_was_seen() -> None:
    pairs = [pair("a/a", CHAT, ODD), pair("a/b", ODD, ODD), pair("a/c", CHAT, CHAT)]
    found = {each.requirement: each for each in doc_claims(pairs, requirements("api"), facts(), contract())}
    claim = found[REASON]
    rule = requirements("api")[REASON]
    assert claim.says == rule.says
    assert [(one.source, one.date) for one in claim.documents] == [
        (one.source, one.date) for one in rule.evidence if one.kind == "vendor-doc"
    ]
    assert claim.facts == tuple(fact.id for fact in facts().facts if REASON in (fact.requirements or ()))
    assert (claim.calls, claim.new) == (("a/a", "a/b"), True)
    assert (claim.documents_only, "eos" in claim.actual) == (False, True)
    unseen = with_headers(ODD, msh_request_id="of another form", x_msh_trace_id=None)  # no document speaks of these
    assert set(claimed(CHAT, unseen)) == set(found)
    assert set(found) <= {
        name for name, one in requirements("api").items() if any(e.kind == "vendor-doc" for e in one.evidence)
    }
    assert "api.chat.shape" in found


def test_a_claim_that_rests_on_documents_alone_says_so() -> None:
    alone = {
        name for name, one in requirements("api").items() if {each.kind for each in one.evidence} == {"vendor-doc"}
    }
    wrong = with_body(SPECIMENS["error/503"], b'{"error":{"message":"a","type":"b"}}')
    found = list(doc_claims([pair("a/a", wrong, wrong)], requirements("api"), facts(), contract()))
    assert {each.requirement: each.documents_only for each in found if each.requirement in alone}
    assert all(each.documents_only for each in found if each.requirement in alone)
    assert not any(each.new for each in found)


def test_nothing_is_claimed_of_what_nobody_can_check_or_of_a_server_that_is_down() -> None:
    rules = requirements("api")
    excluded = {name: one for name, one in rules.items() if one.excluded}
    assert list(doc_claims([pair("a/a", CHAT, ODD)], excluded, facts(), contract())) == []
    down = with_body(CHAT, b'{"error":{"message":"invalid state transition","type":"unexpected_output"}}', 500)
    assert claimed(down, down) == {}


def test_what_a_law_could_not_see_contradicts_no_document() -> None:
    asked = CHAT.exchange.request.body.replace(b"kimi-k3", b"kimi-k2.6")
    exchange = replace(CHAT.exchange, request=replace(CHAT.exchange.request, body=asked))
    gone = SPECIMENS["gone/model-retired"].exchange.response
    served = requirements("api")["api.lifecycle.live-served"]
    written = served.evidence[0].model_copy(update={"kind": "vendor-doc"})
    rules = {served.id: served.model_copy(update={"evidence": (written,)})}
    sides = [replace(CHAT, exchange=replace(exchange, response=gone), on=day) for day in (DAY, date(2026, 10, 1))]
    ending, early = (list(doc_claims([pair("a/a", side, side)], rules, facts(), contract())) for side in sides)
    assert (len(ending), len(early)) == (0, 1)  # accounts of November do not have it any more


def test_facts_are_those_of_the_index() -> None:
    assert known_of(plan()).facts == facts()
