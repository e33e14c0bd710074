"""The rows of a ledger that is a table of PostgreSQL: read back by trace id, and never written."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import Row
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.outer import outer_value
from kimi_conformance.router.rows import LedgerGone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import psycopg
    from psycopg import sql

    from kimi_conformance.contract.profile import Ledger, PostgresLedger

CONNECT_S: Final = 5
STATEMENT_MS: Final = 5000
"""A read that takes longer is given up: the table may be a large one, and somebody else's."""


class Misread(CannotStart):
    """The profile or the environment is wrong: `pointer` says where in the ledger's section, `known` what there is."""

    def __init__(self, pointer: tuple[str, ...], what: str, mend: str | None = None, known: Sequence[str] = ()) -> None:
        super().__init__(f"{what}; {mend}" if mend else what)
        self.pointer = pointer
        self.what = what
        self.mend = mend
        self.known = tuple(known)


class PostgresRows:
    """Rows of a table, as they were when they were last read. `clock` gives milliseconds."""

    look_s = 0.05

    def __init__(self, ledger: Ledger, clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._connection: psycopg.Connection[Any] | None = None
        self._rows: dict[str, list[Row]] = {}

    async def open(self) -> None:
        """Connect, and look whether the table is as the profile says. Raises `CannotStart`."""
        self._connection = await asyncio.to_thread(connect, self._ledger)

    async def refresh(self, traces: Collection[str]) -> None:
        """Read the rows of these trace ids. Raises `LedgerGone`."""
        if traces and self._connection:
            found = await asyncio.to_thread(_read, self._connection, self._ledger, list(traces))
            for trace in traces:
                known = self._rows.get(trace, ())
                self._rows[trace] = [
                    next((row for row in known if row.values == values), Row(values, self._clock()))
                    for joined, values in found
                    if joined == trace
                ]

    def of(self, trace: str) -> tuple[Row, ...]:
        """The rows of a trace id."""
        return tuple(self._rows.get(trace, ()))

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection:
            await asyncio.to_thread(self._connection.close)
            self._connection = None


def connect(ledger: Ledger) -> psycopg.Connection[Any]:
    """A connection that only reads, to a database whose table has the columns of the profile. Raises `CannotStart`."""
    named = ledger.postgres
    assert named is not None
    driver = _driver()
    dsn = outer_value(named.dsn_env)
    if not dsn:
        what = f"the variable {named.dsn_env}, which should name the ledger's database, is not set"
        raise Misread(("postgres", "dsn_env"), what, f"export {named.dsn_env}=postgresql://USER@HOST/DATABASE")
    try:
        connection: psycopg.Connection[Any] = driver.connect(dsn, connect_timeout=CONNECT_S, autocommit=False)
    except driver.ProgrammingError:  # its words would show the password
        what = f"what the variable {named.dsn_env} holds is no address of a database"
        mend = "it takes postgresql://USER@HOST/DATABASE, or host=… dbname=…"
        raise Misread(("postgres", "dsn_env"), what, mend) from None
    except driver.OperationalError as error:
        said = " ".join(str(error).split())
        raise CannotStart(f"the ledger's database ({named.dsn_env}) cannot be reached: {said}") from None
    try:
        connection.read_only = True
        _look(connection, driver, ledger, named)
    except BaseException:
        connection.close()
        raise
    return connection


def _look(connection: psycopg.Connection[Any], driver: Any, ledger: Ledger, named: PostgresLedger) -> None:
    """Raises `Misread` where there is no such table or column, or it may not be read."""
    try:
        with connection.transaction(), connection.cursor() as cursor:
            _bound(cursor)
            cursor.execute(driver.sql.SQL("SELECT * FROM {} LIMIT 0").format(_table(driver.sql, named.table)))
            columns = [column.name for column in cursor.description or ()]
    except driver.Error as error:
        said = str(error.diag.message_primary or error)
        where = f"the database of {named.dsn_env}"
        raise Misread(("postgres", "table"), f"the table '{named.table}' cannot be read in {where}: {said}") from None
    for column, pointer in ledger.columns.items():
        first = _steps(pointer)[0]
        if first not in columns:
            what = f"the table '{named.table}' has no column '{first}'"
            raise Misread(("columns", column), what, known=[f"/{name}" for name in columns])


def _read(connection: psycopg.Connection[Any], ledger: Ledger, traces: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Each row of these trace ids, as PostgreSQL writes it in JSON."""
    named = ledger.postgres
    assert named is not None
    driver = _driver()
    query = driver.sql.SQL("SELECT {trace}, to_jsonb(t) FROM {table} AS t WHERE {trace} = ANY(%s)").format(
        trace=_trace(driver.sql, _steps(ledger.columns["trace"])), table=_table(driver.sql, named.table)
    )
    try:
        with connection.transaction(), connection.cursor() as cursor:
            _bound(cursor)
            cursor.execute(query, (traces,))
            return cursor.fetchall()
    except driver.Error as error:
        said = " ".join(str(error).split())
        raise LedgerGone(f"the ledger's database ({named.dsn_env}) could not be read: {said}") from None


def _bound(cursor: psycopg.Cursor[Any]) -> None:
    """No statement of this transaction takes longer than `STATEMENT_MS`."""
    cursor.execute(f"SET LOCAL statement_timeout = {STATEMENT_MS:d}")


def _table(words: Any, name: str) -> sql.Identifier:
    """`table`, or `schema.table`."""
    identifier: sql.Identifier = words.Identifier(*name.split("."))
    return identifier


def _trace(words: Any, steps: Sequence[str]) -> sql.Composable:
    """The text of a column, or of a member of one that is JSON."""
    column: sql.Composable = words.SQL("t.{}").format(words.Identifier(steps[0]))
    if len(steps) == 1:
        return words.SQL("{}::text").format(column)  # type: ignore[no-any-return]
    path = words.Literal(list(steps[1:]))
    return words.SQL("to_jsonb({}) #>> {}").format(column, path)  # type: ignore[no-any-return]


def _steps(pointer: str) -> list[str]:
    """The steps of a JSON pointer (RFC 6901)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _driver() -> Any:
    """The driver, psycopg. Raises `Misread` where it is not installed."""
    try:
        importlib.import_module("psycopg.sql")
        return importlib.import_module("psycopg")
    except ImportError as error:
        mend = "pip install 'kimi-conformance[postgres]'"
        raise Misread(
            ("postgres",), f"a ledger in PostgreSQL takes psycopg, which is not there: {error}", mend
        ) from None
