"""Whether a whole JSON answer has its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.judge.api.places import answered
from kimi_conformance.judge.api.sight import NO_JSON
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.schema import Shape
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight


def misfits(s: Sight, c: Contract, shape: Shape) -> Iterator[Flaw]:
    """Each place where the answer has not this shape."""
    if s.body is NO_JSON:
        yield Flaw("a JSON object", answered(s), "response body", "the answer is no JSON")
        return
    for error in c.schemas.errors(shape, s.body):
        yield Flaw(error.expected, error.actual, f"response {error.at}", error.message)
