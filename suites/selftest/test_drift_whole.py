"""The whole comparison: what is put together, what it rests on, what is left out and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.api.drifting import known_of
from kimi_conformance.contract.drifted import NotCompared
from kimi_conformance.faults.wire.edit import change, drop, put
from kimi_conformance.judge.drift.whole import ENOUGH, drift
from suites.selftest.drifted import DAY, body_of, edited, pair, with_body
from suites.selftest.nights import plan
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kimi_conformance.contract.drifted import Drift
    from kimi_conformance.contract.provenance import Origin
    from kimi_conformance.faults.wire.edit import Edit
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.judge.drift.pairs import Pair

TEMPERATURE: Final = "refused/api.sampling.temperature-fixed"
CHAT, WRONG = SPECIMENS["chat"], SPECIMENS["key/wrong"]
NO_USAGE: Final = edited("chat", drop("usage"))
REFUSED: Final = with_body(CHAT, body_of(WRONG), 401)


def whole(*pairs: Pair, left: Sequence[NotCompared] = ()) -> Drift:
    return drift(pairs, left, known_of(plan()), names=("recorded", "seen"), on=DAY)


def test_one_difference_of_many_calls_is_told_once_with_all_of_them() -> None:
    found = whole(*(pair(f"chat/{n}", CHAT, NO_USAGE) for n in range(3)))
    (one,) = found.differences
    assert (one.class_, one.where, [each.call for each in one.shown]) == (
        "breaking",
        "/usage",
        ["chat/0", "chat/1", "chat/2"],
    )
    assert found.totals == {"breaking": 1, "additive": 0, "wording": 0}
    assert found.compared == ("chat/0", "chat/1", "chat/2")


def test_what_breaks_comes_first_and_what_most_calls_show_before_the_rest() -> None:
    more = edited("chat", put("mood", "good"))
    found = whole(
        pair("a/a", CHAT, more),
        pair("a/b", CHAT, edited("chat", drop("id"))),
        pair("a/c", CHAT, NO_USAGE),
        pair("a/d", CHAT, NO_USAGE),
    )
    assert [(each.class_, each.where) for each in found.differences] == [
        ("breaking", "/usage"),
        ("breaking", "/id"),
        ("additive", "/mood"),
    ]


@pytest.mark.parametrize(
    ("recorded", "seen", "means"),
    [
        ("observed", "live", "kimi-changed"),
        ("live", "live", "kimi-changed"),
        ("live", "observed", "kimi-changed"),
        ("modelled", "live", "kimi-changed-or-our-model-was-wrong"),
        ("modelled", "observed", "kimi-changed-or-our-model-was-wrong"),
        ("live", "modelled", "not-about-kimi"),
        ("modelled", "modelled", "not-about-kimi"),
    ],
)
def test_what_a_difference_says_depends_on_the_evidence_of_both_sides(
    recorded: Origin, seen: Origin, means: str
) -> None:
    (one,) = whole(pair("a/a", CHAT, NO_USAGE, recorded=recorded, seen=seen)).differences
    (shown,) = one.shown
    assert (shown.means, shown.recorded.origin, shown.seen.origin) == (means, recorded, seen)
    assert one.modelled_only == (recorded == "modelled")


@pytest.mark.parametrize(("times", "told"), [(ENOUGH - 1, 0), (ENOUGH, 1)])
def test_what_a_model_may_leave_out_is_gone_once_it_is_in_no_answer(times: int, told: int) -> None:
    silent = edited("chat", drop("choices/0/message/reasoning_content"))
    found = whole(*(pair(f"a/{n}", CHAT, silent) for n in range(times)))
    assert len(found.of("breaking")) == told
    assert not whole(*(pair(f"a/{n}", CHAT, silent) for n in range(times)), pair("a/x", CHAT, CHAT)).differences


def test_a_model_that_the_catalogue_has_retired_by_then_was_to_go() -> None:
    name = "kimi-k2.6"
    gone = edited("models", change("data", lambda rows: [row for row in rows if row["id"] != name]))
    early, late = (
        whole(pair("a/a", SPECIMENS["models"], replace(gone, on=date(2026, 11, 26)))),
        whole(pair("a/a", SPECIMENS["models"], replace(gone, on=date(2027, 1, 2)))),
    )
    assert (early.totals["breaking"], late.totals["breaking"]) == (1, 0)
    (one,) = late.differences
    assert one.expected == "the catalogue has it retired on 2027-01-02"
    assert late.of("breaking") == ()


@pytest.mark.parametrize(
    ("after", "why"),
    [
        pytest.param(with_body(CHAT, b"{}", 500), "answered 500 application/json: that is over soon", id="500"),
        pytest.param(
            with_body(CHAT, body_of(SPECIMENS["limit/platform-rate"]), 429),
            "rate_limit_reached_error: that is over",
            id="429",
        ),
        pytest.param(with_body(CHAT, b"<html>", 504), "answered 504", id="504"),
        pytest.param(
            replace(CHAT, exchange=replace(CHAT.exchange, response=None, error="refused: nobody")),
            "no answer: refused: nobody",
            id="no answer",
        ),
        pytest.param(
            replace(CHAT, exchange=replace(CHAT.exchange, error="reset: by peer")),
            "the seen answer was cut short: reset: by peer",
            id="a cut",
        ),
        pytest.param(REFUSED, "the host refused the key in every call", id="a bad key"),
    ],
)
def test_what_says_nothing_is_left_out_with_the_reason(after: Sight, why: str) -> None:
    found = whole(pair("a/a", CHAT, after))
    assert found.compared == found.differences == ()
    (left,) = found.not_compared
    assert (left.call, why in left.why) == ("a/a", True)


def test_a_key_that_works_elsewhere_is_not_to_blame_for_a_401() -> None:
    found = whole(pair("a/a", CHAT, REFUSED), pair("a/b", CHAT, CHAT))
    assert found.not_compared == ()
    (one,) = found.differences
    assert (one.kind, one.before, one.after) == ("status", "200 application/json", "401 invalid_authentication_error")


def test_an_account_without_funds_is_compared_in_its_429() -> None:
    drained = replace(SPECIMENS["limit/platform-quota"], key="drained")
    other = with_body(drained, body_of(SPECIMENS["limit/platform-rate"]), 429)
    assert [each.kind for each in whole(pair("a/a", drained, other)).differences] == ["error-type", "error-text"]


def test_what_has_no_pair_is_told_and_never_counted_as_equal() -> None:
    found = whole(left=[NotCompared(call="a/a", why="no MOONSHOT_API_KEY_CN in the environment")])
    assert (found.compared, [one.call for one in found.not_compared]) == ((), ["a/a"])


RULED: Final = "sampling/kimi-k3-temperature-0.6"


@pytest.mark.parametrize(
    ("name", "edit", "call", "requirement"),
    [
        ("chat", drop("usage"), "chat/kimi-k3-hello", "api.chat.shape"),
        ("balance", drop("data/cash_balance"), "balance/ai", "api.balance.shape"),
        ("models", drop("data/0"), "hosts/models-ai", "api.models.live-listed"),
        ("models", put("data/0/context_length", 1), "hosts/models-ai", "api.models.attributes-as-catalogued"),
        pytest.param(TEMPERATURE, put("error/type", "x"), RULED, "api.sampling.temperature-fixed", id="type"),
        pytest.param(TEMPERATURE, put("error/message", "no"), RULED, "api.sampling.temperature-fixed", id="text"),
    ],
)
def test_the_requirements_that_bear_on_it_are_named(name: str, edit: Edit, call: str, requirement: str) -> None:
    found = whole(pair(call, SPECIMENS[name], edited(name, edit)))
    assert requirement in {each for one in found.differences for each in one.requirements}


def test_what_was_broken_comes_before_what_bears_on_it() -> None:
    accepted = with_body(SPECIMENS[TEMPERATURE], body_of(CHAT), 200)
    (one,) = whole(pair("a/a", SPECIMENS[TEMPERATURE], accepted)).differences
    assert "api.sampling.temperature-fixed" in one.requirements


def test_a_document_that_is_not_matched_any_more_is_told_apart() -> None:
    found = whole(pair("a/a", CHAT, edited("chat", put("choices/0/finish_reason", "eos"))))
    (claim,) = [each for each in found.doc_claims if each.requirement == "api.chat.finish-reason"]
    assert (claim.new, claim.calls) == (True, ("a/a",))
    assert all("docs" in one.source or "openapi" in one.source for one in claim.documents)
    assert claim.facts
    known = whole(pair("a/a", *(edited("chat", put("choices/0/finish_reason", "eos")),) * 2))
    assert [each.new for each in known.doc_claims if each.requirement == "api.chat.finish-reason"] == [False]
    assert known.differences == ()


def test_a_server_that_is_down_contradicts_no_document() -> None:
    down = SPECIMENS["error/500"]
    assert whole(pair("a/a", down, down)).doc_claims == ()


def test_the_whole_is_told_in_an_order_that_does_not_change() -> None:
    left = [NotCompared(call="b/b", why="z"), NotCompared(call="a/b", why="z"), NotCompared(call="c/c", why="y")]
    pairs = [pair("b/a", CHAT, NO_USAGE), pair("a/a", CHAT, CHAT, recorded="modelled", seen="modelled")]
    found = drift(pairs, left, known_of(plan()), names=("old", "new"), on=DAY, notes=["a note"])
    assert (found.compared, found.notes, found.on) == (("a/a", "b/a"), ("a note",), DAY)
    assert [one.call for one in found.not_compared] == ["c/c", "a/b", "b/b"]
    assert (found.recorded.name, found.recorded.origins) == ("old", {"observed": 1, "modelled": 1})
    assert (found.seen.name, found.seen.origins) == ("new", {"live": 1, "modelled": 1})
    assert found.as_json()["schema"] == 1
    assert found.as_json()["differences"][0]["class"] == "breaking"


def test_only_keys_of_a_hosts_own_tell_whether_they_are_refused() -> None:
    wrong = replace(REFUSED, key="wrong")
    assert whole(pair("a/a", CHAT, REFUSED), pair("a/b", WRONG, wrong)).compared == ("a/b",)
    taken = replace(CHAT, key="wrong")  # a host that takes every key but its own
    assert whole(pair("a/a", CHAT, REFUSED), pair("a/b", taken, taken)).compared == ("a/b",)
    silent = replace(CHAT, exchange=replace(CHAT.exchange, response=None, error="refused: nobody"))
    assert whole(pair("a/a", CHAT, REFUSED), pair("a/b", CHAT, silent)).compared == ()
    elsewhere = replace(CHAT, host="platform-cn")
    assert whole(pair("a/a", CHAT, REFUSED), pair("a/b", elsewhere, elsewhere)).compared == ("a/b",)


def test_of_one_thing_that_breaks_all_that_it_broke_is_told_and_of_several_what_they_are_about() -> None:
    one = whole(pair("a/a", CHAT, NO_USAGE)).differences
    assert [set(each.requirements) >= {"api.usage.present", "api.chat.shape"} for each in one] == [True]
    more = edited("chat", drop("usage"), put("mood", "good"))
    assert {
        each.where: "api.usage.present" in each.requirements for each in whole(pair("a/a", CHAT, more)).differences
    } == {
        "/usage": True,
        "/mood": False,
    }
    both = edited("chat", drop("usage"), drop("id"))
    assert [each.requirements for each in whole(pair("a/a", CHAT, both)).differences] == [("api.chat.shape",)] * 2


def test_what_a_model_left_out_everywhere_is_told_by_place_and_number() -> None:
    silent = edited("chat", drop("choices/0/message/reasoning_content"))
    (one,) = whole(*(pair(f"a/{n}", CHAT, silent) for n in range(ENOUGH))).differences
    place = "/choices/[]/message/reasoning_content"
    assert (one.kind, one.where, one.before, one.after) == ("member-gone", place, "there in each", "absent")
    assert one.says == f"{place} is in none of {ENOUGH} answers that had it"
    assert one.requirements == ("api.chat.shape",)
    assert [each.call for each in one.shown] == [f"a/{n}" for n in range(ENOUGH)]


def test_a_cache_that_gives_nothing_any_more_is_no_drift() -> None:
    cold = edited("chat-cached", drop("usage/cached_tokens"), drop("usage/prompt_tokens_details"))
    assert whole(*(pair(f"a/{n}", SPECIMENS["chat-cached"], cold) for n in range(ENOUGH + 1))).differences == ()
