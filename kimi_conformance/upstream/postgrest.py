"""PostgREST as Supabase serves it: enough to write rows to a ledger and read them back. It knows no schema.

Statuses and codes from the PostgREST manual (v12 and later); the two 401 texts are those of Supabase's gateway.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kimi_conformance.upstream import asked
from kimi_conformance.upstream.script import Script, json_answer
from kimi_conformance.upstream.store import Duplicate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.exchange import Request
    from kimi_conformance.upstream.store import Resolution, Store, Values

ROOT = "/rest/v1/"
CONTENT_TYPE = ("Content-Type", "application/json; charset=utf-8")
RESOLUTIONS: Mapping[str, Resolution] = {"merge-duplicates": "merge", "ignore-duplicates": "ignore"}
NOT_FILTERS = frozenset({"select", "order", "limit", "offset", "columns", "on_conflict", "apikey"})


@dataclass(frozen=True, slots=True)
class Config:
    """`store` has the rows; `secret` None takes any key or none.

    `unique` is a column that the tables' primary key may be instead of `id`: the stand-in knows no schema, and a row
    that is to be merged where no column is named must be merged by something.
    """

    store: Store
    secret: str | None = None
    unique: str | None = None


class BadFilter(Exception):
    """A filter that is neither `eq.VALUE` nor `is.null`."""


def answerer(config: Config) -> Callable[[Request], Script]:
    """Answers as PostgREST does."""
    return partial(answer, config=config)


def answer(request: Request, config: Config) -> Script:
    """The answer to one request."""
    table = asked.path(request).removeprefix(ROOT)
    if not asked.path(request).startswith(ROOT) or not table or "/" in table:
        return error(404, "PGRST125", "Invalid path specified in request URL")
    keys = (request.header("apikey"), asked.bearer(request))
    if config.secret is not None and config.secret not in keys:
        none = keys == (None, None)
        return json_answer(401, {"message": "No API key found in request" if none else "Invalid API key"})
    try:
        match request.method:
            case "POST":
                return _insert(request, table, config)
            case "PATCH":
                return _update(request, table, config.store)
            case "GET":
                return _select(request, table, config.store)
    except BadFilter as refusal:
        return error(400, "PGRST100", str(refusal))
    except Duplicate as refusal:
        message = f'duplicate key value violates unique constraint "{table}_pkey"'
        return error(409, "23505", message, details=str(refusal))
    return error(405, "PGRST117", f"Unsupported HTTP method: {request.method}")


def error(status: int, code: str, message: str, *, details: str | None = None) -> Script:
    """An error in PostgREST's shape."""
    body = {"code": code, "details": details, "hint": None, "message": message}
    return json_answer(status, body, (CONTENT_TYPE,))


def _insert(request: Request, table: str, config: Config) -> Script:
    given = _objects(request)
    if given is None:
        return error(400, "PGRST102", "Empty or invalid json")
    preferred = preferences(request)
    resolution = RESOLUTIONS.get(preferred.get("resolution", ""), "refuse")
    by_id = resolution == "refuse" or config.unique is None or any("id" in row for row in given)
    usual = "id" if by_id else str(config.unique)
    key = tuple(asked.query(request).get("on_conflict", usual).split(","))
    touched, new = config.store.insert(table, given, key, resolution)
    status = 201 if new or resolution == "refuse" else 200
    if preferred.get("return") == "representation":
        return json_answer(status, touched, (CONTENT_TYPE, ("Content-Range", "*/*")))
    return Script(status, (("Content-Range", "*/*"),))


def _update(request: Request, table: str, store: Store) -> Script:
    change = asked.body(request)
    if change is None:
        return error(400, "PGRST102", "Empty or invalid json")
    changed = store.update(table, partial(_matches, filters(request)), change)
    span = ("Content-Range", f"0-{len(changed) - 1}/*" if changed else "*/*")
    if preferences(request).get("return") == "representation":
        return json_answer(200, changed, (CONTENT_TYPE, span))
    return Script(204, (span,))


def _select(request: Request, table: str, store: Store) -> Script:
    wanted = filters(request)
    found = [row.values for row in store.rows(table) if _matches(wanted, row.values)]
    span = f"0-{len(found) - 1}/*" if found else "*/*"
    return json_answer(200, found, (CONTENT_TYPE, ("Content-Range", span)))


def preferences(request: Request) -> dict[str, str]:
    """The preferences, from all the Prefer headers there are (RFC 7240)."""
    given = ",".join(value for name, value in request.headers if name.lower() == "prefer")
    pairs = (each.strip().partition("=") for each in given.split(","))
    return {name: value for name, _, value in pairs}


def filters(request: Request) -> dict[str, str | None]:
    """Each column that is filtered with its value as text, None for null. Raises `BadFilter`."""
    found: dict[str, str | None] = {}
    for column, text in asked.query(request).items():
        if column in NOT_FILTERS:
            continue
        operator, _, value = text.partition(".")
        if (operator, value) != ("is", "null") and operator != "eq":
            raise BadFilter(f'"failed to parse filter ({text})"')
        found[column] = value if operator == "eq" else None
    return found


def _matches(wanted: dict[str, str | None], values: Values) -> bool:
    return all(_text(values.get(column)) == value for column, value in wanted.items())


def _text(value: Any) -> str | None:
    """The value as PostgreSQL writes it. Null is no text, so `eq.` never finds it."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _objects(request: Request) -> list[Values] | None:
    """The rows of a body: one object, or a list of them."""
    try:
        found = asked.value(request)
    except ValueError:
        return None
    rows = found if isinstance(found, list) else [found]
    return rows if all(isinstance(row, dict) for row in rows) else None
