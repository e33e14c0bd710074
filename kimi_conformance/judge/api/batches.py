"""/v1/batches: lists of them, and each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.judge.api.fitting import misfits
from kimi_conformance.judge.api.law import Contract, law

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.judge.check import Flaw


@law("api.batches.list-shape", "batches")
def list_shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """The list of batches has the shape of one."""
    yield from misfits(s, c, "batches")


@law("api.batches.shape", "batch")
def shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """A batch has the shape of one."""
    yield from misfits(s, c, "batch")
