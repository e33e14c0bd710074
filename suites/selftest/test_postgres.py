"""A ledger in PostgreSQL: its rows are read back and judged, and what is wrong with it is said in one message."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pytest
import yaml

from kimi_conformance.cli.readable import must_be_readable
from kimi_conformance.contract.profile import Ledger
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.home import contracts
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router import postgres
from kimi_conformance.router.plan import make_plan
from kimi_conformance.router.postgres import Misread, PostgresRows, connect
from kimi_conformance.router.rows import LedgerGone
from kimi_conformance.router.run import Run
from suites.selftest import command
from suites.selftest.postgres_cluster import MISSING, binaries, cluster
from suites.selftest.postgres_router import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kimi_conformance.router.verdicts import Judged

TODAY: Final = date(2026, 11, 25)
ROOT: Final = contracts().parent
COLUMNS: Final = {name: f"/{name}_id" for name in ("trace", "agent")} | {
    name: f"/{name}" for name in ("model", "status", "tier", "attempts")
}
DSN: Final = "LEDGER_DSN"

GONE: Final = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()
"""

needs_server = pytest.mark.skipif(binaries() is None, reason=MISSING)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a database of our own."""
    with cluster() as dsn:
        yield dsn


@pytest.fixture
def table(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same, with an empty table, and its address in the environment."""
    with psycopg.connect(server) as connection:
        connection.execute("DROP TABLE IF EXISTS tool_calls")
        connection.execute(TABLE)
    monkeypatch.setenv(DSN, server)
    return server


def ledger(**changed: Any) -> Ledger:
    section = {"postgres": {"dsn_env": DSN, "table": "tool_calls"}, "columns": COLUMNS, "within_ms": 5000}
    return Ledger.model_validate(section | changed)


def told(name: str) -> dict[str, Any]:
    """What a bundled profile says."""
    return load_profile(name).profile.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def profile(folder: Path, form: str = "inserted", **changed: Any) -> Path:
    """The reference router that keeps its ledger in PostgreSQL, as a profile in `folder`."""
    bundled = contracts() / "routers"
    written = told("reference-asgi")
    written |= {"name": "in-postgres", "ledger": ledger(**changed).model_dump(mode="json", exclude_none=True)}
    written["asgi"] |= {"app": "suites.selftest.postgres_router:app"}
    written["asgi"]["env"] |= {"LEDGER_FORM": form}
    (folder / "configs").mkdir(exist_ok=True)
    for config in (bundled / "configs").iterdir():
        (folder / "configs" / config.name).write_text(config.read_text("utf-8"), "utf-8")
    path = folder / "router.yaml"
    path.write_text(yaml.safe_dump(written, sort_keys=False), "utf-8")
    return path


def judged(path: Path, area: str = "router.ledger.") -> Mapping[str, Judged]:
    """The verdicts on an area, of the cases that take no 15 s."""
    plan = make_plan(load_profile(str(path)), TODAY)
    run = Run(plan, tools=path.parent, keep=path.parent / "kept")
    try:
        run.start([case for name, case in plan.cases.items() if name.startswith(area)])
        return run.results()
    finally:
        run.close()


@needs_server
@pytest.mark.parametrize("form", ["inserted", "begun"])
@pytest.mark.usefixtures("table")
def test_a_router_that_keeps_its_ledger_in_postgresql_is_all_green(form: str, tmp_path: Path) -> None:
    verdicts = judged(profile(tmp_path, form))
    assert {one.verdict for one in verdicts.values()} == {Verdict.PASS}
    assert {name.split("@")[0].removeprefix("router.ledger.") for name in verdicts} == {
        "one-row-per-call",
        "row-tells-the-truth",
        "joined-by-trace",
        "dual-write",
        "no-bypass",
        "no-secret-in-row",
    }


