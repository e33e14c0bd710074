"""xdist's workers: each group of cases goes to one of them, which plays it in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped] # xdist ships no types

from kimi_conformance.plugin.session import TEST, groups_for, plan_of
from kimi_conformance.plugin.subject import case_in

if TYPE_CHECKING:
    import pytest


class ByGroup(LoadGroupScheduling):  # type: ignore[misc] # the same
    """`--dist loadgroup`, told the groups of our cases by us.

    The mark `xdist_group` does not do: xdist 3.8 hands it on in the ids of items, which pytest 9.2 does not let it
    change. Each worker then played all groups, and nobody noticed but by the time it took.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self._groups = groups_for(config, plan_of(config), self.numnodes)

    def _split_scope(self, nodeid: str) -> str:
        """The scope of an item: all items of one scope go to one worker."""
        group = self._groups.get(case_in(nodeid, TEST))
        return str(super()._split_scope(nodeid)) if group is None else f"kimi-conformance-{group}"
