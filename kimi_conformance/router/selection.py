"""What of a plan is played: by the globs that name it, and by the shard that it falls into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from kimi_conformance.router.shard import Shard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kimi_conformance.contract.requirement import Requirement


class CaseLike(Protocol):
    """A case, of a router or of the API."""

    @property
    def id(self) -> str:
        """Its public id."""

    @property
    def requirement(self) -> str:
        """The id of its requirement."""


class PlanLike(Protocol):
    """A plan, of a router or of the API."""

    @property
    def requirements(self) -> Mapping[str, Requirement]:
        """All requirements by id."""

    @property
    def cases(self) -> Mapping[str, Any]:
        """All cases by id."""

    def select(self, only: Sequence[str]) -> tuple[Sequence[Any], Mapping[str, str]]:
        """The cases and the idle requirements that `only` names."""


def selection(
    plan: PlanLike, only: Sequence[str], shard: Shard | None = None
) -> tuple[Sequence[Any], Mapping[str, str]]:
    """The cases and the idle requirements that `only` names (all, where it is empty) and that are in `shard`."""
    cases, idle = plan.select(only)
    mine = (shard or Shard(1, 1)).of(names_of(cases, idle))
    return [case for case in cases if case.id in mine], {name: why for name, why in idle.items() if name in mine}


def names_of(cases: Sequence[CaseLike], idle: Mapping[str, str]) -> list[str]:
    """The names that shards share out, in order."""
    return [*(case.id for case in cases), *idle]
