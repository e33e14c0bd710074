"""What a router really does with every known model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.cli.table import columns
from kimi_conformance.contract.catalogue import state
from kimi_conformance.contract.trip import NO_AGENT, Ask
from kimi_conformance.judge.destination import routes_of, tiers_of
from kimi_conformance.matrix import Matrix
from kimi_conformance.oracle import sent_name
from kimi_conformance.registry.contracts import bodies, spellings
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.install import tools_folder
from kimi_conformance.router.run import Run
from kimi_conformance.upstream.server import PortTaken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.router.plan import Plan


def observe(plan: Plan) -> Table:
    """A row for every id of the catalogue: what the router of `plan` does with it.

    Raises `CannotStart`.
    """
    run = Run(plan, tools=tools_folder(plan.loaded.profile))
    try:
        try:
            run.open()
        except PortTaken as error:
            raise CannotStart(str(error)) from error
        table = columns("model", "state", "sent as", "answer", "observed route", "marking headers", "tier")
        profile = run.bench.profile
        for model in plan.world.catalogue.models.values():
            matrix = Matrix(plan.world, spellings(), bodies())
            trip = run.trip(Ask(matrix.model(model.id), surface=profile.client_surfaces[0], agent=NO_AGENT))
            status = state(model, "platform", plan.world.on).value
            table.add_row(model.id, status, sent_name(profile, model.id), *_observed(trip, run))
        return table
    finally:
        run.close()


def _observed(trip: Trip, run: Run) -> Iterator[str]:
    profile = run.bench.profile
    yield str(trip.client.status or trip.client.error)
    if trip.decision:
        yield from (trip.decision.route or f"refused: {trip.decision.refusal}", "", trip.decision.tier or "")
        return
    marking = {name.lower() for route in profile.routes.values() for name in route.headers}
    marks = [
        f"{name}: {value}"
        for arrival in trip.arrivals
        for name, value in arrival.exchange.request.headers
        if name.lower() in marking
    ]
    routes = [" or ".join(sorted(routes_of(arrival, profile))) or "none of the profile's" for arrival in trip.arrivals]
    yield " + ".join(routes) or "no upstream called"
    yield ", ".join(marks)
    yield ", ".join(str(tier) for _, tier in tiers_of(trip, profile))
