"""`explain`: what a profile promises, as a table, and with `--observe` what its router really does."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kimi_conformance.cli.installed import must_be_installed
from kimi_conformance.cli.output import show
from kimi_conformance.cli.run_options import DateOption, ProfileArgument
from kimi_conformance.cli.table import columns
from kimi_conformance.contract.trip import ABSENT, Ask
from kimi_conformance.matrix import Matrix
from kimi_conformance.oracle import Refused
from kimi_conformance.registry.contracts import bodies, spellings
from kimi_conformance.registry.profiles import REFERENCE, load_profile
from kimi_conformance.router.plan import Plan, make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from kimi_conformance.contract.trip import Named
    from kimi_conformance.router.case import Case


EXAMPLES: Final = """Examples:

\b
  kimi-conformance explain ./router.yaml            where each request must go
  kimi-conformance explain ./router.yaml --observe  where each known model really goes
"""

PLAIN: Final = re.compile(r"[!-~]+")
"""Names that show as they are; blanks, look-alikes and what is no string are quoted."""


def explain(
    profile: ProfileArgument = REFERENCE,
    *,
    observe: Annotated[
        bool, typer.Option("--observe", help="Start the router, send it every id of models.yaml, show what it does.")
    ] = False,
    on: DateOption = None,
) -> None:
    """Print where each request must go, and how many cases that makes.

    With --observe the router is started and asked for every known model: model, observed route, marking headers, tier.
    """
    loaded = load_profile(profile, live=not observe)  # what is never asked needs no values
    plan = make_plan(loaded, on or datetime.now(UTC).date())
    if observe:
        must_be_installed(loaded, profile)
        _observe(plan)
        return
    show(lambda console: _decisions(plan, console), lambda console: _arithmetic(plan, console), wide=True)


def _decisions(plan: Plan, console: Console) -> None:
    """A row for each agent and name: where it goes, and as what."""
    matrix = Matrix(plan.world, spellings(), bodies())
    groups = (
        (matrix.plan_agents, matrix.models("claude")[:1] + matrix.models("claude-cased")[:1]),
        (matrix.agents("other"), matrix.models("claude")[:1]),
        (
            matrix.ordinary_agents,
            matrix.registered
            + matrix.models("claude-lookalike")[:1]
            + matrix.unregistered("unregistered")[:1]
            + matrix.models("missing")
            + matrix.models("non-string")[:1],
        ),
    )
    table = columns("agent", "model", "route", "tier", "the upstream sees", "surfaces")
    for agents, models in groups:
        for agent in agents:
            for model in models:
                table.add_row(*_row(plan, agent, model))
    console.print(f"{plan.world.profile.name}: where each request must go\n", style="bold")
    console.print(table)


def _row(plan: Plan, agent: Named, model: Named) -> Iterator[str]:
    profile = plan.world.profile
    expected = plan.world.expect(Ask(model, agent=agent))
    yield from (_spelled(agent), _spelled(model))
    if isinstance(expected, Refused):
        yield from ("refused: 4xx", "", "nothing", " ".join(profile.client_surfaces))
        return
    served = [surface for surface in profile.client_surfaces if profile.serves(expected.route, surface)]
    seen = "as sent" if expected.model == model.value else json.dumps(expected.model)
    yield from (expected.route, expected.tier or "", seen, " ".join(served))


def _arithmetic(plan: Plan, console: Console) -> None:
    """How many cases each requirement has, and of which axes."""
    cases: dict[str, list[Case]] = {name: [] for name in plan.requirements}
    for case in plan.cases.values():
        cases[case.requirement].append(case)
    table = columns("cases", "requirement", "of")
    for name, found in cases.items():
        table.add_row(str(len(found)), name, plan.idle.get(name) or _axes(found))
    console.print()
    console.print(table)
    requests = sum(len(case.asks) for case in plan.cases.values())
    played = len(cases) - len(plan.idle)
    console.print(f"\n{len(plan.cases)} cases of {played} requirements, {requests} requests", style="bold")
    console.print("A product is larger than the count where a route does not serve a surface.", style="dim")


def _axes(cases: Sequence[Case]) -> str:
    """`2 agent x 4 model x 2 stream`: how many values each axis has among `cases`."""
    values: dict[str, set[str]] = {}
    for case in cases:
        for axis, value in case.axes:
            values.setdefault(axis, set()).add(value)
    return " x ".join(f"{len(found)} {axis}" for axis, found in values.items()) or "1"


def _spelled(named: Named) -> str:
    if named.value is ABSENT:
        return "(none)"
    plain = isinstance(named.value, str) and PLAIN.fullmatch(named.value)
    return str(named.value) if plain else json.dumps(named.value)


def _observe(plan: Plan) -> None:
    from kimi_conformance.cli.observe import observe  # noqa: PLC0415 - it brings in all that plays, for this option only

    table = observe(plan)
    title = f"{plan.world.profile.name}: what it does with every known model, asked for by no agent\n"
    show(lambda console: console.print(title, style="bold"), lambda console: console.print(table), wide=True)
