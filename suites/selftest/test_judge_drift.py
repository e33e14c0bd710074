"""Drift: what Kimi says and our schemas do not know is news, told once and never a failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kimi_conformance.contract.schema import SHAPES, Shape
from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.judge.api.drift import REQUIREMENTS, Drift, drift
from kimi_conformance.judge.api.law import Contract
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.registry.contracts import catalogue, requirements, wire_schemas
from suites.selftest.sights import seen
from suites.selftest.traffic_files import ANSWER, HEAD, chunk, delta, stream

CONTRACT = Contract(catalogue(), wire_schemas())


def found(shape: Shape, body: str) -> list[Drift]:
    """The drift of a bare body."""
    response = Response(200, (), (Piece(0.0, body.encode()),))
    return list(drift(Sight(Exchange(Request("", ""), response), given=shape), CONTRACT))


def events(*chunks: Any) -> str:
    """A stream of these chunks."""
    return "".join(f"data: {json.dumps(each)}\n\n" for each in chunks)


def test_every_shape_has_its_requirement() -> None:
    assert set(REQUIREMENTS) == set(SHAPES)
    assert set(REQUIREMENTS.values()) <= requirements("api").keys()


def test_a_healthy_answer_has_no_drift() -> None:
    assert found("chat.completion", json.dumps(ANSWER)) == []
    assert found("chat.completion.chunk", stream("a", "b")) == []


def test_a_member_that_nobody_knows_is_told_with_its_place_and_value() -> None:
    (told,) = found("chat.completion", json.dumps({**ANSWER, "mood": {"a": [1]}}))
    assert told.as_json() == {
        "requirement": "api.chat.shape",
        "verdict": "drift",
        "expected": "no such member",
        "actual": '{"a": [1]}',
        "where": "response /mood",
        "message": "/mood is a member that the schema of chat.completion does not name",
    }


def test_a_stream_tells_each_member_once_where_it_stands_first() -> None:
    odd = chunk(delta(content="a", mood="good"), tier="x")
    first, second = found("chat.completion.chunk", events(chunk(delta(content="a")), odd, odd, odd))
    assert {first.message.split()[0], second.message.split()[0]} == {"/choices/0/delta/mood", "/tier"}
    assert first.where.startswith("response event 1 (byte ")


def test_every_element_of_a_list_is_the_same_place() -> None:
    model = {"id": "kimi-k3", "object": "model", "created": 1, "owned_by": "moonshot", "mood": 1}
    (told,) = found("models", json.dumps({"object": "list", "data": [model, {**model, "id": "kimi-k2.6"}]}))
    assert told.where == "response /data/0/mood"


@pytest.mark.parametrize("colon", [":", ": ", " : ", "\t:\n"])
def test_events_with_the_same_members_are_told_apart_by_their_type(colon: str) -> None:
    delta_event = {"type": "content_block_delta", "index": 0, "content_block": {"type": "text", "text": ""}}
    start = {**delta_event, "type": "content_block_start"}
    datas = (json.dumps(each, separators=(", ", colon)).replace("\n", "\ndata: ") for each in (start, delta_event))
    (told,) = found("message.events", "".join(f"data: {data}\n\n" for data in datas))
    assert told.where.startswith("response event 1")


def test_a_member_that_was_told_hides_no_other_behind_it() -> None:
    first, second = chunk(delta(content="a"), mood=1), chunk(delta(content="a"), mood=1, tier=2)
    assert [told.message.split()[0] for told in found("chat.completion.chunk", events(first, second))] == [
        "/mood",
        "/tier",
    ]


@pytest.mark.parametrize("broken", ["{", "[" * 100_000])
def test_an_event_that_is_no_json_hides_none_behind_it(broken: str) -> None:
    body = f"data: {broken}\n\n{events(chunk(delta(content='a'), mood=1))}"
    assert [told.message.split()[0] for told in found("chat.completion.chunk", body)] == ["/mood"]


def test_a_member_of_an_odd_name_is_told_by_its_pointer() -> None:
    told = found("chat.completion", json.dumps({**ANSWER, "a/b~c": 1, "~1": 2, "x~0y": 3}))
    assert [(each.where, each.actual) for each in told] == [
        ("response /a~1b~0c", "1"),
        ("response /~01", "2"),
        ("response /x~00y", "3"),
    ]


def test_events_in_an_answer_that_is_no_stream_do_not_drift() -> None:
    assert found("chat.completion", 'data: {"mood": 1}\n\n') == []


def test_an_answer_without_a_shape_does_not_drift() -> None:
    assert list(drift(seen(200, {"mood": 1}, path="/v1/nobody-knows"), CONTRACT)) == []


@pytest.mark.parametrize("content", ['"', "\\", 'a": {"b": "c', "}]", '"type":"x"', "\n:"])
def test_what_is_said_is_no_member_whatever_it_looks_like(content: str) -> None:
    chunks = [chunk(delta(content=content)), chunk(delta(content="plain")), chunk(delta(content=content, mood="x"))]
    assert [told.where.split()[2] for told in found("chat.completion.chunk", events(*chunks))] == ["2"]


@pytest.mark.parametrize("body", ["", "{", "data: {\n\n", "data: [DONE]\n\n", json.dumps([HEAD])])
@pytest.mark.parametrize("shape", ["chat.completion", "chat.completion.chunk"])
def test_what_is_broken_does_not_drift(shape: Shape, body: str) -> None:
    assert found(shape, body) == []
