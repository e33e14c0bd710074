"""Caching: a prompt that comes again costs less, and the usage says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.judge.api.chat import ANSWER
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import count, usages
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight


def _hits(s: Sight) -> list[tuple[str, int]]:
    found = [(at, count(used, "cached_tokens")) for at, used in usages(s)]
    return [(at, hit) for at, hit in found if hit is not None]


@law("api.caching.implicit-hit", *ANSWER, when=lambda s, _c: bool(_hits(s)))
def implicit_hit(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A counter of the cache counts something. Without one it may have been the first time."""
    for at, hit in _hits(s):
        if hit <= 0:
            yield Flaw("more than 0", str(hit), f"{at}/cached_tokens", "nothing came from the cache")
