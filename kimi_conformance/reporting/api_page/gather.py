"""Gathers what the page is made of: the contracts, and what every case comes to on tape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.plan import make_plan
from kimi_conformance.api.tried import tried_on_tape
from kimi_conformance.cassette.shelf import newest_day
from kimi_conformance.registry.contracts import catalogue, claims, endpoints, facts, request_schemas, wire_schemas
from kimi_conformance.registry.pages import api_page, errors
from kimi_conformance.reporting.api_page.bodies_seen import bodies_seen
from kimi_conformance.reporting.api_page.build import Sources
from kimi_conformance.reporting.api_page.known import known
from kimi_conformance.reporting.api_page.member_tables import Members
from kimi_conformance.reporting.api_page.members import Shapes
from kimi_conformance.reporting.api_page.ties import Ties

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.contract.held import Held


def gather(held: Mapping[str, Held], shelf: Path | None = None) -> Sources:
    """The sources of the page. Its day is that of the newest tape, so that it does not change overnight.

    Raises `ContractError` and `BadCassette`.
    """
    on = newest_day(shelf)
    plan = make_plan(on)
    trials = tried_on_tape(plan, shelf)
    ties = Ties(known(plan.requirements, trials, held), {fact.id: fact for fact in facts().facts}, catalogue())
    shapes = Shapes({**wire_schemas().documents, **request_schemas().documents})
    members = Members(ties, shapes, bodies_seen(trials, shapes, endpoints()), endpoints())
    return Sources(api_page(), errors(), claims(), ties, members, on, shelf)
