"""The judge on where requests went: each gate requirement with a play that keeps it, and plays that break it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pytest

from kimi_conformance.contract.trip import ABSENT, Ask
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge import verdict
from suites.selftest.plays import MARKS, SECTIONS, arrived, ask, fails, findings, onward, profile, trip

SONNET: Final = "claude-sonnet-4-5"
GATE: Final = "router.gate."

PLAN: Final = "route plan: upstream shortcut"
KIMI: Final = "route kimi: upstream gateway, x-virtual-key: vk-kimi"
DEFAULT: Final = "route default: upstream gateway, x-config: pc-default"
SEEN: Final = {
    "plan": "plan: upstream shortcut",
    "kimi": "kimi: upstream gateway, X-Virtual-Key: vk-kimi",
    "default": "default: upstream gateway, x-config: pc-default",
    "direct": "direct: upstream moonshot",
}

ON_MESSAGES: Final[dict[str, Any]] = {"surface": "messages"}


class Subject(NamedTuple):
    """A requirement, an ask that it is about, the route that must be taken, and how findings call it."""

    requirement: str
    asked: Ask
    route: str
    expected: str


SUBJECTS: Final = (
    Subject(f"{GATE}claude-takes-plan-route", ask(SONNET, "dispo", **ON_MESSAGES), "plan", PLAN),
    Subject(f"{GATE}non-claude-leaves-plan-route", ask("kimi-k2.6", "dispo", **ON_MESSAGES), "kimi", KIMI),
    Subject(f"{GATE}prefix-test-ignores-case", ask("CLAUDE-SONNET-4-5", "dispo", **ON_MESSAGES), "plan", PLAN),
    Subject(f"{GATE}only-a-prefix-counts", ask("not-claude", "dispo", **ON_MESSAGES), "default", DEFAULT),
    Subject(f"{GATE}other-agents-never-take-plan-route", ask(SONNET, "Dispo", **ON_MESSAGES), "default", DEFAULT),
    Subject(f"{GATE}missing-model-takes-default", ask(ABSENT), "default", DEFAULT),
    Subject(f"{GATE}unregistered-model-takes-default", ask("kimi-nobodys"), "default", DEFAULT),
    Subject(f"{GATE}each-registered-model-reaches-its-route", ask("kimi-k3"), "kimi", KIMI),
    Subject(f"{GATE}built-in-names-are-names", ask("constructor", "toString"), "default", DEFAULT),
)
SERVED: Final = {f"{GATE}{rule}" for rule in ("claude-takes-plan-route", "non-claude-leaves-plan-route")} | {
    f"{GATE}each-registered-model-reaches-its-route"
}
"""Here the upstream is known to serve the model, so that a refusal is the router's doing: a wrong key or path."""
EACH: Final = [pytest.param(about, id=about.requirement) for about in SUBJECTS]


@pytest.mark.parametrize("about", EACH)
def test_the_right_route_is_right(about: Subject) -> None:
    assert findings(about.requirement, trip(about.asked, onward(about.route, about.asked))) == ()


@pytest.mark.parametrize("status", [400, 404, 500])
@pytest.mark.parametrize("about", EACH)
def test_what_must_be_served_must_not_be_refused_by_its_upstream(about: Subject, status: int) -> None:
    upstream = MARKS[about.route][0]
    refused = trip(about.asked, onward(about.route, about.asked, status=status), status=status)
    said = f"{status}: {{}}"
    unserved = fails(
        about.requirement,
        "a request that the upstream serves",
        said,
        f"upstream {upstream}",
        f"the upstream refused it: {said}",
    )
    assert findings(about.requirement, refused) == ((unserved,) if about.requirement in SERVED else ())


def test_of_what_an_upstream_says_to_its_refusal_only_the_beginning_is_shown() -> None:
    asked = ask("kimi-k3")
    upstream, headers = MARKS["kimi"]
    answer = b"wrong key \xff" + b"." * 200
    refused = arrived(upstream, {}, headers=headers, status=401, answer=answer)
    [found] = findings(GATE + "each-registered-model-reaches-its-route", trip(asked, refused, status=401))
    assert found.actual == f"401: wrong key \\xff{'.' * 149}"


@pytest.mark.parametrize("about", EACH)
def test_an_upstream_that_did_not_refuse_has_not_refused(about: Subject) -> None:
    for status in (302, 399, None):
        assert findings(about.requirement, trip(about.asked, onward(about.route, about.asked, status=status))) == ()


@pytest.mark.parametrize("other", SEEN)
@pytest.mark.parametrize("about", EACH)
def test_no_other_route_is_right(about: Subject, other: str) -> None:
    seen = SEEN[other]
    astray = fails(
        about.requirement,
        about.expected,
        seen,
        "upstream request",
        f"took the wrong route: {seen}",
    )
    wanted = () if other == about.route else (astray,)
    assert findings(about.requirement, trip(about.asked, onward(other, about.asked))) == wanted


