"""Models: the router's own list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.contract.trip import ABSENT, Ask, Named
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.matrix import Matrix

LISTING = Ask(Named("model-absent", ABSENT), listing=True)


@cases_of("router.models.lists-registered-models")
def lists_registered_models(_m: Matrix) -> Iterator[Case]:
    """The list, once."""
    yield case(LISTING)


@cases_of("router.models.shape")
def shape(_m: Matrix) -> Iterator[Case]:
    """The list, once."""
    yield case(LISTING)
