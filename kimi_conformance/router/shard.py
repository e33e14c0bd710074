"""Shards: parts of a run's cases that are played elsewhere, and the groups that go to one worker each."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kimi_conformance.router.case import Case
    from kimi_conformance.router.plan import Known


@dataclass(frozen=True, slots=True)
class Shard:
    """The `index`-th (from 1) of `count` parts."""

    index: int
    count: int

    def of(self, names: Sequence[str]) -> frozenset[str]:
        """The names that fall into this part: every `count`-th of them."""
        return frozenset(names[self.index - 1 :: self.count])


def parse_shard(text: str) -> Shard:
    """`2/5` as a shard. Raises `ArgumentTypeError`."""
    index, slash, count = text.partition("/")
    if not (slash and index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise ArgumentTypeError(f"{text!r} is no shard: it takes I/N with 1 <= I <= N, such as 2/5")
    return Shard(int(index), int(count))


def groups(cases: Iterable[Case], known: Iterable[Known], count: int) -> Mapping[str, int]:
    """A group (0 to `count` - 1) for every case, evenly, but the cases of one known failing together.

    Whether such an entry is stale can only be told where all its cases are played; entries that share a case stay
    together for the same reason.
    """
    clusters: list[set[str]] = []
    for entry in known:
        linked = [cluster for cluster in clusters if cluster & entry.cases]
        clusters = [cluster for cluster in clusters if cluster not in linked]
        clusters.append(set(entry.cases).union(*linked))
    together = {case: number % count for number, cluster in enumerate(clusters) for case in cluster}
    return {case.id: together.get(case.id, index % count) for index, case in enumerate(cases)}