@pytest.mark.parametrize("about", EACH)
def test_nobody_called_is_wrong(about: Subject) -> None:
    uncalled = fails(
        about.requirement,
        about.expected,
        'no upstream was called; the client got 404: {"error": "no such model \\xff"}',
        "upstream",
        "no upstream was called",
    )
    answer = b'{"error": "no such model \xff"}'
    assert findings(about.requirement, trip(about.asked, status=404, answer=answer)) == (uncalled,)


def test_a_client_without_an_answer_is_told_apart() -> None:
    [found] = findings(GATE + "claude-takes-plan-route", trip(ask(SONNET), status=None, error="timeout: 15 s"))
    assert found.actual == "no upstream was called; the client got no answer (timeout: 15 s)"


def test_of_a_long_answer_only_the_beginning_is_shown() -> None:
    [found] = findings(GATE + "claude-takes-plan-route", trip(ask(SONNET), answer=b"a" * 1000))
    assert found.actual == f"no upstream was called; the client got 200: {'a' * 160}"


def test_every_trip_and_every_arrival_counts() -> None:
    first, second = ask("kimi-k3"), ask("kimi-nobodys")
    right = trip(first, onward("kimi", first))
    astray = trip(second, onward("default", second), onward("kimi", second), onward("plan", second))
    found = findings(GATE + "unregistered-model-takes-default", right, astray, right)
    assert [one.actual for one in found] == [SEEN["kimi"], SEEN["plan"]]


STRICT: Final = profile(policy={**SECTIONS["policy"], "default": None})


NAMELESS: Final = "a request that names no model, and the policy has no default"
UNREGISTERED: Final = "a model that is not registered, and the policy has no default"


class Refusal(NamedTuple):
    """A requirement, an ask that must be refused where there is no default, and why."""

    requirement: str
    asked: Ask
    why: str


TWIN: Final = trip(ask("kimi-k3"), onward("kimi", ask("kimi-k3")), of=STRICT)
"""What a router accepts beside what it must refuse."""

REFUSALS: Final = [
    pytest.param(about, id=about.requirement)
    for about in (
        Refusal(f"{GATE}missing-model-takes-default", ask(None), NAMELESS),
        Refusal(f"{GATE}unregistered-model-takes-default", ask("kimi-x"), UNREGISTERED),
        Refusal(f"{GATE}only-a-prefix-counts", ask("xclaude", "dispo"), UNREGISTERED),
        Refusal(f"{GATE}built-in-names-are-names", ask("toString"), UNREGISTERED),
    )
]


@pytest.mark.parametrize("about", REFUSALS)
def test_without_a_default_any_4xx_is_right(about: Refusal) -> None:
    for status in (400, 404, 422, 499):
        refused = trip(about.asked, status=status, of=STRICT)
        assert findings(about.requirement, TWIN, refused, of=STRICT) == ()


@pytest.mark.parametrize("about", REFUSALS)
def test_a_refusal_beside_which_nothing_is_accepted_proves_nothing(about: Refusal) -> None:
    [found] = findings(about.requirement, trip(about.asked, status=400, of=STRICT), of=STRICT)
    message = "nothing that must be accepted was asked beside it: the refusal proves nothing"
    assert found == Finding(about.requirement, Verdict.NOT_OBSERVED, "an accepted twin", "none", "client", message)


@pytest.mark.parametrize("about", REFUSALS)
def test_without_a_default_it_must_not_reach_an_upstream(about: Refusal) -> None:
    served = trip(about.asked, onward("default", about.asked), onward("plan", about.asked), status=400, of=STRICT)
    reached = fails(
        about.requirement,
        "no upstream is called",
        "reached gateway and shortcut",
        "upstream request",
        f"{about.why} reached an upstream",
    )
    assert findings(about.requirement, TWIN, served, of=STRICT) == (reached,)


@pytest.mark.parametrize(
    ("status", "error", "actual"),
    [
        pytest.param(200, None, "the client got 200: {}", id="served"),
        pytest.param(302, None, "the client got 302: {}", id="sent-elsewhere"),
        pytest.param(399, None, "the client got 399: {}", id="just-below"),
        pytest.param(500, None, "the client got 500: {}", id="server-error"),
        pytest.param(None, "reset: by peer", "the client got no answer (reset: by peer)", id="no-answer"),
    ],
)
@pytest.mark.parametrize("about", REFUSALS)
def test_without_a_default_anything_but_4xx_is_wrong(
    about: Refusal, status: int | None, error: str | None, actual: str
) -> None:
    unrefused = fails(
        about.requirement,
        f"4xx: {about.why}",
        actual,
        "client response",
        "was not refused with 4xx",
    )
    answered = trip(about.asked, status=status, error=error, of=STRICT)
    assert findings(about.requirement, TWIN, answered, of=STRICT) == (unrefused,)


def test_an_upstream_of_nobodys_is_named_with_the_marks_it_carried() -> None:
    asked = ask("kimi-k3")
    astray = arrived("gateway", {}, headers=(("x-virtual-key", "vk-wrong"), ("accept", "*/*"), ("X-Config", "")))
    [found] = findings(GATE + "each-registered-model-reaches-its-route", trip(asked, astray))
    assert found.actual == "no route of the profile: upstream gateway, x-virtual-key: vk-wrong, X-Config: "
    assert verdict([found]) is Verdict.FAIL
