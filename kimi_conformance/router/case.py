"""Routing cases as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kimi_conformance.contract.scene import REFUSED

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Ask

Axis = Literal["agent", "model", "surface", "stream"]
AXES: tuple[Axis, ...] = ("agent", "model", "surface", "stream")


@dataclass(frozen=True, slots=True)
class Case:
    """A requirement applied to one point of the matrix.

    `asks` are played one after another, or `together`. `disturbs`: it may leave state behind in the router (an error,
    a cooldown, a crash). `alone`: its mark may be lost on the way, so it must own whatever arrives while it is played.
    `fresh`: it needs a router that has seen nothing yet. `timed`: it measures time, which a busy machine spoils.
    """

    requirement: str
    axes: tuple[tuple[str, str], ...]
    asks: tuple[Ask, ...]
    together: bool = False
    disturbs: bool = False
    alone: bool = False
    fresh: bool = False
    timed: bool = False

    @property
    def lone(self) -> bool:
        """Whether nothing else may be asked of its router while it is played.

        Where nobody listens at an upstream, every other case that needs that upstream would stand accused.
        """
        scenes = [ask.scene for ask in self.asks]
        silent = any(REFUSED in (*scene.acts, scene.others, scene.ledger, scene.webhook) for scene in scenes)
        return self.alone or silent

    @property
    def apart(self) -> bool:
        """Whether a router that keeps a state must be asked nothing else meanwhile."""
        return self.disturbs or self.lone or self.fresh

    @property
    def id(self) -> str:
        """`requirement@axis=value@axis=value`, glob-safe and public."""
        return "".join([self.requirement, *(f"@{axis}={value}" for axis, value in self.axes)])


def case(
    *asks: Ask,
    before: Ask | None = None,
    vary: str = "",
    together: bool = False,
    disturbs: bool = False,
    alone: bool = False,
    fresh: bool = False,
    timed: bool = False,
    **own: str,
) -> Case:
    """A case whose id names the axes in `vary` as its first ask has them, then its `own`.

    `before` is asked first: the accepted twin of a request that must be refused.
    """
    values = {
        "agent": asks[0].agent.slug,
        "model": asks[0].model.slug,
        "surface": asks[0].surface,
        "stream": "yes" if asks[0].stream else "no",
    }
    varied = vary.split()
    axes = (*((axis, values[axis]) for axis in AXES if axis in varied), *own.items())
    return Case(
        "",
        axes,
        asks if before is None else (before, *asks),
        together=together,
        disturbs=disturbs,
        alone=alone,
        fresh=fresh,
        timed=timed,
    )