@needs_server
@pytest.mark.parametrize(
    ("form", "noticed"),
    [
        ("inserted-twice", {"router.ledger.one-row-per-call", "router.ledger.dual-write"}),
        ("untrue", {"router.ledger.row-tells-the-truth"}),
    ],
)
@pytest.mark.usefixtures("table")
def test_a_ledger_in_postgresql_that_is_kept_badly_is_noticed(form: str, noticed: set[str], tmp_path: Path) -> None:
    verdicts = judged(profile(tmp_path, form))
    assert {name.split("@")[0] for name, one in verdicts.items() if one.verdict is Verdict.FAIL} == noticed


def read(of: Ledger, *traces: str) -> list[dict[str, Any]]:
    async def reading() -> list[dict[str, Any]]:
        rows = PostgresRows(of, lambda: 7.0)
        await rows.open()
        try:
            await rows.refresh(traces)
            return [dict(row.values) for trace in traces for row in rows.of(trace)]
        finally:
            await rows.close()

    return asyncio.run(reading())


def write(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn) as connection:
        for statement in statements:
            connection.execute(statement)


@needs_server
def test_a_row_is_read_as_json_with_every_column(table: str) -> None:
    write(
        table,
        "INSERT INTO tool_calls (trace_id, status, meta) VALUES ('t', 200, '{\"a\": [1]}'), ('other', 500, NULL)",
    )
    (row,) = read(ledger(), "t")
    assert (row["trace_id"], row["status"], row["meta"], row["tier"]) == ("t", 200, {"a": [1]}, None)
    assert isinstance(row["at"], str)
    assert read(ledger(), "nobody") == []


@needs_server
@pytest.mark.parametrize(
    ("changed", "traces"),
    [
        pytest.param({"columns": COLUMNS | {"trace": "/meta/trace"}}, ["t"], id="within-json"),
        pytest.param({"columns": COLUMNS | {"trace": "/id"}}, ["1"], id="a-number"),
        pytest.param({"postgres": {"dsn_env": DSN, "table": "public.tool_calls"}}, ["t"], id="with-its-schema"),
    ],
)
def test_a_trace_and_a_table_may_be_named_otherwise(changed: dict[str, Any], traces: list[str], table: str) -> None:
    write(table, """INSERT INTO tool_calls (trace_id, meta) VALUES ('t', '{"trace": "t"}')""")
    assert [row["trace_id"] for row in read(ledger(**changed), *traces)] == ["t"]


@needs_server
@pytest.mark.parametrize(
    "name", ['tool"calls', "tool_calls; DROP TABLE tool_calls", "tool_calls WHERE true --", "pg_catalog.nothing"]
)
def test_a_name_is_a_name_and_no_statement(name: str, table: str) -> None:
    with pytest.raises(Misread, match="cannot be read"):
        connect(ledger(postgres={"dsn_env": DSN, "table": name}))
    write(table, "SELECT * FROM tool_calls")


@needs_server
@pytest.mark.usefixtures("table")
def test_the_suite_only_reads_and_never_for_long() -> None:
    connection = connect(ledger())
    try:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), connection.transaction():
            connection.execute("DELETE FROM tool_calls")
        with connection.transaction(), connection.cursor() as cursor:
            postgres._bound(cursor)  # noqa: SLF001 - no read of ours takes so long
            assert cursor.execute("SHOW statement_timeout").fetchone() == ("5s",)
    finally:
        connection.close()


