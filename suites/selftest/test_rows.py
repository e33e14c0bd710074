"""Rows: what a ledger's table holds is joined with the calls, in whatever form a router writes it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.profile import Ledger
from kimi_conformance.exchange import Request
from kimi_conformance.router.rows import NoRows, StoredRows, wait_for
from kimi_conformance.upstream import postgrest
from kimi_conformance.upstream.store import Store
from suites.selftest.plays import profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Headers

PATH = "/rest/v1/tool_calls"
BOUND_S = 5.0
SECTION = {"postgrest": {"upstream": "ledger", "path": PATH}, "columns": {"trace": "/trace_id", "status": "/status"}}
MERGE: Headers = (("Prefer", "resolution=merge-duplicates"),)
ID_WANTED: Headers = (("Prefer", "return=representation"),)


class Table:
    """A ledger that is written to as a router would, and read as the suite does."""

    def __init__(self, **section: Any) -> None:
        self.ledger = Ledger.model_validate(SECTION | section)
        self.profile = profile(ledger=SECTION | section, trace={"header": "x-trace-id"})
        self._now = 0.0
        store = Store(lambda: self._now)
        self._config = postgrest.Config(store, unique="trace_id")
        self.rows = StoredRows(store, self.ledger)

    def post(self, body: Any, query: str = "", headers: Headers = (), *, path: str = PATH, method: str = "POST") -> Any:
        """The answer's status, and what it says where it says anything."""
        self._now += 1.0
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        script = postgrest.answer(Request(method, path + query, headers, raw), self._config)
        return script.status, json.loads(script.body) if script.body else None

    def patch(self, query: str, body: Any) -> Any:
        """The same, for a change."""
        return self.post(body, query, method="PATCH")

    def of(self, trace: str) -> list[dict[str, Any]]:
        """The rows of a trace id, without their numbers."""
        return [{name: cell for name, cell in row.values.items() if name != "id"} for row in self.rows.of(trace)]


def begun_and_patched(table: Table) -> None:
    table.post({"trace_id": "t", "status": None})
    table.patch("?trace_id=eq.t", {"status": 200})


def begun_and_patched_by_its_number(table: Table) -> None:
    _, (row,) = table.post({"trace_id": "t", "status": None}, headers=ID_WANTED)
    table.patch(f"?id=eq.{row['id']}", {"status": 200})


def upserted_by_trace(table: Table) -> None:
    for status in (None, 200):
        table.post({"trace_id": "t", "status": status}, "?on_conflict=trace_id", MERGE)


def upserted_by_the_primary_key(table: Table) -> None:
    for status in (None, 200):
        table.post({"trace_id": "t", "status": status}, headers=MERGE)


def upserted_with_a_number(table: Table) -> None:
    for status in (None, 200):
        table.post({"id": 7, "trace_id": "t", "status": status}, headers=MERGE)


def in_a_list_with_others(table: Table) -> None:
    table.post([{"trace_id": "s", "status": 500}, {"trace_id": "t", "status": 200}])


def sent_twice_and_ignored(table: Table) -> None:
    for status in (200, 500):
        ignore = (("Prefer", "resolution=ignore-duplicates"),)
        table.post({"trace_id": "t", "status": status}, "?on_conflict=trace_id", ignore)


@pytest.mark.parametrize(
    "written",
    [
        begun_and_patched,
        begun_and_patched_by_its_number,
        upserted_by_trace,
        upserted_by_the_primary_key,
        upserted_with_a_number,
        in_a_list_with_others,
        sent_twice_and_ignored,
    ],
)
def test_a_call_has_one_row_however_it_is_written(written: Callable[[Table], None]) -> None:
    table = Table()
    written(table)
    assert table.of("t") == [{"trace_id": "t", "status": 200}]


def inserted_twice(table: Table) -> None:
    for status in (None, 200):
        table.post({"trace_id": "t", "status": status})


def inserted_twice_in_a_list(table: Table) -> None:
    table.post([{"trace_id": "t", "status": None}, {"trace_id": "t", "status": 200}])


