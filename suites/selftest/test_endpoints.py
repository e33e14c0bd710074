"""The endpoints: whole and closed beside the tape, the calls and the registry, and every mistake in them is noticed."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

import pytest
from pydantic import ValidationError

from kimi_conformance.contract.endpoints import Endpoints
from kimi_conformance.contract.request_schema import RequestSchemas
from kimi_conformance.registry.contracts import calls, endpoints, request_schemas, wire_schemas
from kimi_conformance.registry.home import contracts
from kimi_conformance.registry.parse import parse
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.registry.yaml_file import read
from suites.selftest import endpoint_checks as checks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA: Final = endpoints()
REQUESTS: Final = request_schemas()
DOCUMENTS: Final = (*REQUESTS.documents.values(), *wire_schemas().documents.values())
FILE: Final = contracts() / "endpoints.yaml"
CHAT: Final = "chat.completion.request"


def broken(change: Callable[[Any], object]) -> Endpoints:
    """The endpoints after a change of the file's data."""
    data = deepcopy(read(FILE).data)
    change(data)
    return Endpoints.model_validate(data)


def broken_schemas(change: Callable[[Any], object]) -> RequestSchemas:
    """The schemas of requests after a change of that of chat."""
    documents = json.loads(json.dumps(REQUESTS.documents))
    change(documents[CHAT])
    return RequestSchemas.of(documents)


# Whole and closed


def test_every_answer_on_tape_is_one_that_its_endpoint_foresees() -> None:
    assert checks.unforeseen(DATA) == []


def test_cassettes_show_what_they_are_named_for_and_what_is_unseen_is_on_no_tape() -> None:
    assert checks.misnamed(DATA) == []


def test_every_answer_on_tape_has_a_shape_that_is_named_for_it() -> None:
    assert checks.misfits(DATA) == []


def test_what_was_accepted_fits_and_what_was_refused_does_not_or_a_rule_says_why() -> None:
    assert checks.misjudged(DATA, REQUESTS) == []


def test_requirements_and_facts_that_are_named_exist() -> None:
    assert checks.unknown_ids(DATA, DOCUMENTS) == []


def test_every_requirement_of_the_api_is_linked_from_an_endpoint_or_a_member() -> None:
    assert checks.unlinked(DATA, DOCUMENTS) == []


def test_every_call_is_of_an_endpoint_or_is_there_to_be_answered_elsewhere() -> None:
    elsewhere = {name for answer in DATA.elsewhere for name in answer.cassettes}
    lost = [
        name
        for name, spec in calls().calls.items()
        if DATA.find(spec.method, DATA.hosts[spec.host].server + spec.path) is None
    ]
    assert set(lost) == elsewhere


def test_every_rule_is_needed_by_a_call_that_is_refused() -> None:
    refused = [each.name for each in checks.tape() if each.status == 400]
    assert [rule.says for rule in DATA.rules if not any(map(rule.covers, refused))] == []


def test_every_parameter_header_and_shape_of_a_request_is_used() -> None:
    used = {name for endpoint in DATA.endpoints for name in endpoint.parameters}
    assert used == DATA.parameters.keys()
    assert {name for each in DATA.endpoints for one in DATA.answers(each) for name in one.headers} == set(DATA.headers)
    assert {each.request.shape for each in DATA.endpoints if each.request} == REQUESTS.documents.keys()


# Each mistake in the data is noticed


