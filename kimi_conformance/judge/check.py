"""Checks: pure judge functions, each registered under the ids of the requirements that it decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

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

ONE_SIDED: set[str] = set()
"""The requirements of which the client's side alone shows something."""


def check(*requirements: str, one_sided: bool = False) -> Callable[[Check], Check]:
    """Register a function as the check of `requirements`. Raises `ValueError` where one has a check already.

    `one_sided`: it also has something to say where nobody saw the upstreams.
    """

    def register(function: Check) -> Check:
        for requirement in requirements:
            if requirement in CHECKS:
                raise ValueError(f"{requirement} has two checks")
            CHECKS[requirement] = function
            if one_sided:
                ONE_SIDED.add(requirement)
        return function

    return register
