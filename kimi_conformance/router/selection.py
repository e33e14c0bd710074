"""What of a plan is played: by the globs that name it, and by the shard that it falls into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.router.shard import Shard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kimi_conformance.router.case import Case
    from kimi_conformance.router.plan import Plan


def selection(plan: Plan, only: Sequence[str], shard: Shard | None = None) -> tuple[Sequence[Case], Mapping[str, str]]:
    """The cases and the idle requirements that `only` names (all, where it is empty) and that are in `shard`."""
    cases, idle = plan.select(only)
    mine = (shard or Shard(1, 1)).of([case.id for case in cases] + list(idle))
    return [case for case in cases if case.id in mine], {name: why for name, why in idle.items() if name in mine}