@pytest.mark.parametrize(
    ("change", "check", "said"),
    [
        pytest.param(
            lambda d: d["families"]["invalid"].clear(), checks.unforeseen, "six-stops: 400", id="a-status-is-missing"
        ),
        pytest.param(
            lambda d: d["endpoints"][0].update(hosts=["platform-ai"]), checks.unforeseen, "chat-cn: 200", id="a-host"
        ),
        pytest.param(
            lambda d: d["endpoints"][0]["answers"].pop(1), checks.unforeseen, "text/event-stream", id="the-stream"
        ),
        pytest.param(
            lambda d: d["endpoints"].pop(1), checks.unforeseen, "hosts/models-ai: 200", id="an-endpoint-is-missing"
        ),
        pytest.param(
            lambda d: d["endpoints"][0]["answers"][0].update(cassettes=["balance/ai"]),
            checks.misnamed,
            "balance/ai does not show 200 application/json",
            id="a-cassette-of-another-endpoint",
        ),
        pytest.param(
            lambda d: d["endpoints"][1]["answers"][0].update(cassettes=["hosts/no-such"]),
            checks.misnamed,
            "hosts/no-such does not show",
            id="a-cassette-that-does-not-exist",
        ),
        pytest.param(
            lambda d: d["endpoints"][1]["answers"][0].update(cassettes=[], unseen="Nobody saw it."),
            checks.misnamed,
            "is on tape",
            id="called-unseen-and-on-tape",
        ),
        pytest.param(
            lambda d: d["endpoints"][1]["answers"][0].update(shapes=["balance"]),
            checks.misfits,
            "hosts/models-ai: not of balance",
            id="another-shape",
        ),
        pytest.param(
            lambda d: d["endpoints"][0].update(request={"shape": "message.request"}),
            lambda data: checks.misjudged(data, REQUESTS),
            "chat/kimi-k2.6-hello: 200, but $: 'max_tokens' is a required property",
            id="another-request",
        ),
        pytest.param(
            lambda d: d["rules"].pop(1),
            lambda data: checks.misjudged(data, REQUESTS),
            "sampling/kimi-k3-logprobs: refused, and nothing says why",
            id="a-rule-is-missing",
        ),
        pytest.param(
            lambda d: d["rules"][1]["calls"].append("chat/kimi-k3-six-stops"),
            lambda data: checks.misjudged(data, REQUESTS),
            "chat/kimi-k3-six-stops: refused, and a rule is needless",
            id="a-needless-rule",
        ),
        pytest.param(
            lambda d: d["headers"]["request-id"].update(requirements=["api.headers.no-such"]),
            lambda data: checks.unknown_ids(data, DOCUMENTS),
            "api.headers.no-such",
            id="a-requirement-that-does-not-exist",
        ),
        pytest.param(
            lambda d: d["outside"][0].update(facts=["9.9"]),
            lambda data: checks.unknown_ids(data, DOCUMENTS),
            "9.9",
            id="a-fact-that-does-not-exist",
        ),
        pytest.param(
            lambda d: d["endpoints"][0].update(requirements=[]),
            lambda data: checks.unlinked(data, DOCUMENTS),
            "api.latency.highspeed-faster",
            id="a-requirement-that-nothing-links",
        ),
    ],
)
def test_a_mistake_in_the_endpoints_is_noticed(
    change: Callable[[Any], object], check: Callable[[Endpoints], list[str]], said: str
) -> None:
    assert any(said in line for line in check(broken(change)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda s: s["properties"]["stop"]["anyOf"][1].pop("maxItems"), "six-stops: refused, and nothing", id="bound"
        ),
        pytest.param(
            lambda s: s["properties"]["temperature"].pop("maximum"), "temperature-9.9: refused, and", id="maximum"
        ),
        pytest.param(
            lambda s: s["properties"]["temperature"].update(maximum=0.5), "temperature-1: 200, but", id="too-strict"
        ),
        pytest.param(lambda s: s.pop("then"), "required-without-tools: refused, and nothing says why", id="condition"),
        pytest.param(lambda s: s["required"].append("stream"), "kimi-k3-hello: 200, but", id="required"),
        pytest.param(
            lambda s: s["properties"]["messages"].pop("minItems"), "empty-messages: refused, and", id="empty-list"
        ),
        pytest.param(
            lambda s: s["$defs"]["own_url"].pop("pattern"), "remote-image: refused, and nothing", id="pattern"
        ),
        pytest.param(
            lambda s: s["$defs"]["assistant_message"].pop("then"), "empty-assistant: refused, and nothing", id="nothing"
        ),
        pytest.param(
            lambda s: s["$defs"]["user_message"].pop("not"), "dynamic-misplaced: refused, and nothing", id="misplaced"
        ),
        pytest.param(
            lambda s: s["$defs"]["tool_message"]["required"].remove("tool_call_id"),
            "result-without-id: refused, and nothing",
            id="without-id",
        ),
        pytest.param(
            lambda s: s["$defs"]["declared_function"]["properties"]["name"].pop("pattern"),
            "kimi-k3-bad-name: refused, and nothing",
            id="name",
        ),
        pytest.param(
            lambda s: s["$defs"]["flavoured_schema"]["required"].clear(), "no-root-type: refused, and", id="flavour"
        ),
        pytest.param(
            lambda s: s["properties"]["reasoning_effort"].update(enum=["low", "high", "max"]),
            "members-nobody-knows: 200, but $.reasoning_effort: 'medium' is not one of",
            id="enumeration",
        ),
        pytest.param(
            lambda s: s.update(additionalProperties=False), "members-nobody-knows: 200, but", id="closed-to-others"
        ),
    ],
)
def test_a_mistake_in_a_schema_of_requests_is_noticed(change: Callable[[Any], object], said: str) -> None:
    assert any(said in line for line in checks.misjudged(DATA, broken_schemas(change)))


# Mistakes in the file are said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(lambda d: d["endpoints"].append(d["endpoints"][0]), "more than one endpoint is", id="twice"),
        pytest.param(lambda d: d["endpoints"][0].update(errors=["moon"]), "the family of errors moon", id="family"),
        pytest.param(lambda d: d["families"].update(moon=[]), "no endpoint has the family of errors moon", id="idle"),
        pytest.param(lambda d: d["endpoints"][6].update(parameters=[]), "parameters in its path", id="parameter"),
        pytest.param(lambda d: d["endpoints"][6].update(parameters=["x"]), "the parameter x, which", id="no-parameter"),
        pytest.param(
            lambda d: d["endpoints"][0]["answers"][0].update(headers=["moon"]), "the header moon, which", id="header"
        ),
        pytest.param(lambda d: d["endpoints"][0]["answers"].append(d["families"]["invalid"][0]), "twice", id="status"),
        pytest.param(
            lambda d: d["elsewhere"][0].update(cassettes=[]), "either cassettes or the reason", id="neither-nor"
        ),
        pytest.param(lambda d: d["endpoints"][0].update(method="PUT"), "'GET', 'POST' or 'DELETE'", id="method"),
        pytest.param(lambda d: d["endpoints"][0]["request"].update(shape="moon"), "'batch.request'", id="shape"),
        pytest.param(lambda d: d["hosts"].pop("coding"), "names the host coding, which", id="host"),
    ],
)
def test_endpoints_that_are_not_whole_are_refused(change: Callable[[Any], object], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        broken(change)
    assert said in str(refused.value)


def test_a_misspelt_key_is_said_with_its_line_and_the_right_one(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.yaml"
    path.write_text(FILE.read_text("utf-8").replace("    group: Chat\n", "    grup: Chat\n"), "utf-8")
    with pytest.raises(ContractError) as refused:
        parse(Endpoints, read(path))
    [line] = str(refused.value).splitlines()
    number = FILE.read_text("utf-8").splitlines().index("    group: Chat") + 1
    assert f"endpoints.yaml:{number}: " in line
    assert "did you mean 'group'?" in line