@needs_server
@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param(
            {"postgres": {"dsn_env": DSN, "table": "tool_cals"}}, 'relation "tool_cals" does not exist', id="table"
        ),
        pytest.param(
            {"columns": COLUMNS | {"tier": "/teir"}}, "has no column 'teir'; did you mean '/tier'?", id="column"
        ),
    ],
)
@pytest.mark.usefixtures("table")
def test_a_table_that_is_otherwise_is_a_mistake_in_the_profile(
    changed: dict[str, Any], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = profile(tmp_path, **changed)
    monkeypatch.chdir(tmp_path)  # from where the place is told
    with pytest.raises(ContractError) as raised:
        must_be_readable(load_profile(str(path)))
    assert says in str(raised.value)
    assert str(raised.value).startswith(f"{path.name}:")
    verdicts = judged(path, "router.ledger.dual-write")
    assert {one.verdict for one in verdicts.values()} == {Verdict.INFRA_ERROR}


@pytest.mark.parametrize(
    ("dsn", "says"),
    [
        pytest.param(None, f"the variable {DSN}, which should name the ledger's database, is not set", id="missing"),
        pytest.param("", "is not set", id="empty"),
        pytest.param("postgresql://u:secret@[::1", "is no address of a database", id="nonsense"),
        pytest.param("host=x password='secret", "is no address of a database", id="quoted-badly"),
        pytest.param("dbname=x sslmood=secret", "is no address of a database", id="unknown-word"),
    ],
)
def test_an_address_that_is_none_is_a_mistake_and_its_secrets_are_not_told(
    dsn: str | None, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DSN, raising=False)
    if dsn is not None:
        monkeypatch.setenv(DSN, dsn)
    with pytest.raises(ContractError, match=says) as raised:
        must_be_readable(load_profile(str(profile(tmp_path))))
    assert "secret" not in str(raised.value)


def test_a_database_that_is_not_there_says_nothing_about_the_router(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DSN, "postgresql://u:secret@127.0.0.1:1/db")
    path = profile(tmp_path)
    must_be_readable(load_profile(str(path)))
    verdicts = judged(path, "router.ledger.dual-write")
    assert {one.verdict for one in verdicts.values()} == {Verdict.INFRA_ERROR}
    (message,) = {one.message for one in verdicts.values()}
    assert f"the ledger's database ({DSN}) cannot be reached: " in message
    assert "secret" not in message


@needs_server
def test_a_database_that_goes_away_meanwhile_says_nothing_about_the_router(table: str) -> None:
    async def reading() -> None:
        rows = PostgresRows(ledger(), lambda: 7.0)
        await rows.open()
        try:
            write(table, GONE)
            with pytest.raises(LedgerGone, match="could not be read"):
                await rows.refresh(["t"])
        finally:
            await rows.close()

    asyncio.run(reading())


def test_without_its_driver_a_ledger_in_postgresql_asks_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setitem(sys.modules, "psycopg.sql", None)
    with pytest.raises(ContractError, match=r"pip install 'kimi-conformance\[postgres\]'"):
        must_be_readable(load_profile(str(profile(tmp_path))))


def process(folder: Path) -> Path:
    """The same router under uvicorn, which gets the address of the database from outside."""
    path = profile(folder)
    written = yaml.safe_load(path.read_text("utf-8"))
    bundled = told("reference")
    words = [
        "suites.selftest.postgres_router:app" if word == "kimi_conformance.reference:app_from_env" else word
        for word in bundled["start"]["command"]
    ]
    del written["asgi"]
    written["start"] = bundled["start"] | {"command": words, "pass_env": [DSN]}
    written["start"]["env"] |= {"PYTHONPATH": str(ROOT)}
    path.write_text(yaml.safe_dump(written, sort_keys=False), "utf-8")
    return path


@needs_server
@pytest.mark.parametrize(
    ("dsn", "code", "says"),
    [
        pytest.param("", 0, "CONFORMANT  in-postgres", id="there"),
        pytest.param("postgresql://u:secret@127.0.0.1:1/db", 3, "cannot be reached", id="unreachable"),
        pytest.param("nonsense", 2, "is no address of a database", id="nonsense"),
    ],
)
def test_the_command_line_tells_a_mistake_from_a_database_that_is_gone(
    dsn: str, code: int, says: str, table: str, tmp_path: Path
) -> None:
    done = command.run(
        "check", process(tmp_path), "--only", "router.ledger.dual-write", cwd=tmp_path, env={DSN: dsn or table}
    )
    assert done.code == code, done.out + done.err
    assert says in done.out + done.err
    assert "secret" not in done.out + done.err
