"""The PostgREST stand-in: rows written, merged, changed and read back."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.exchange import Request, first
from kimi_conformance.upstream import postgrest
from kimi_conformance.upstream.dialects import DIALECTS
from kimi_conformance.upstream.store import Store

if TYPE_CHECKING:
    from kimi_conformance.upstream.script import Script

CALLS = "/rest/v1/tool_calls"


def fresh(secret: str | None = None) -> postgrest.Config:
    ticks = count(10, 10)
    return postgrest.Config(Store(lambda: next(ticks)), secret)


def ask(config: postgrest.Config, method: str, url: str, body: Any = None, *prefer: str, headers: Any = ()) -> Script:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    preferred = tuple(("Prefer", each) for each in prefer)
    return postgrest.answer(Request(method, url, (*preferred, *headers), data), config)


def rows(config: postgrest.Config, table: str = "tool_calls") -> list[dict[str, Any]]:
    return [row.values for row in config.store.rows(table)]


def test_one_row_is_inserted_with_201_and_no_body() -> None:
    config = fresh()
    script = ask(config, "POST", CALLS, {"trace_id": "t", "status": 200})
    assert (script.status, script.body) == (201, b"")
    assert rows(config) == [{"id": 1, "trace_id": "t", "status": 200}]
    assert [(row.t_ms, row.changed_ms) for row in config.store.rows("tool_calls")] == [(10, 10)]
    assert rows(config, "other") == []


@pytest.mark.parametrize(
    "prefer", [["return=representation"], ["tx=commit, return=representation"], ["a", "return=representation"]]
)
def test_rows_come_back_where_they_are_preferred(prefer: list[str]) -> None:
    script = ask(fresh(), "POST", CALLS, [{"a": 1}, {"id": "x", "a": None}], *prefer)
    assert (script.status, json.loads(script.body)) == (201, [{"id": 1, "a": 1}, {"id": "x", "a": None}])


def test_an_empty_list_is_an_insert_of_nothing() -> None:
    config = fresh()
    assert ask(config, "POST", CALLS, []).status == 201
    assert rows(config) == []


def test_a_row_with_an_id_that_is_there_is_409_and_nothing_is_inserted() -> None:
    config = fresh()
    ask(config, "POST", CALLS, {"id": 7})
    script = ask(config, "POST", CALLS, [{"id": 8}, {"id": 7}])
    assert (script.status, json.loads(script.body)["code"]) == (409, "23505")
    assert rows(config) == [{"id": 7}]


def test_an_upsert_merges_by_the_columns_named() -> None:
    config = fresh()
    ask(config, "POST", CALLS, {"trace_id": "t", "attempt": 1, "model": "m"})
    url = f"{CALLS}?on_conflict=trace_id,attempt"
    merged = ask(config, "POST", url, {"trace_id": "t", "attempt": 1, "status": 200}, "resolution=merge-duplicates")
    added = ask(config, "POST", url, {"trace_id": "t", "attempt": 2}, "resolution=merge-duplicates")
    assert (merged.status, added.status) == (200, 201)
    assert rows(config) == [
        {"id": 1, "trace_id": "t", "attempt": 1, "model": "m", "status": 200},
        {"id": 2, "trace_id": "t", "attempt": 2},
    ]
    assert [(row.t_ms, row.changed_ms) for row in config.store.rows("tool_calls")] == [(10, 20), (30, 30)]


def test_an_upsert_without_columns_goes_by_the_id_and_may_leave_what_is_there() -> None:
    config = fresh()
    ask(config, "POST", CALLS, {"id": 5, "a": 1})
    ask(config, "POST", CALLS, {"id": 5, "a": 2}, "resolution=merge-duplicates,return=minimal")
    script = ask(config, "POST", CALLS, {"id": 5, "a": 3}, "resolution=ignore-duplicates", "return=representation")
    assert (script.status, script.body) == (200, b"[]")
    assert rows(config) == [{"id": 5, "a": 2}]


def test_a_patch_changes_the_rows_that_match() -> None:
    config = fresh()
    ask(config, "POST", CALLS, [{"trace_id": "a b", "n": 1}, {"trace_id": "c", "n": 1}])
    script = ask(config, "PATCH", f"{CALLS}?trace_id=eq.a%20b&n=eq.1", {"status": 429})
    assert (script.status, script.body) == (204, b"")
    assert rows(config) == [{"id": 1, "trace_id": "a b", "n": 1, "status": 429}, {"id": 2, "trace_id": "c", "n": 1}]
    assert [row.changed_ms for row in config.store.rows("tool_calls")] == [20, 10]
    back = ask(config, "PATCH", f"{CALLS}?trace_id=eq.none", {"status": 1}, "return=representation")
    assert (back.status, back.body) == (200, b"[]")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", [1, 2, 3], id="all"),
        pytest.param("?select=*&order=id&ok=eq.true", [1], id="boolean"),
        pytest.param("?n=eq.2", [2], id="number"),
        pytest.param("?n=is.null", [3], id="null"),
        pytest.param("?n=eq.null", [], id="eq-null-is-nothing"),
        pytest.param("?s=eq.x.y", [1], id="dots"),
        pytest.param("?n=eq.1&ok=eq.false", [], id="both"),
    ],
)
def test_rows_are_read_back_by_equality(query: str, found: list[int]) -> None:
    config = fresh()
    ask(config, "POST", CALLS, [{"n": 1, "ok": True, "s": "x.y"}, {"n": 2, "ok": False}, {"n": None}])
    script = ask(config, "GET", CALLS + query)
    assert (script.status, [row["id"] for row in json.loads(script.body)]) == (200, found)
    assert first(script.headers, "content-range") == (f"0-{len(found) - 1}/*" if found else "*/*")


@pytest.mark.parametrize(
    ("method", "url", "body", "status", "code"),
    [
        pytest.param("POST", CALLS, b"{", 400, "PGRST102", id="cut"),
        pytest.param("POST", CALLS, b"", 400, "PGRST102", id="empty"),
        pytest.param("POST", CALLS, [1], 400, "PGRST102", id="no-object"),
        pytest.param("PATCH", CALLS, [{}], 400, "PGRST102", id="patch-list"),
        pytest.param("GET", CALLS + "?a=gt.5", None, 400, "PGRST100", id="operator"),
        pytest.param("DELETE", CALLS, None, 405, "PGRST117", id="method"),
        pytest.param("POST", "/rest/v1/", {}, 404, "PGRST125", id="no-table"),
        pytest.param("POST", "/rest/v1/rpc/f", {}, 404, "PGRST125", id="deeper"),
        pytest.param("POST", "/tool_calls", {}, 404, "PGRST125", id="other-root"),
    ],
)
def test_what_it_cannot_do_is_refused_in_its_shape(method: str, url: str, body: Any, status: int, code: str) -> None:
    config = fresh()
    script = ask(config, method, url, body)
    assert (script.status, json.loads(script.body)["code"]) == (status, code)
    assert list(json.loads(script.body)) == ["code", "details", "hint", "message"]
    assert rows(config) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param((), 401, id="none"),
        pytest.param((("apikey", "left"), ("Authorization", "Bearer left")), 401, id="wrong"),
        pytest.param((("apikey", "right"),), 201, id="apikey"),
        pytest.param((("Authorization", "Bearer right"),), 201, id="bearer"),
    ],
)
def test_the_key_may_come_in_either_header(headers: Any, status: int) -> None:
    config = fresh(secret="right")
    assert ask(config, "POST", CALLS, {"a": 1}, headers=headers).status == status
    assert len(rows(config)) == (status == 201)


def test_every_dialect_has_a_maker_that_answers() -> None:
    assert set(DIALECTS) == {"kimi", "openai", "anthropic", "portkey", "postgrest", "webhook"}
    answer = DIALECTS["postgrest"](fresh())
    assert answer(Request("GET", CALLS)).body == b"[]"
