"""Routing cases as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Ask

Axis = Literal["agent", "model", "surface", "stream"]
AXES: tuple[Axis, ...] = ("agent", "model", "surface", "stream")


@dataclass(frozen=True, slots=True)
class Case:
    """A requirement applied to one point of the matrix.

    `asks` are played one after another, or `together`. `disturbs`: it may leave state behind in the router (an error,
    a cooldown, a crash). `alone`: its mark may be lost on the way, so it must own whatever arrives while it is played.
    `fresh`: it needs a router that has seen nothing yet.
    """

    requirement: str
    axes: tuple[tuple[str, str], ...]
    asks: tuple[Ask, ...]
    together: bool = False
    disturbs: bool = False
    alone: bool = False
    fresh: bool = False

    @property
    def apart(self) -> bool:
        """Whether it is played after all that may be played side by side."""
        return self.disturbs or self.alone or self.fresh

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
    )