def merged_by_another_column(table: Table) -> None:
    for number, status in enumerate((None, 200)):
        table.post({"call_id": number, "trace_id": "t", "status": status}, "?on_conflict=call_id", MERGE)


@pytest.mark.parametrize("written", [inserted_twice, inserted_twice_in_a_list, merged_by_another_column])
def test_two_rows_are_two_rows(written: Callable[[Table], None]) -> None:
    table = Table()
    written(table)
    assert [row["status"] for row in table.of("t")] == [None, 200]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        pytest.param({"trace_id": "t"}, "/rest/v1/audit", id="another-table"),
        pytest.param({"status": 200}, PATH, id="no-trace"),
        pytest.param({"trace_id": None}, PATH, id="null-trace"),
        pytest.param([7, None, "t"], PATH, id="no-objects"),
        pytest.param(b"{", PATH, id="no-json"),
    ],
)
def test_what_the_table_does_not_hold_is_no_row(body: Any, path: str) -> None:
    table = Table()
    table.post(body, path=path)
    assert table.of("t") == []
    assert table.of("None") == []


def test_a_change_before_its_row_changes_nothing() -> None:
    table = Table()
    table.patch("?trace_id=eq.t", {"status": 200})
    table.post({"trace_id": "t", "status": None})
    assert table.of("t") == [{"trace_id": "t", "status": None}]


def test_a_row_has_the_time_of_its_last_change() -> None:
    table = Table()
    begun_and_patched(table)
    assert [row.t_ms for row in table.rows.of("t")] == [2.0]


def test_a_trace_may_stand_deep_in_a_row() -> None:
    table = Table(columns={"trace": "/meta/trace"})
    table.post({"meta": {"trace": "t"}})
    assert len(table.of("t")) == 1


def test_without_a_trace_column_rows_belong_to_nobody() -> None:
    table = Table(columns={"status": "/status"})
    table.post({"trace_id": "t", "status": 200})
    assert table.of("t") == []


def test_rows_are_waited_for_until_every_call_has_one_that_is_complete() -> None:
    async def wait() -> list[Any]:
        table, loop = Table(within_ms=2 * BOUND_S * 1000), asyncio.get_running_loop()
        table.post({"trace_id": "t", "status": None})
        loop.call_later(0.02, table.patch, "?trace_id=eq.t", {"status": 200})
        loop.call_later(0.04, table.post, {"trace_id": "s", "status": 200})
        async with asyncio.timeout(BOUND_S):
            await wait_for(table.rows, table.profile, ["t", "s"], ["never-called"])
        return [table.of("t"), table.of("s")]

    assert asyncio.run(wait()) == [[{"trace_id": "t", "status": 200}], [{"trace_id": "s", "status": 200}]]


def test_a_row_that_is_begun_will_do_where_its_end_was_waited_for_in_vain() -> None:
    async def wait() -> list[bool]:
        table = Table(within_ms=100)
        table.post({"trace_id": "t", "status": None})
        whole = [await wait_for(table.rows, table.profile, ["t"], whole=whole) for whole in (True, False)]
        table.post({"trace_id": "s"})
        return [*whole, await wait_for(table.rows, table.profile, ["s"])]

    assert asyncio.run(wait()) == [False, True, False]


def test_rows_that_never_come_are_waited_for_no_longer_than_they_may_take() -> None:
    async def wait() -> float:
        table, loop = Table(within_ms=100), asyncio.get_running_loop()
        start = loop.time()
        async with asyncio.timeout(BOUND_S):
            await wait_for(table.rows, table.profile, ["t"])
        return loop.time() - start

    assert asyncio.run(wait()) >= 0.1


@pytest.mark.parametrize(
    "section",
    [pytest.param(None, id="no-ledger"), pytest.param({"columns": {"tier": "/tier"}}, id="no-trace-column")],
)
def test_what_cannot_be_joined_is_not_waited_for(section: dict[str, Any] | None) -> None:
    async def wait() -> None:
        of = profile() if section is None else profile(ledger=SECTION | section | {"within_ms": 2 * BOUND_S * 1000})
        async with asyncio.timeout(BOUND_S / 5):
            await wait_for(NoRows(), of, ["t"])

    asyncio.run(wait())
