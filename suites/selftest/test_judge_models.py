"""The judge on a router's own list of models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import ABSENT
from suites.selftest.plays import ask, fails, findings, profile, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.verdict import Finding

LISTS: Final = "router.models.lists-registered-models"
SHAPE: Final = "router.models.shape"
TWO: Final = profile(policy={"models": {"kimi-k3": "kimi", "kimi-k2.6": "kimi"}}, sends={"kimi-k2.6": "vendor/k2.6"})
WHOLE: Final = [{"id": "kimi-k3", "object": "model"}, {"id": "vendor/k2.6"}, {"id": "claude"}]


def listed(requirement: str, answer: bytes, **more: Any) -> tuple[Finding, ...]:
    """The findings where the list was `answer`."""
    return findings(requirement, trip(ask(ABSENT, listing=True), answer=answer, of=TWO, **more), of=TWO)


def of(*entries: Any, **more: Any) -> bytes:
    return json.dumps({"object": "list", "data": entries} | more).encode()


def test_a_list_of_all_registered_models_is_right() -> None:
    for requirement in (LISTS, SHAPE):
        assert listed(requirement, of(*WHOLE)) == ()


def test_a_list_need_not_call_itself_one() -> None:
    assert listed(SHAPE, json.dumps({"data": WHOLE, "has_more": False}).encode()) == ()


def test_a_list_may_be_empty_in_shape() -> None:
    assert listed(SHAPE, of()) == ()


@pytest.mark.parametrize(
    ("entries", "missing", "shown"),
    [
        pytest.param(WHOLE[1:], ["kimi-k3"], "claude, vendor/k2.6", id="one-missing"),
        pytest.param(WHOLE[:1], ["vendor/k2.6"], "kimi-k3", id="the-name-that-clients-send"),
        pytest.param([{"id": "kimi-k2.6"}], ["kimi-k3", "vendor/k2.6"], "kimi-k2.6", id="not-its-own-name"),
        pytest.param([{"id": "Kimi-K3"}, *WHOLE[1:2]], ["kimi-k3"], "Kimi-K3, vendor/k2.6", id="another-case"),
        pytest.param(["kimi-k3", WHOLE[1]], ["kimi-k3"], "vendor/k2.6", id="not-an-object"),
        pytest.param([{"name": "kimi-k3"}, WHOLE[1]], ["kimi-k3"], "vendor/k2.6", id="no-id"),
        pytest.param([{"id": f"m{n}"} for n in range(9)], ["kimi-k3", "vendor/k2.6"], None, id="eight-shown-at-most"),
        pytest.param([], ["kimi-k3", "vendor/k2.6"], "an empty list", id="empty"),
    ],
)
def test_a_registered_model_that_is_not_listed_is_found(entries: Any, missing: list[str], shown: str | None) -> None:
    said = ", ".join(f"m{n}" for n in range(8)) if shown is None else shown
    assert listed(LISTS, of(*entries)) == tuple(
        fails(LISTS, name, said, "client response /data", f"{name} is registered, and not listed") for name in missing
    )


NO_LIST = [
    pytest.param(b"", id="empty"),
    pytest.param(b"<html>", id="html"),
    pytest.param(b"\xff", id="no-utf-8"),
    pytest.param(b"[]", id="bare-list"),
    pytest.param(b'{"object": "list"}', id="no-data"),
    pytest.param(b'{"object": "list", "data": {"id": "kimi-k3"}}', id="data-is-an-object"),
    pytest.param(b'{"object": "list", "data": null}', id="data-is-null"),
]


@pytest.mark.parametrize("answer", NO_LIST)
def test_what_is_no_list_has_no_shape_and_no_models(answer: bytes) -> None:
    [found] = listed(SHAPE, answer)
    expected = '{"object": "list", "data": […]}'
    assert found == fails(SHAPE, expected, found.actual, "client response", "no list of models")
    assert [one.actual for one in listed(LISTS, answer)] == ["an empty list", "an empty list"]


def test_a_long_answer_that_is_no_list_is_cut_short() -> None:
    [found] = listed(SHAPE, json.dumps({"x": "a" * 500}).encode())
    assert found.actual == f"{{'x': '{'a' * 153}"


@pytest.mark.parametrize(
    ("status", "error", "seen"),
    [
        pytest.param(404, None, "404", id="not-found"),
        pytest.param(201, None, "201", id="another-success"),
        pytest.param(500, None, "500", id="server-error"),
        pytest.param(None, "refused: connection", "refused: connection", id="no-answer"),
    ],
)
def test_a_list_that_was_not_served_has_no_shape(status: int | None, error: str | None, seen: str) -> None:
    found = listed(SHAPE, of(*WHOLE), status=status, error=error)
    assert found == (fails(SHAPE, "200", seen, "client response", "the list was not served"),)


def test_a_client_that_got_no_answer_got_no_models() -> None:
    found = listed(LISTS, b"", status=None, error="refused: connection")
    assert [one.expected for one in found] == ["kimi-k3", "vendor/k2.6"]


@pytest.mark.parametrize(("value", "seen"), [("models", "'models'"), (None, "None"), (["list"], "['list']")])
def test_an_object_that_is_not_called_a_list_is_found(value: Any, seen: str) -> None:
    assert listed(SHAPE, of(*WHOLE, object=value)) == (
        fails(SHAPE, "list", seen, "client response /object", "`object` is not `list`"),
    )


@pytest.mark.parametrize(
    ("entry", "seen"),
    [
        pytest.param({}, "None", id="absent"),
        pytest.param({"id": None}, "None", id="null"),
        pytest.param({"id": 3}, "3", id="number"),
        pytest.param({"id": ""}, "''", id="empty"),
        pytest.param({"id": ["kimi-k3"]}, "['kimi-k3']", id="list"),
        pytest.param("kimi-k3", "None", id="not-an-object"),
        pytest.param(None, "None", id="null-for-an-object"),
    ],
)
def test_a_model_without_an_id_is_found(entry: Any, seen: str) -> None:
    assert listed(SHAPE, of(WHOLE[0], entry, WHOLE[1])) == (
        fails(SHAPE, "a string id", seen, "client response /data/1/id", "a model without an id"),
    )


def test_an_id_that_stands_twice_is_found_each_time() -> None:
    found = listed(SHAPE, of(*WHOLE, WHOLE[0], {"id": "kimi-K3"}, WHOLE[0]))
    assert found == tuple(
        fails(SHAPE, "unique ids", "kimi-k3", f"client response /data/{at}/id", "kimi-k3 is listed twice")
        for at in (3, 5)
    )


def test_every_list_is_looked_at() -> None:
    unserved, no_list, twice = (
        trip(ask(ABSENT, listing=True), status=status, answer=answer)
        for status, answer in ((503, b""), (200, b"[]"), (200, of(WHOLE[0], WHOLE[0])))
    )
    found = findings(SHAPE, unserved, no_list, twice)
    assert [one.message for one in found] == ["the list was not served", "no list of models", "kimi-k3 is listed twice"]
