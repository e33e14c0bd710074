"""The judge on destinations: which route an arrival is on, by its upstream and by the headers that mark it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import Decision
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.destination import at_pointer, destination, routes_of, same_destination
from suites.selftest.plays import SECTIONS, arrived, ask, fails, findings, profile, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.exchange import Headers

REACHES: Final = "router.gate.each-registered-model-reaches-its-route"


def marked(*marks: Any) -> Profile:
    """A profile whose only route is marked so at the gateway."""
    headers = dict(marks)
    return profile(routes={"kimi": {"upstream": "gateway", "headers": headers}}, policy={"models": {"kimi-k3": "kimi"}})


def on_it(of: Profile, *headers: tuple[str, str]) -> bool:
    return routes_of(arrived("gateway", {}, headers=headers), of) == {"kimi"}


@pytest.mark.parametrize(
    ("mark", "value", "fits"),
    [
        pytest.param("vk-kimi", "vk-kimi", True, id="exact"),
        pytest.param("vk-kimi", "VK-KIMI", False, id="another-case"),
        pytest.param("vk-kimi", "vk-kimi-2", False, id="longer"),
        pytest.param("vk-kimi", "", False, id="empty"),
        pytest.param("vk-*", "vk-kimi", True, id="glob"),
        pytest.param("vk-*", "VK-kimi", False, id="glob-in-another-case"),
        pytest.param("vk-*", "a vk-kimi", False, id="glob-inside"),
        pytest.param("vk-?", "vk-2", True, id="glob-of-one"),
        pytest.param("vk-[ab]", "vk-a", True, id="glob-of-a-set"),
        pytest.param("vk-[ab]", "vk-[ab]", True, id="exact-though-it-looks-like-a-glob"),
        pytest.param("*", "", True, id="anything"),
    ],
)
def test_a_mark_is_exact_or_a_glob(mark: str, value: str, *, fits: bool) -> None:
    assert on_it(marked(("x-key", mark)), ("x-key", value)) is fits


@pytest.mark.parametrize(
    ("pointer", "wanted", "value", "fits"),
    [
        pytest.param("/provider", "moonshot", '{"provider": "moonshot"}', True, id="member"),
        pytest.param("/provider", "moonshot", '{"provider": "openai"}', False, id="another-value"),
        pytest.param("/provider", "moonshot", '{"provider": "Moonshot"}', False, id="another-case"),
        pytest.param("/provider", "moon*", '{"provider": "moonshot"}', False, id="no-glob"),
        pytest.param("/provider", "moonshot", '{"target": "moonshot"}', False, id="no-such-member"),
        pytest.param("/targets/1/key", "b", '{"targets": [{"key": "a"}, {"key": "b"}]}', True, id="in-a-list"),
        pytest.param("/targets/2/key", "b", '{"targets": [{"key": "a"}]}', False, id="behind-the-end"),
        pytest.param("/targets/-1/key", "b", '{"targets": [{"key": "b"}]}', False, id="no-negative-places"),
        pytest.param("/targets/x", "b", '{"targets": ["b"]}', False, id="a-list-has-no-members"),
        pytest.param("/a~1b/~0c", 1, '{"a/b": {"~c": 1}}', True, id="escaped"),
        pytest.param("/a/b", 1, '{"a": 1}', False, id="below-a-number"),
        pytest.param("/n", 1, '{"n": 1.0}', True, id="numbers-are-numbers"),
        pytest.param("/on", True, '{"on": true}', True, id="true"),
        pytest.param("/on", None, '{"on": null}', True, id="null"),
        pytest.param("/on", None, "{}", False, id="absent-is-not-null"),
        pytest.param("/o", {"a": 1, "b": [2]}, '{"o": {"b": [2], "a": 1}}', True, id="members-in-any-order"),
        pytest.param("/x", 1, "no json", False, id="no-json"),
        pytest.param("/x", 1, "", False, id="empty"),
        pytest.param("/x", 1, "[1]", False, id="a-list-at-the-top"),
        pytest.param("/x", 1, "[" * 100_000, False, id="too-deep-to-read"),
    ],
)
def test_a_mark_may_be_a_member_of_json(pointer: str, wanted: Any, value: str, *, fits: bool) -> None:
    assert on_it(marked(("x-config", {"json": pointer, "is": wanted})), ("x-config", value)) is fits


def test_header_names_are_the_same_in_any_case() -> None:
    assert on_it(marked(("X-Key", "a")), ("x-kEY", "a"))


def test_all_marks_must_be_there() -> None:
    both = marked(("x-key", "a"), ("x-config", {"json": "/n", "is": 1}))
    assert on_it(both, ("x-config", '{"n": 1}'), ("x-key", "a"))
    assert not on_it(both, ("x-key", "a"))
    assert not on_it(both, ("x-key", "a"), ("x-config", '{"n": 2}'))
    assert not on_it(both)


def test_marks_count_at_their_own_upstream_only() -> None:
    assert routes_of(arrived("moonshot", {}, headers=(("x-key", "a"),)), marked(("x-key", "a"))) == frozenset()


ROUTES: Final = {
    "kimi": {"upstream": "gateway", "headers": {"x-key": "vk-kimi"}},
    "twin": {"upstream": "gateway", "headers": {"x-key": "vk-kimi"}, "tier": "other"},
    "any-key": {"upstream": "gateway", "headers": {"x-key": "vk-*"}},
    "kimi-eu": {"upstream": "gateway", "headers": {"x-key": "vk-kimi", "x-region": "eu"}},
    "config": {"upstream": "gateway", "headers": {"x-config": {"json": "/p", "is": "kimi"}}},
    "rest": {"upstream": "gateway"},
    "capital": {"upstream": "gateway", "headers": {"x-a": "VK-X"}},
    "any-capital": {"upstream": "gateway", "headers": {"x-a": "VK-*"}},
    "one-exact": {"upstream": "gateway", "headers": {"x-b": "ab"}},
    "two-globs": {"upstream": "gateway", "headers": {"x-b": "a*", "x-c": "c*"}},
}
OVERLAPPING: Final = profile(routes=ROUTES, policy={"models": {"kimi-k3": "kimi", "kimi-k2.6": "twin"}})


@pytest.mark.parametrize(
    ("headers", "routes"),
    [
        pytest.param((("x-key", "vk-kimi"),), {"kimi", "twin"}, id="one-destination-has-two-names"),
        pytest.param((("x-key", "vk-other"),), {"any-key"}, id="a-glob-takes-the-others"),
        pytest.param((("x-key", "vk-kimi"), ("x-region", "eu")), {"kimi-eu"}, id="more-marks-are-closer"),
        pytest.param((("x-key", "vk-kimi"), ("x-region", "us")), {"kimi", "twin"}, id="one-of-two-marks"),
        pytest.param((("x-config", '{"p": "kimi"}'),), {"config"}, id="json"),
        pytest.param((("x-config", '{"p": "kimi"}'), ("x-key", "vk-other")), {"config"}, id="json-is-exact"),
        pytest.param((("x-config", '{"p": "kimi"}'), ("x-key", "vk-kimi")), set(), id="two-destinations-are-none"),
        pytest.param((("x-key", "wrong"),), {"rest"}, id="no-mark-is-a-mark-too"),
        pytest.param((), {"rest"}, id="none"),
        pytest.param((("x-a", "VK-X"),), {"capital"}, id="only-a-glob-is-one"),
        pytest.param((("x-b", "ab"), ("x-c", "cd")), set(), id="two-globs-say-as-much-as-an-exact-mark"),
    ],
)
def test_an_arrival_is_on_the_routes_that_fit_it_most_closely(headers: Headers, routes: set[str]) -> None:
    assert routes_of(arrived("gateway", {}, headers=headers), OVERLAPPING) == routes


def test_a_destination_under_two_names_is_right_under_either() -> None:
    there = arrived("gateway", {}, headers=(("x-key", "vk-kimi"),))
    assert findings(REACHES, trip(ask("kimi-k3"), there), trip(ask("kimi-k2.6"), there), of=OVERLAPPING) == ()


def test_a_wrong_destination_is_described_by_all_its_names_and_marks() -> None:
    of = profile(routes=ROUTES, policy={"models": {"kimi-k3": "config"}})
    [found] = findings(REACHES, trip(ask("kimi-k3"), arrived("gateway", {}, headers=(("X-Key", "vk-kimi"),))), of=of)
    assert found.expected == "route config: upstream gateway, x-config: /p = 'kimi'"
    assert found.actual == "kimi or twin: upstream gateway, X-Key: vk-kimi"


def test_a_mark_is_shown_whatever_the_case_of_its_name() -> None:
    [found] = findings(
        REACHES, trip(ask("kimi-k3"), arrived("gateway", {}, headers=(("x-kEY", "b"),))), of=marked(("X-Key", "a"))
    )
    assert found.actual == "no route of the profile: upstream gateway, x-kEY: b"


def test_routes_are_one_destination_by_upstream_and_marks_alone() -> None:
    assert same_destination("kimi", "twin", OVERLAPPING)
    assert same_destination("rest", "rest", OVERLAPPING)
    for other in ("any-key", "kimi-eu", "config", "rest"):
        assert not same_destination("kimi", other, OVERLAPPING)
    elsewhere = profile(routes={"a": {"upstream": "gateway"}, "b": {"upstream": "moonshot"}}, policy={})
    assert not same_destination("a", "b", elsewhere)


BARE: Final = profile(url=None, decide="table:decide", routes=SECTIONS["routes"] | {"twin": SECTIONS["routes"]["kimi"]})


@pytest.mark.parametrize("route", ["kimi", "twin"])
def test_a_decision_for_the_same_destination_is_right(route: str) -> None:
    assert findings(REACHES, trip(ask("kimi-k3"), decision=Decision(route, None, None)), of=BARE) == ()


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        pytest.param(Decision("default", None, None), "default", id="another-route"),
        pytest.param(Decision("kimmi", None, None), "kimmi", id="no-route"),
        pytest.param(Decision(None, None, "no such model"), "refused: no such model", id="refused"),
    ],
)
def test_any_other_decision_is_wrong(decision: Decision, said: str) -> None:
    assert findings(REACHES, trip(ask("kimi-k3"), decision=decision), of=BARE) == (
        fails(REACHES, "route kimi", said, "decision /route", f"decided for the wrong route: {said}"),
    )


def test_a_decision_refuses_what_must_be_refused() -> None:
    rule = "router.gate.missing-model-takes-default"
    strict = profile(url=None, decide="table:decide", policy={})
    why = "a request that names no model, and the policy has no default"
    unpaired = findings(rule, trip(ask(None), decision=Decision(None, None, "no")), of=strict)
    assert [one.verdict for one in unpaired] == [Verdict.NOT_OBSERVED]
    strict = profile(url=None, decide="table:decide", policy={"models": {"kimi-k3": "kimi"}})
    twin = trip(ask("kimi-k3"), decision=Decision("kimi", None, None))
    assert findings(rule, twin, trip(ask(None), decision=Decision(None, None, "no")), of=strict) == ()
    assert findings(rule, twin, trip(ask(None), decision=Decision("kimi", None, None)), of=strict) == (
        fails(rule, f"4xx: {why}", "decided for kimi", "client response", "was not refused with 4xx"),
    )


def test_a_trip_went_where_its_last_arrival_did() -> None:
    kimi, plan = (arrived("gateway", {}, headers=(("x-key", "vk-kimi"),)), arrived("gateway", {}))
    assert destination(trip(ask(), kimi, plan), OVERLAPPING) == frozenset({"rest"})
    assert destination(trip(ask(), plan, kimi), OVERLAPPING) == frozenset({"kimi", "twin"})
    assert destination(trip(ask()), OVERLAPPING) is None
    assert destination(trip(ask(), decision=Decision(None, None, "no")), OVERLAPPING) is None


@pytest.mark.parametrize("pointer", ["/a", "/list/3", "/list/x", "/list/-", "/text/0", "/none/x", "/"])
def test_a_pointer_to_nothing_is_said(pointer: str) -> None:
    with pytest.raises(LookupError):
        at_pointer({"list": [1, 2, 3], "text": "abc", "none": None}, pointer)


@pytest.mark.parametrize(
    ("pointer", "value"), [("", {"": {"~1": [0, "x"]}}), ("/", {"~1": [0, "x"]}), ("//~01/1", "x"), ("//~01/0", 0)]
)
def test_a_pointer_leads_to_a_member(pointer: str, value: Any) -> None:
    assert at_pointer({"": {"~1": [0, "x"]}}, pointer) == value


def test_a_wrong_destination_has_all_its_names_in_order() -> None:
    twins = {name: {"upstream": "gateway", "headers": {"x-key": "k"}} for name in "gfedcba"}
    of = profile(routes={**ROUTES, **twins}, policy={"models": {"kimi-k3": "config"}})
    [found] = findings(REACHES, trip(ask("kimi-k3"), arrived("gateway", {}, headers=(("x-key", "k"),))), of=of)
    assert found.actual == "a or b or c or d or e or f or g: upstream gateway, x-key: k"
