"""Documents become models: values as the model has them, parts, lists, and references between them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import TypeAdapter

from kimi_conformance.registry.parse import locate, parse
from kimi_conformance.registry.problems import ContractError, where
from suites.selftest.small_profile import Alerts, ByHeader, Kept, Route, RouterProfile

if TYPE_CHECKING:
    from suites.selftest.yaml_texts import Load


def test_the_keys_named_on_and_dates_and_numbers_reach_the_model(load_yaml: Load) -> None:
    text = "name: a\nalerts: {on: [429]}\nby_status: {404: gone}\nuntil: 2026-05-01\nlimit_s: 5s\nattempts: endless\n"
    found = parse(
        RouterProfile, load_yaml(f"{text}cwd: x\nspeaks: [kimi]\nagent: {{header: x}}\nclient_key: forwarded")
    )
    assert found.alerts == Alerts(on=(429,))
    assert (found.by_status, found.until, found.limit_s) == ({404: "gone"}, dt.date(2026, 5, 1), 5.0)
    assert (found.attempts, found.cwd, found.speaks) == ("endless", Path("x"), ("kimi",))
    assert (found.agent, found.client_key) == (ByHeader(header="x"), Kept.FORWARDED)


def test_nothing_stands_for_an_optional_value(load_yaml: Load) -> None:
    assert parse(RouterProfile, load_yaml("name: a\nuntil: ~\ntree:\n")) == RouterProfile(name="a")


def test_a_part_of_a_document_is_parsed_with_its_own_lines(load_yaml: Load) -> None:
    document = load_yaml("- {upstream: a}\n- {upstream: b, surfaces: [chatt]}\n")
    assert parse(Route, document, (0,)) == Route(upstream="a")
    with pytest.raises(
        ContractError, match=r"p\.yaml:2: item 1 of surfaces of item 2 must be 'chat'.*did you mean 'chat'"
    ):
        parse(Route, document, (1,))
    with pytest.raises(ContractError, match=r"p\.yaml:1: missing key 'routes' in the file"):
        parse(Route, load_yaml("route: {}"), ("routes", "k"))


def test_a_type_adapter_parses_a_list_of_models(load_yaml: Load) -> None:
    routes = TypeAdapter(tuple[Route, ...])
    assert parse(routes, load_yaml("- {upstream: a}")) == (Route(upstream="a"),)
    with pytest.raises(ContractError, match=r"p\.yaml:2: missing key 'upstream' in item 2"):
        parse(routes, load_yaml("- {upstream: a}\n- {}"))
    with pytest.raises(ContractError, match=r"p\.yaml:1: the file must be a list, not \{upstream: …\}"):
        parse(routes, load_yaml("upstream: a"))


def test_a_reference_to_an_unknown_name_is_located_with_the_nearest_one(load_yaml: Load) -> None:
    document = load_yaml("routes:\n  kimi:\n    upstream: portkye\nsends: {kimi-k9: x}")
    pointer = ("routes", "kimi", "upstream")
    problem = locate(document, pointer, f"unknown upstream in {where(pointer)}", candidates=["ledger", "portkey"])
    assert str(problem) == "p.yaml:3: unknown upstream in routes.kimi.upstream; did you mean 'portkey'?"
    problem = locate(document, pointer, "unknown upstream", candidates=["a", "b"])
    assert str(problem) == "p.yaml:3: unknown upstream; known are 'a' and 'b'"
    problem = locate(document, ("sends", "kimi-k9"), "unknown model", candidates=["kimi-k2"], name="kimi-k9")
    assert (problem.line, problem.nearest) == (4, "kimi-k2")
    assert locate(document, ("routes", "kimi"), "unused", candidates=["kimmi"]).nearest == "kimmi"
    assert locate(document, (), "odd", mend="mend it").mend == "mend it"
