"""The schemas in contracts/schemas are those of the models, and accept and reject what they should."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.exchange_json import from_json, to_json
from kimi_conformance.registry.home import contracts
from kimi_conformance.registry.profiles import bundled_profiles
from kimi_conformance.registry.schemas import schemas
from kimi_conformance.registry.yaml_file import read

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = Exchange(
    Request("POST", "http://127.0.0.1:1/v1/chat/completions", (("A", "1"), ("a", "2")), b'{"a": "\xe6\x9c\x88"}'),
    Response(200, (("Content-Type", "text/event-stream"),), (Piece(1.5, b"data: \xe6"), Piece(2.25, b"\x9c\x88")), 1.0),
    None,
    0.5,
    3.0,
)
REFUSED = Exchange(Request("GET", "/v1/models"), None, "refused: 127.0.0.1:1: Connection refused", 0.0, 1.0)


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_committed_schema_is_the_one_of_its_model(name: str) -> None:
    committed = (contracts() / "schemas" / name).read_text("utf-8")
    assert committed == schemas()[name], "run: python -m kimi_conformance.registry.schemas"


@pytest.mark.parametrize("path", sorted((contracts() / "schemas").glob("*.json")), ids=lambda path: path.stem)
def test_a_schema_is_a_schema(path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("name", bundled_profiles())
def test_a_bundled_profile_fits_the_schema_that_editors_use(name: str) -> None:
    schema = json.loads((contracts() / "schemas" / "profile.schema.json").read_text("utf-8"))
    data = read(contracts() / "routers" / f"{name}.yaml").data
    jsonschema.Draft202012Validator(schema).validate(data)


@pytest.mark.parametrize("exchange", [pytest.param(WHOLE, id="whole"), pytest.param(REFUSED, id="refused")])
def test_an_exchange_survives_its_journey_through_json(exchange: Exchange) -> None:
    document = json.loads(json.dumps(to_json(exchange)))
    _exchange_schema().validate(document)
    assert from_json(document) == exchange


@pytest.mark.parametrize(
    ("member", "value"),
    [
        pytest.param("error", "broken", id="unknown-kind-of-error"),
        pytest.param("error", 3, id="error-no-text"),
        pytest.param("response", {"status": 200}, id="response-without-headers"),
        pytest.param("start_ms", "0", id="time-as-text"),
        pytest.param("surprise", 1, id="unknown-member"),
    ],
)
def test_what_is_no_exchange_does_not_fit(member: str, value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        _exchange_schema().validate(to_json(WHOLE) | {member: value})


def _exchange_schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(
        json.loads((contracts() / "schemas" / "exchange.schema.json").read_text("utf-8"))
    )
