"""The reference router with its ledger in PostgreSQL: a row is written by psycopg, in one of several forms."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import psycopg

from kimi_conformance.reference import STEPS, Steps, config_from_env, create

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.reference.asgi import App
    from kimi_conformance.reference.call import Call, Refusal, Routed
    from kimi_conformance.reference.config import Config, Ledger

TABLE: Final = """
CREATE TABLE tool_calls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    trace_id text NOT NULL,
    agent_id text,
    model text,
    status integer,
    tier text,
    attempts smallint,
    meta jsonb
)
"""

INSERT: Final = """
INSERT INTO tool_calls (trace_id, agent_id, model, status, tier, attempts, meta)
VALUES (%(trace_id)s, %(agent_id)s, %(model)s, %(status)s, %(tier)s, %(attempts)s,
        jsonb_build_object('trace', %(trace_id)s::text))
"""
BEGIN: Final = "INSERT INTO tool_calls (trace_id) VALUES (%s)"
COMPLETE: Final = """
UPDATE tool_calls
SET agent_id = %(agent_id)s, model = %(model)s, status = %(status)s, tier = %(tier)s, attempts = %(attempts)s
WHERE trace_id = %(trace_id)s
"""


def app() -> App:
    """A router that writes in the form that LEDGER_FORM names."""
    return create(config_from_env(), FORMS[os.environ.get("LEDGER_FORM", "inserted")](STEPS))


def inserted(steps: Steps) -> Steps:
    """One row, when the call is over."""
    return replace(steps, insert=_insert)


def inserted_twice(steps: Steps) -> Steps:
    """Two rows for each call."""

    async def insert(ledger: Ledger, row: Mapping[str, Any]) -> None:
        await _insert(ledger, row)
        await _insert(ledger, row)

    return replace(steps, insert=insert)


def begun(steps: Steps) -> Steps:
    """A row with the trace id alone when the call begins, which is completed when it is over."""

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        decision = await steps.gate(config, call)
        if hasattr(decision, "route"):
            await _execute(BEGIN, (call.trace,))
        return decision

    async def insert(_: Ledger, row: Mapping[str, Any]) -> None:
        await _execute(COMPLETE, row)

    return replace(steps, gate=gate, insert=insert)


def untrue(steps: Steps) -> Steps:
    """Every row tells of a success at the first attempt."""

    async def insert(ledger: Ledger, row: Mapping[str, Any]) -> None:
        await _insert(ledger, {**row, "status": 200, "attempts": 1})

    return replace(steps, insert=insert)


FORMS: Final = {"inserted": inserted, "inserted-twice": inserted_twice, "begun": begun, "untrue": untrue}


async def _insert(_: Ledger, row: Mapping[str, Any]) -> None:
    await _execute(INSERT, row)


async def _execute(statement: str, values: Any) -> None:
    await asyncio.to_thread(_executed, statement, values)


def _executed(statement: str, values: Any) -> None:
    with psycopg.connect(os.environ["LEDGER_DSN"]) as connection:
        connection.execute(statement, values)
