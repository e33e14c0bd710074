"""The judge on what looks like a change of a request and is none, or is allowed; and on the name of the model."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge import verdict
from suites.selftest.plays import BY_HAND, SECTIONS, arrived, ask, fails, findings, onward, profile, trip

REQUEST: Final = "router.request."
TEMPERATURE: Final = REQUEST + "temperature-untouched"
SAMPLING: Final = REQUEST + "sampling-untouched"
UNKNOWN: Final = REQUEST + "unknown-fields-kept"
TOOLS: Final = REQUEST + "tools-untouched"
NAME: Final = REQUEST + "model-name-untouched"


def respelled(requirement: str, sent: str, seen: str, model: str = "kimi-nobodys") -> tuple[Finding, ...]:
    """The findings where a body with the members `sent` arrived with the members `seen`, both spelled as JSON."""
    spelled = f'{{"model":{json.dumps(model)},{sent}}}'.encode()
    body = f'{{"model":{json.dumps(model)},{seen}}}'.encode()
    return findings(requirement, trip(ask(model, body=spelled), arrived("gateway", body)))


@pytest.mark.parametrize(
    ("requirement", "sent", "seen"),
    [
        pytest.param(TEMPERATURE, '"temperature":1', '"temperature":1.0', id="integer-made-a-fraction"),
        pytest.param(TEMPERATURE, '"temperature":1.0', '"temperature":1', id="fraction-made-an-integer"),
        pytest.param(TEMPERATURE, '"temperature":0', '"temperature":-0.0', id="negative-zero"),
        pytest.param(TEMPERATURE, '"temperature":0.6', '"temperature":6e-1', id="exponent"),
        pytest.param(SAMPLING, '"seed":7,"n":1', '"n":1,"seed":7', id="members-in-another-order"),
        pytest.param(SAMPLING, '"stop":["完"]', '"stop": [ "\\u5b8c" ]', id="escapes-and-blanks"),
        pytest.param(UNKNOWN, '"x":{"a":1,"b":[{"c":2,"d":3}]}', '"x":{"b":[{"d":3,"c":2}],"a":1}', id="deep-order"),
        pytest.param(UNKNOWN, '"x":"/"', '"x":"\\/"', id="escaped-slash"),
        pytest.param(UNKNOWN, '"x":"\\ud83c\\udf17"', '"x":"🌗"', id="surrogates"),
    ],
)
def test_json_is_compared_as_json(requirement: str, sent: str, seen: str) -> None:
    assert respelled(requirement, sent, seen) == ()


def test_a_number_that_went_through_32_bits_is_a_warning() -> None:
    found = respelled(TEMPERATURE, '"temperature":0.6', '"temperature":0.6000000238418579')
    assert found == (
        Finding(
            TEMPERATURE,
            Verdict.WARN,
            "0.6",
            "0.6000000238418579",
            "upstream request /temperature",
            "0.6 went through 32 bits and became 0.6000000238418579",
        ),
    )
    assert verdict(found) is Verdict.WARN


FIXED_MEMBERS: Final = ("temperature", "top_p", "n", "presence_penalty", "frequency_penalty")


@pytest.mark.parametrize("model", ["kimi-k3", "kimi-k2.6", "moonshot/kimi-k2.6"])
@pytest.mark.parametrize("member", FIXED_MEMBERS)
def test_what_kimi_fixes_may_be_left_out(member: str, model: str) -> None:
    requirement = TEMPERATURE if member == "temperature" else SAMPLING
    for rule in (requirement, UNKNOWN):
        assert respelled(rule, f'"{member}":0.6', '"x":1', model) == ()


@pytest.mark.parametrize("model", ["kimi-nobodys", "kimi-k2-0905-preview", "Kimi-K3", "claude-sonnet-4-5"])
@pytest.mark.parametrize("member", FIXED_MEMBERS)
def test_what_nobody_fixes_may_not_be_left_out(member: str, model: str) -> None:
    requirement = TEMPERATURE if member == "temperature" else SAMPLING
    message = f"/{member} was 0.6 and became absent"
    assert respelled(requirement, f'"{member}":0.6', '"x":1', model) == (
        fails(requirement, "0.6", "absent", f"upstream request /{member}", message),
    )


@pytest.mark.parametrize(
    ("sent", "seen", "actual"),
    [
        pytest.param('"temperature":0.6', '"temperature":1', "1", id="changed-to-the-only-value-allowed"),
        pytest.param('"temperature":0.6', '"temperature":null', "null", id="nulled"),
        pytest.param('"x":1', '"temperature":1', "1", id="added"),
        pytest.param('"x":1', '"temperature":0.6', "0.6", id="added-another"),
    ],
)
def test_where_kimi_fixes_the_temperature_another_number_is_still_wrong(sent: str, seen: str, actual: str) -> None:
    [found] = respelled(TEMPERATURE, sent, seen, "kimi-k3")
    assert (found.verdict, found.actual) == (Verdict.FAIL, actual)


@pytest.mark.parametrize("member", ["stop", "seed", "max_tokens", "max_completion_tokens"])
def test_what_kimi_does_not_fix_may_not_be_left_out_there_either(member: str) -> None:
    [found] = respelled(SAMPLING, f'"{member}":7', '"x":1', "kimi-k3")
    assert found == fails(SAMPLING, "7", "absent", f"upstream request /{member}", f"/{member} was 7 and became absent")


def test_an_odd_model_fixes_nothing() -> None:
    lax = profile(policy={**SECTIONS["policy"], "non_string_model": "forward"})
    asked = ask(["kimi-k3"], members={"temperature": 1})
    [found] = findings(TEMPERATURE, trip(asked, onward("default", asked, temperature=ABSENT)), of=lax)
    assert found.actual == "absent"


RENAMED: Final = "the bound of the answer's length goes out under its other name, which means the same to Kimi"


@pytest.mark.parametrize(
    ("old", "new"), [("max_completion_tokens", "max_tokens"), ("max_tokens", "max_completion_tokens")]
)
def test_a_bound_under_its_other_name_is_a_warning(old: str, new: str) -> None:
    found = respelled(SAMPLING, f'"{old}":333', f'"{new}":333')
    gone = Finding(SAMPLING, Verdict.WARN, "333", "absent", f"upstream request /{old}", RENAMED)
    come = Finding(SAMPLING, Verdict.WARN, "absent", "333", f"upstream request /{new}", RENAMED)
    assert set(found) == {gone, come}
    assert respelled(UNKNOWN, f'"{old}":333', f'"{new}":333') == (
        Finding(UNKNOWN, Verdict.WARN, "333", "absent", f"upstream request /{old}", RENAMED),
    )


@pytest.mark.parametrize(
    ("sent", "seen", "changed"),
    [
        pytest.param('"max_tokens":333', '"max_completion_tokens":64', 2, id="another-value"),
        pytest.param('"max_tokens":333', '"max_tokens":64,"max_completion_tokens":333', 2, id="and-changed"),
        pytest.param('"max_tokens":333', '"max_tokens":333,"max_completion_tokens":333', 1, id="doubled"),
        pytest.param('"max_tokens":1,"max_completion_tokens":2', '"max_completion_tokens":1', 2, id="one-of-two"),
        pytest.param('"max_tokens":333', '"x":1', 1, id="dropped"),
        pytest.param('"x":1', '"max_tokens":64', 1, id="added"),
    ],
)
def test_any_other_change_of_a_bound_is_wrong(sent: str, seen: str, changed: int) -> None:
    found = respelled(SAMPLING, sent, seen)
    assert [one.verdict for one in found] == [Verdict.FAIL] * changed
    assert all("became" in one.message for one in found)


def test_other_members_beside_a_renamed_bound_are_judged_as_ever() -> None:
    found = respelled(SAMPLING, '"max_tokens":333,"seed":7', '"max_completion_tokens":333,"seed":8')
    assert sorted((one.where, one.verdict.value) for one in found) == [
        ("upstream request /max_completion_tokens", "warn"),
        ("upstream request /max_tokens", "warn"),
        ("upstream request /seed", "fail"),
    ]


@pytest.mark.parametrize(
    ("model", "seen", "sections"),
    [
        pytest.param("Kimi-K3 ", "Kimi-K3 ", {}, id="as-it-was-sent"),
        pytest.param("moonshot/kimi-k3", "kimi-k3", {}, id="without-the-prefix-that-is-stripped"),
        pytest.param("kimi-k3", "moonshotai/kimi-k3", {"rewrites": {"kimi-k3": "moonshotai/kimi-k3"}}, id="rewritten"),
        pytest.param("fast", "kimi-k3", {"sends": {"kimi-k3": "fast"}}, id="under-its-own-name"),
    ],
)
def test_the_upstream_must_see_the_name_that_is_meant_for_it(model: str, seen: str, sections: dict[str, Any]) -> None:
    of, asked = profile(**sections), ask(model)
    assert findings(NAME, trip(asked, onward("kimi", asked, model=seen)), of=of) == ()
    [found] = findings(NAME, trip(asked, onward("kimi", asked, model="other")), of=of)
    assert (found.expected, found.actual) == (json.dumps(seen), '"other"')


@pytest.mark.parametrize(
    ("model", "seen", "expected", "actual"),
    [
        pytest.param("Kimi-K3", "kimi-k3", '"Kimi-K3"', '"kimi-k3"', id="lower-cased"),
        pytest.param("kimi-k3-preview", "kimi-k3", '"kimi-k3-preview"', '"kimi-k3"', id="suffix-cut"),
        pytest.param(" kimi-k3", "kimi-k3", '" kimi-k3"', '"kimi-k3"', id="trimmed"),
        pytest.param("\u0441laude", "claude", '"\\u0441laude"', '"claude"', id="a-look-alike-is-shown-in-ascii"),
        pytest.param("kimi-k3", ABSENT, '"kimi-k3"', "absent", id="dropped"),
        pytest.param("kimi-k3", ["kimi-k3"], '"kimi-k3"', '["kimi-k3"]', id="wrapped"),
    ],
)
def test_another_name_is_found(model: str, seen: Any, expected: str, actual: str) -> None:
    asked = ask(model)
    message = f"the upstream was asked for {actual}, not {expected}"
    assert findings(NAME, trip(asked, onward("default", asked, model=seen))) == (
        fails(NAME, expected, actual, "upstream request /model", message),
    )


def test_a_name_that_must_be_refused_need_not_arrive_as_any() -> None:
    strict, asked = profile(policy={**SECTIONS["policy"], "default": None}), ask("kimi-nobodys")
    assert findings(NAME, trip(asked, onward("default", asked, model="other")), of=strict) == ()


def test_tools_in_another_order_are_other_tools() -> None:
    found = respelled(TOOLS, '"tools":[{"a":1},{"b":1}]', '"tools":[{"b":1},{"a":1}]')
    assert [one.where.removeprefix("upstream request ") for one in found] == [
        "/tools/0/a",
        "/tools/0/b",
        "/tools/1/b",
        "/tools/1/a",
    ]


FREE: Final = "kimi-nobodys"


@pytest.mark.parametrize(
    ("pointer", "sent", "seen", "where"),
    [
        pytest.param("/agent", {"agent": "dispo"}, {}, None, id="at-the-top"),
        pytest.param("/agent", {"agent": {"deep": 1}}, {}, None, id="whatever-it-is"),
        pytest.param("/m/by", {"m": {"by": "dispo", "x": 1}}, {"m": {"x": 1}}, None, id="beside-others"),
        pytest.param("/m/by", {"m": {"by": "dispo"}}, {}, None, id="with-what-held-nothing-else"),
        pytest.param("/m/by", {"m": {"by": "dispo"}}, {"m": {}}, None, id="without-what-held-it"),
        pytest.param("/m/by", {"m": {"by": "dispo", "x": 1}}, {"m": {}}, "/m", id="not-its-neighbours"),
        pytest.param("/m/by", {"m": {"by": "a", "x": 1}}, {"m": {"x": 2}}, "/m/x", id="nor-what-they-say"),
        pytest.param("/m/by", {"m": "text"}, {"m": "other"}, "/m", id="no-object-no-agent"),
        pytest.param("/m/x~1y", {"m": {"x/y": "dispo", "z": 1}}, {"m": {"z": 1}}, None, id="escaped-slash"),
        pytest.param("/m/x~0y", {"m": {"x~y": "dispo", "z": 1}}, {"m": {"z": 1}}, None, id="escaped-tilde"),
    ],
)
def test_an_agent_in_the_body_may_stay_with_the_router_and_nothing_else_may(
    pointer: str, sent: dict[str, Any], seen: dict[str, Any], where: str | None
) -> None:
    of = profile(agent={"body": pointer})
    raw = json.dumps({"model": FREE} | sent).encode()
    found = findings(UNKNOWN, trip(ask(FREE, body=raw), arrived("gateway", {"model": FREE} | seen)), of=of)
    assert [one.where for one in found] == ([] if where is None else [f"upstream request {where}"])


def test_the_member_that_names_the_agent_may_stay_with_the_router() -> None:
    in_body = profile(agent={"body": "/metadata/agent"})
    asked = ask(FREE, "scout", members={"x": 1})
    sent = trip(asked, of=in_body)
    kept = {name: value for name, value in sent.sent.json().items() if name != "metadata"}
    assert findings(UNKNOWN, trip(asked, arrived("gateway", kept), of=in_body), of=in_body) == ()
    [found] = findings(UNKNOWN, trip(asked, arrived("gateway", kept | {"x": 2}), of=in_body), of=in_body)
    assert found.where == "upstream request /x"
    assert findings(UNKNOWN, trip(asked, arrived("gateway", sent.sent.json()), of=in_body), of=BY_HAND) == ()
