"""Checks: pure judge functions, each registered under the ids of the requirements that it decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from kimi_conformance.contract.trip import Play
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.oracle import World


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a check found. `verdict` is `fail` unless the check knows better (`warn`, `not-observed`)."""

    expected: str
    actual: str
    where: str
    message: str
    verdict: Verdict = Verdict.FAIL


ONCE: Final = "router.request.one-request-per-request"
"""The requirement that forbids calls that nobody asked for."""

Check = Callable[[Play, World], Iterable[Flaw]]

CHECKS: dict[str, Check] = {}
"""Requirement id -> its check."""

OneSided = Literal["tells", "fails"]
"""What the client's side alone can show of a requirement, where nobody saw the upstreams.

`tells`: that it holds, and that it does not; its sentence is about what the client gets. `fails`: at most that it does
not hold; its sentence is also about what an upstream got or sent, so that a case in which nothing is amiss is not
observed, never a pass. Of every other requirement the client's side shows nothing, and none of its cases is played.
"""


@dataclass(frozen=True, slots=True)
class Alone:
    """What is checked of a requirement where the client's side alone is seen."""

    says: OneSided
    check: Check


ONE_SIDED: dict[str, Alone] = {}
"""The requirements of which the client's side alone shows something."""

UNSEEN: Final = "nothing is amiss at the client; that it holds would take the upstream's side, which nobody saw"


def check(*requirements: str, one_sided: OneSided | None = None) -> Callable[[Check], Check]:
    """Register a function as the check of `requirements`. Raises `ValueError` where one has a check already.

    `one_sided`: what it says where nobody saw the upstreams; where another function does, that is `client_alone`.
    """

    def register(function: Check) -> Check:
        for requirement in requirements:
            if requirement in CHECKS:
                raise ValueError(f"{requirement} has two checks")
            CHECKS[requirement] = function
            if one_sided:
                ONE_SIDED[requirement] = Alone(one_sided, function)
        return function

    return register


def client_alone(*requirements: str, says: OneSided) -> Callable[[Check], Check]:
    """Register what is checked of `requirements` where nobody saw the upstreams. Raises `ValueError` for a second."""

    def register(function: Check) -> Check:
        for requirement in requirements:
            if requirement in ONE_SIDED:
                raise ValueError(f"{requirement} has two checks of the client's side alone")
            ONE_SIDED[requirement] = Alone(says, function)
        return function

    return register
