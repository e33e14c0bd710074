"""Small words of the contract: spellings, placeholders, outcomes, requirements."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest
from pydantic import ValidationError

from kimi_conformance.contract.placeholders import UnknownPlaceholder, fill, fill_all, is_known, known_names, names_in
from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.contract.spelling import AsJson, NotThere, Repeated, Spellings, spell
from kimi_conformance.contract.trip import ABSENT, Decision, Named, outcome
from kimi_conformance.registry.contracts import spellings
from suites.selftest.plays import ask, profile, trip


@pytest.mark.parametrize(
    ("spelling", "value"),
    [
        pytest.param("plain", "plain", id="text"),
        pytest.param("", "", id="empty"),
        pytest.param("{plan} x", "dispo-a x", id="word"),
        pytest.param("<{PLAN}>", "<DISPO-A>", id="capitals"),
        pytest.param("{plan|cut}", "dispo-", id="cut"),
        pytest.param("{plan|title}", "Dispo-A", id="title"),
        pytest.param("{plan}{plan|cut}{PLAN}", "dispo-adispo-DISPO-A", id="several-forms"),
        pytest.param("{plan}/{model}", "dispo-a/kimi", id="two-words"),
        pytest.param("{other} {}", "{other} {}", id="other-braces-stay"),
        pytest.param(NotThere(absent=True), ABSENT, id="absent"),
        pytest.param(AsJson(json=None), None, id="null"),
        pytest.param(AsJson(json=[{"a": 1}]), [{"a": 1}], id="json"),
        pytest.param(Repeated(repeat="ab", times=3), "ababab", id="repeated"),
    ],
)
def test_a_spelling_has_a_value(spelling: Any, value: Any) -> None:
    assert [*spell({"slug": spelling}, plan="dispo-a", model="kimi", idle=None)] == [Named("slug", value)]


@pytest.mark.parametrize("spelling", ["{idle}", "{IDLE}", "x{idle|cut}", "{idle|title}", "{plan}{idle}"])
def test_a_spelling_whose_word_is_lacking_is_left_out(spelling: str) -> None:
    spelled = spell({"first": "a", "lacks": spelling, "last": "b"}, plan="dispo", idle=None)
    assert [name.slug for name in spelled] == ["first", "last"]


@pytest.mark.parametrize(
    "group",
    [
        pytest.param({"Capital": "x"}, id="slug-in-capitals"),
        pytest.param({"": "x"}, id="no-slug"),
        pytest.param({"a b": "x"}, id="slug-with-a-blank"),
        pytest.param({"a": {"absent": False}}, id="not-absent"),
        pytest.param({"a": {"absent": True, "json": 1}}, id="two-spellings"),
        pytest.param({"a": {"repeat": "", "times": 2}}, id="nothing-repeated"),
        pytest.param({"a": {"repeat": "x", "times": 1}}, id="repeated-once"),
        pytest.param({"a": 3}, id="number"),
        pytest.param({"a": None}, id="null"),
    ],
)
def test_what_is_no_spelling_is_refused(group: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Spellings.model_validate({"models": {"claude": group}, "agents": {}})


def test_a_slug_of_the_table_stands_in_one_group_only() -> None:
    table = spellings()
    for groups in (table.models, table.agents):
        slugs = [slug for group in groups.values() for slug in group]
        assert len(slugs) == len(set(slugs))


def test_the_table_has_every_hostile_spelling() -> None:
    models = {
        group: {n.slug: n.value for n in spell(of, registered="kimi-k3")} for group, of in spellings().models.items()
    }
    assert all(value.lower().startswith("claude") for value in models["claude"].values())
    assert all(v.lower().startswith("claude") and v[:6] != "claude" for v in models["claude-cased"].values())
    nearly = models["claude-lookalike"].values()
    assert not any(value.lower().startswith("claude") for value in nearly)
    assert {" ", "\t", "\n", "\u00a0", "\u200b", "\u0441", "\uff43"} <= {value[0] for value in nearly}
    assert {*models["missing"].values()} == {ABSENT, None, ""}
    assert {type(value) for value in models["non-string"].values()} == {int, bool, list, dict}
    assert {"constructor", "__proto__", "toString", "hasOwnProperty"} <= {*models["builtin"].values()}
    agents = {n.value for group in spellings().agents.values() for n in spell(group, plan="dispo")}
    assert {ABSENT, "DISPO", "Dispo", "dispo x", "dispo-2", "disp", " dispo", "dispo ", "__proto__"} <= agents


TEXT: Final = (
    '{port} {port.dispo} {upstream.a.port} {{secret.b}} {"x": "{prepared.k}"} {env.X} {scratch}{tools}{python}'
)


def test_placeholders_are_found_among_other_braces() -> None:
    names = ["port", "port.dispo", "upstream.a.port", "secret.b", "prepared.k", "env.X", "scratch", "tools", "python"]
    assert [*names_in(TEXT)] == names
    assert fill(TEXT, lambda name: f"<{name}>").startswith(
        '<port> <port.dispo> <upstream.a.port> {<secret.b>} {"x": "<'
    )


@pytest.mark.parametrize(
    "text",
    ["{}", "{ports}", "{port }", "{Port}", "{upstream}", "{secret.}", "{secret.a b}", "${HOME}", '{"port":1}', "{x.y}"],
)
def test_other_braces_are_no_placeholders(text: str) -> None:
    assert [*names_in(text)] == []
    assert fill(text, str.upper) == text


def test_placeholders_are_filled_in_nested_data_but_not_in_keys() -> None:
    data = {"{port}": ["{port}", ("{port}", 1, None, True)], "a": {"b": "x{port}"}}
    assert fill_all(data, lambda _: "80") == {"{port}": ["80", ["80", 1, None, True]], "a": {"b": "x80"}}


def test_a_placeholder_that_cannot_be_filled_is_named() -> None:
    def unknown(name: str) -> str:
        raise UnknownPlaceholder(name)

    with pytest.raises(UnknownPlaceholder, match=r"^unknown placeholder \{secret\.x\}$") as raised:
        fill("a {secret.x}", unknown)
    assert raised.value.name == "secret.x"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        pytest.param("port", True, id="port"),
        pytest.param("port.any", True, id="any-port"),
        pytest.param("scratch", True, id="scratch"),
        pytest.param("secret.client", True, id="the-clients-key"),
        pytest.param("secret.key", True, id="an-upstreams-key"),
        pytest.param("secret.gateway", False, id="an-upstreams-name-is-no-key"),
        pytest.param("secret.agent.dispo", True, id="a-plan-agents-key"),
        pytest.param("secret.agent.NAME", True, id="any-agents-key"),
        pytest.param("secret.agent.other", False, id="another-agents-key"),
        pytest.param("upstream.gateway", True, id="upstream"),
        pytest.param("upstream.gateway.port", True, id="upstreams-port"),
        pytest.param("upstream.gatewya", False, id="misspelt"),
        pytest.param("env.HOME", False, id="live-mode-only"),
        pytest.param("prepared.key", False, id="nothing-is-prepared"),
    ],
)
def test_a_placeholder_has_a_value_or_not(name: str, *, known: bool) -> None:
    upstreams = {"gateway": {"speaks": "portkey", "secret": "key"}, "shortcut": {"speaks": "anthropic"}}
    assert is_known(name, profile(upstreams=upstreams)) is known


def test_what_a_preparation_prints_is_known_once_there_is_one() -> None:
    start: dict[str, Any] = {"command": ["x"], "prepare": ["setup"]}
    assert is_known("prepared.key", profile(url=None, start=start))
    assert not is_known("prepared.key", profile(url=None, start={"command": ["x"]}))
    assert "port" in known_names(profile())


@pytest.mark.parametrize(
    ("status", "error", "fared"),
    [
        pytest.param(199, None, "failed", id="199"),
        pytest.param(200, None, "served", id="200"),
        pytest.param(299, None, "served", id="299"),
        pytest.param(300, None, "failed", id="300"),
        pytest.param(399, None, "failed", id="399"),
        pytest.param(400, None, "refused", id="400"),
        pytest.param(499, None, "refused", id="499"),
        pytest.param(500, None, "failed", id="500"),
        pytest.param(None, "timeout: 15 s", "failed", id="no-answer"),
        pytest.param(200, "closed: in the middle", "failed", id="cut"),
    ],
)
def test_a_client_fares_by_its_status_and_only_with_a_whole_answer(
    status: int | None, error: str | None, fared: str
) -> None:
    assert outcome(trip(ask(), status=status, error=error)) == fared


def test_a_decision_serves_or_refuses() -> None:
    assert outcome(trip(ask(), decision=Decision("kimi", None, None))) == "served"
    assert outcome(trip(ask(), decision=Decision(None, None, "no"))) == "refused"
    assert outcome(trip(ask(), decision=Decision(None, None, ""))) == "refused"


RULE: Final[dict[str, Any]] = {
    "id": "router.gate.some-rule",
    "level": "MUST",
    "says": "It holds at all times.",
    "evidence": [{"kind": "standard", "source": "RFC 1", "date": date(2026, 1, 1)}],
}


def test_a_requirement_says_whose_and_of_what_it_is() -> None:
    rule = Requirement.model_validate(RULE | {"id": "api.sampling.top_p".replace("_", "-")})
    assert (rule.actor, rule.area) == ("api", "sampling")
    assert Requirement.model_validate(RULE | {"id": "router.gate.a.b-0.6"}).area == "gate"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"id": "router.gate"}, id="two-words"),
        pytest.param({"id": "client.gate.x"}, id="unknown-actor"),
        pytest.param({"id": "router.Gate.x"}, id="capitals"),
        pytest.param({"id": "router.gate.*"}, id="glob"),
        pytest.param({"level": "must"}, id="level-in-small-letters"),
        pytest.param({"says": "No full stop at its end"}, id="no-sentence"),
        pytest.param({"says": "Short."}, id="too-short"),
        pytest.param({"because": "no full stop at its end"}, id="no-reason"),
        pytest.param({"needs": ["wires"]}, id="unknown-feature"),
        pytest.param({"evidence": []}, id="no-evidence"),
        pytest.param(
            {"evidence": [{"kind": "live", "source": "RFC", "date": date(2026, 1, 1)}]}, id="derived-evidence"
        ),
        pytest.param({"evidence": [{"kind": "observed", "source": "RFC"}]}, id="evidence-without-a-day"),
        pytest.param({"quorum": "any(0)"}, id="quorum-of-none"),
        pytest.param({"quorum": "3"}, id="no-quorum"),
        pytest.param({"says": None}, id="says-nothing"),
        pytest.param({"note": "x"}, id="unknown-key"),
    ],
)
def test_what_is_no_requirement_is_refused(change: dict[str, Any]) -> None:
    assert Requirement.model_validate(RULE)
    with pytest.raises(ValidationError):
        Requirement.model_validate(RULE | change)
