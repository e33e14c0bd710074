"""What a fault is: one deliberate defect of a router, which the suite must notice."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.reference import Steps

    Apply = Callable[[Steps], Steps]

Defect = TypeVar("Defect")


@dataclass(frozen=True, slots=True)
class Fault:
    """A defect: `apply` replaces one step of the reference router; what state it keeps, it keeps per application.

    `kills` are the requirements that are certain to notice; others may. `warns`: they warn, and do not fail.
    `ends_process`: the router dies of it, which only a router in a process of its own may. `profile` is the bundled
    profile in whose setting the router has the defect.
    """

    id: str
    says: str
    kills: tuple[str, ...]
    apply: Apply
    warns: bool = False
    ends_process: bool = False
    profile: str = "reference-asgi"


def fault(
    id_: str,
    how: Callable[[Defect], Apply],
    *kills: str,
    warns: bool = False,
    ends_process: bool = False,
    profile: str = "reference-asgi",
) -> Callable[[Defect], Fault]:
    """Declares a function as the defect of a fault, and its docstring as what the fault says.

    `how` knows which step the function replaces, and how.
    """

    def declare(defect: Defect) -> Fault:
        return Fault(id_, inspect.getdoc(defect) or "", kills, how(defect), warns, ends_process, profile)

    return declare


def itself(apply: Apply) -> Apply:
    """The function replaces the step by itself: the plainest `how`."""
    return apply
