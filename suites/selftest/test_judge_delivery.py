"""The judge on delivery: whole, where the request's own bytes say, or not at all."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Finding, Verdict
from suites.selftest.plays import SECTIONS, arrived, ask, fails, findings, onward, profile, trip

REQUEST: Final = "router.request."
LARGE: Final = REQUEST + "large-body-kept"
DUPLICATE: Final = REQUEST + "duplicate-keys-agree"
MALFORMED: Final = REQUEST + "malformed-json-refused"

LONG: Final = "先读后改. " * 5000
BIG: Final = ask("kimi-k3", members={"system": LONG, "tools": [{"name": "tool_0"}]}, model_last=True)


def test_a_large_body_that_arrives_whole_on_its_route_is_right() -> None:
    assert findings(LARGE, trip(BIG, onward("kimi", BIG))) == ()


def test_a_large_body_on_another_route_is_found() -> None:
    [found] = findings(LARGE, trip(BIG, onward("default", BIG)))
    assert found.message == "took the wrong route: default: upstream gateway, x-config: pc-default"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        pytest.param({"system": LONG[:15_000]}, "/system", id="cut"),
        pytest.param({"tools": ABSENT}, "/tools", id="dropped"),
        pytest.param({"tools": []}, "/tools/0", id="emptied"),
    ],
)
def test_a_large_body_that_arrives_in_part_is_found(changes: dict[str, Any], where: str) -> None:
    [found] = findings(LARGE, trip(BIG, onward("kimi", BIG, **changes)))
    assert (found.verdict, found.where) == (Verdict.FAIL, f"upstream request {where}")


def test_a_large_body_that_was_cut_off_is_found() -> None:
    whole = onward("kimi", BIG).exchange.request
    [found] = findings(LARGE, trip(BIG, arrived("gateway", whole.body[:20_000], headers=whole.headers)))
    assert found.message == "the upstream got a body that is no JSON"
    assert "(char 19995)" in found.actual


def test_a_large_body_that_arrives_nowhere_is_found() -> None:
    found = findings(LARGE, trip(BIG, status=413))
    assert {one.message for one in found} >= {"no upstream was called"}
    assert {one.verdict for one in found} == {Verdict.FAIL}


def twice(first: str, last: str) -> bytes:
    return f'{{"model":"{first}","messages":[],"model":"{last}"}}'.encode()


KIMI_LAST: Final = twice("kimi-nobodys", "kimi-k3")
NAMED_TWICE: Final = ask("kimi-nobodys", body=KIMI_LAST)
TO_KIMI: Final = (("x-virtual-key", "vk-kimi"),)
TO_DEFAULT: Final = (("x-config", "pc-default"),)


@pytest.mark.parametrize(
    "arrival",
    [
        pytest.param(None, id="refused"),
        pytest.param(arrived("gateway", KIMI_LAST, headers=TO_KIMI), id="by-the-last-name"),
        pytest.param(arrived("gateway", {"model": "kimi-nobodys"}, headers=TO_DEFAULT), id="only-the-first-name-sent"),
        pytest.param(arrived("gateway", {"model": "kimi-k3"}, headers=TO_KIMI), id="only-the-last-name-sent"),
        pytest.param(arrived("gateway", {}, headers=TO_DEFAULT), id="neither-name-sent"),
    ],
)
def test_of_two_names_the_one_that_the_upstream_reads_counts(arrival: Any) -> None:
    played = trip(NAMED_TWICE, status=400) if arrival is None else trip(NAMED_TWICE, arrival)
    assert findings(DUPLICATE, played) == ()


def test_of_two_names_a_plan_agents_claude_counts_by_what_the_upstream_reads() -> None:
    asked = ask("kimi-k3", "dispo", body=twice("kimi-k3", "claude-x"), surface="messages")
    assert findings(DUPLICATE, trip(asked, arrived("shortcut", asked.body))) == ()
    [found] = findings(DUPLICATE, trip(asked, arrived("gateway", asked.body, headers=TO_KIMI)))
    assert (found.expected, found.actual) == ("plan", "kimi")


@pytest.mark.parametrize(
    ("headers", "body", "expected", "actual", "reads"),
    [
        pytest.param(TO_DEFAULT, KIMI_LAST, "kimi", "default", '"kimi-k3"', id="by-the-first-name"),
        pytest.param((), KIMI_LAST, "kimi", "no route", '"kimi-k3"', id="by-no-name"),
        pytest.param(TO_KIMI, b'{"model":"kimi-nobodys"}', "default", "kimi", '"kimi-nobodys"', id="by-the-lost-name"),
        pytest.param(TO_KIMI, b'{"model":3}', "a refusal", "kimi", "3", id="a-name-that-is-none"),
    ],
)
def test_a_router_and_an_upstream_that_read_different_names_are_found(
    headers: Any, body: bytes, *, expected: str, actual: str, reads: str
) -> None:
    message = f"the upstream reads {reads}, but the router went by the other name"
    assert findings(DUPLICATE, trip(NAMED_TWICE, arrived("gateway", body, headers=headers))) == (
        fails(DUPLICATE, expected, actual, "upstream request /model", message),
    )


def test_two_names_that_go_out_as_one_may_take_the_route_of_either() -> None:
    rewrites = {"kimi-k3": "same", "kimi-k3.1-pro": "same"}
    both = profile(rewrites=rewrites)
    asked = ask("kimi-k3", body=twice("kimi-k3", "kimi-k3.1-pro"))
    for upstream, headers in (("gateway", TO_KIMI), ("moonshot", ())):
        played = trip(asked, arrived(upstream, {"model": "same"}, headers=headers))
        assert findings(DUPLICATE, played, of=both) == ()
    [found] = findings(DUPLICATE, trip(asked, arrived("gateway", {"model": "same"}, headers=TO_DEFAULT)), of=both)
    assert (found.expected, found.actual) == ("direct or kimi", "default")


def test_a_name_that_went_missing_is_told_as_absent() -> None:
    message = "the upstream reads absent, but the router went by the other name"
    assert findings(DUPLICATE, trip(NAMED_TWICE, arrived("gateway", {}, headers=TO_KIMI))) == (
        fails(DUPLICATE, "default", "kimi", "upstream request /model", message),
    )


def test_only_what_is_called_model_names_one() -> None:
    asked = ask("kimi-k3", body=b'{"model":"kimi-k3","user":"kimi-k2.6","model":"kimi-k3.1-pro"}')
    both = profile(rewrites={"kimi-k2.6": "same"})
    [found] = findings(DUPLICATE, trip(asked, arrived("gateway", {"model": "same"}, headers=TO_KIMI)), of=both)
    assert (found.expected, found.actual) == ("default", "kimi")


def test_a_name_that_is_an_object_is_not_one_that_is_missing() -> None:
    routes = {**SECTIONS["routes"], "default": {**SECTIONS["routes"]["default"], "model": "kimi-k3"}}
    asked = ask("kimi-k3", body=b'{"model":{"a":1},"model":"kimi-k3.1-pro"}')
    astray = trip(asked, arrived("gateway", {"model": "kimi-k3"}, headers=TO_DEFAULT))
    [found] = findings(DUPLICATE, astray, of=profile(routes=routes))
    assert (found.expected, found.actual) == ("kimi", "default")


def test_of_two_names_one_may_have_to_be_refused() -> None:
    strict = profile(policy={**SECTIONS["policy"], "default": None})
    assert findings(DUPLICATE, trip(NAMED_TWICE, arrived("gateway", KIMI_LAST, headers=TO_KIMI)), of=strict) == ()
    astray = arrived("gateway", twice("kimi-k3", "kimi-nobodys"), headers=TO_KIMI)
    [found] = findings(DUPLICATE, trip(NAMED_TWICE, astray), of=strict)
    assert (found.expected, found.actual) == ("a refusal", "kimi")


@pytest.mark.parametrize("requirement", [DUPLICATE, MALFORMED])
def test_a_refusal_counts_only_where_the_ordinary_request_beside_it_arrived(requirement: str) -> None:
    odd = {DUPLICATE: NAMED_TWICE, MALFORMED: BROKEN}[requirement]
    assert findings(requirement, trip(PLAIN, SEEN), trip(odd, status=400)) == ()
    actual, message = "none; the client got status 400", "no upstream was called"
    assert findings(requirement, trip(PLAIN, status=400), trip(odd, status=400)) == (
        Finding(requirement, Verdict.NOT_OBSERVED, "an upstream request", actual, "upstream", message),
    )


def test_one_destination_has_all_its_names() -> None:
    twin = profile(routes={**SECTIONS["routes"], "alias": SECTIONS["routes"]["kimi"]})
    [found] = findings(DUPLICATE, trip(NAMED_TWICE, arrived("gateway", {}, headers=TO_KIMI)), of=twin)
    assert (found.expected, found.actual) == ("default", "alias or kimi")


def test_two_names_that_were_neither_refused_nor_served_are_found() -> None:
    for status, error, seen in ((500, None, "status 500"), (None, "reset: by peer", "reset: by peer")):
        assert findings(DUPLICATE, trip(NAMED_TWICE, status=status, error=error)) == (
            fails(DUPLICATE, "a refusal or a call", seen, "client response", "neither refused nor served"),
        )
    [made_up] = findings(DUPLICATE, trip(NAMED_TWICE, status=200))
    assert made_up.actual == "status 200"


def test_two_names_in_a_body_that_arrived_broken_are_found() -> None:
    broken, astray = (arrived("gateway", body, headers=TO_DEFAULT) for body in (b"{", KIMI_LAST))
    found = findings(DUPLICATE, trip(NAMED_TWICE, broken, astray))
    assert [one.message for one in found] == [
        "the upstream got a body that is no JSON",
        'the upstream reads "kimi-k3", but the router went by the other name',
    ]


PLAIN: Final = ask("kimi-k3")
SEEN: Final = onward("kimi", PLAIN)


BROKEN: Final = ask("kimi-k3", body=b'{"model":')


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_body_that_is_no_json_is_refused(status: int) -> None:
    assert findings(MALFORMED, trip(BROKEN, status=status)) == ()


@pytest.mark.parametrize(
    ("status", "error", "seen"),
    [
        pytest.param(200, None, "status 200", id="served"),
        pytest.param(500, None, "status 500", id="server-error"),
        pytest.param(None, "closed: before the answer", "closed: before the answer", id="no-answer"),
    ],
)
def test_a_body_that_is_no_json_and_not_refused_is_found(status: int | None, error: str | None, seen: str) -> None:
    message = "a body that is no JSON object was not refused"
    assert findings(MALFORMED, trip(BROKEN, status=status, error=error)) == (
        fails(MALFORMED, "4xx", seen, "client response", message),
    )


def test_a_body_that_is_no_json_and_reached_an_upstream_is_found() -> None:
    reached = trip(BROKEN, arrived("moonshot", b""), arrived("gateway", b""), status=400)
    message = "reached an upstream all the same"
    assert findings(MALFORMED, reached) == (
        fails(MALFORMED, "no upstream request", "moonshot", "upstream request", message),
    )


FORWARDS: Final = profile(policy={**SECTIONS["policy"], "non_string_model": "forward"})


def test_a_router_that_forwards_what_it_cannot_read_leaves_the_refusal_to_the_upstream() -> None:
    assert findings(MALFORMED, trip(BROKEN, arrived("gateway", BROKEN.body), status=400), of=FORWARDS) == ()
    assert findings(MALFORMED, trip(BROKEN, status=400), of=FORWARDS) == ()


def test_what_cannot_be_read_is_not_forwarded_in_another_form() -> None:
    mended = trip(BROKEN, arrived("gateway", b'{"model":"kimi-k3"}'), status=400)
    [found] = findings(MALFORMED, mended, of=FORWARDS)
    assert (found.verdict, found.message) == (Verdict.FAIL, "was changed on its way")


def test_what_cannot_be_read_is_refused_by_somebody() -> None:
    for served in (trip(BROKEN, arrived("gateway", BROKEN.body), status=200), trip(BROKEN, status=500)):
        [found] = findings(MALFORMED, served, of=FORWARDS)
        assert found.message == "a body that is no JSON object was not refused"


def test_each_body_that_is_no_json_is_looked_at() -> None:
    refused, served = trip(BROKEN, status=400), trip(BROKEN, status=200)
    reached = trip(BROKEN, arrived("moonshot", b""), status=400)
    told = [one.actual for one in findings(MALFORMED, refused, served, reached, reached)]
    assert told == ["status 200", "moonshot", "moonshot"]


def test_bytes_that_are_no_text_are_shown_all_the_same() -> None:
    odd = ask("kimi-k3", body=b'{"model":"\xff')
    mended = trip(odd, arrived("gateway", b'{"model":"\xfe?'), status=400)
    assert findings(MALFORMED, mended, of=FORWARDS) == (
        fails(
            MALFORMED,
            '"{\\"model\\":\\"\\ufffd"',
            '"{\\"model\\":\\"\\ufffd?"',
            "upstream request",
            "was changed on its way",
        ),
    )
