"""Which cases a run is about: what `--only` and `--shard` name, and what `--list` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from kimi_conformance.cli.output import show
from kimi_conformance.registry.problems import nearest
from kimi_conformance.reporting.listing import print_list
from kimi_conformance.router.selection import selection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.router.selection import CaseLike, PlanLike
    from kimi_conformance.router.shard import Shard


def chosen(
    plan: PlanLike, globs: Sequence[str], shard: Shard | None, *, of: str, again: str
) -> tuple[Sequence[Any], Mapping[str, str]]:
    """The cases and idle requirements of a run. `of` names what is tested, `again` is the command without options.

    Raises `typer.BadParameter` for a glob that names nothing, and for a shard that is empty.
    """
    for glob in globs:
        if not any(plan.select([glob])):
            near = nearest(glob, [*plan.requirements, *plan.cases])
            hint = f"did you mean '{near}'?" if near else f"`{again} --list` lists them all"
            raise typer.BadParameter(f"'{glob}' names no requirement or case of {of}; {hint}", param_hint="--only")
    cases, idle = selection(plan, globs, shard)
    if shard and not cases and not idle:
        parts = sum(map(len, selection(plan, globs)))
        what = f"part {shard.index} of {shard.count} is empty: there is no more than {parts} to share out"
        raise typer.BadParameter(what, param_hint="--shard")
    return cases, idle


def print_chosen(requirements: Mapping[str, Requirement], cases: Sequence[CaseLike], idle: Mapping[str, str]) -> None:
    """Print the requirements with their cases."""
    ids: dict[str, list[str]] = {name: [] for name in requirements}
    for case in cases:
        ids[case.requirement].append(case.id)
    shown = {name: found for name, found in ids.items() if found or name in idle}
    show(lambda console: print_list(shown, requirements, console))
