"""What the reference page is made of, gathered once for all tests of a worker: it takes a second."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kimi_conformance.reporting.api_page.build import build
from kimi_conformance.reporting.api_page.gather import gather

if TYPE_CHECKING:
    from kimi_conformance.reporting.api_page.build import Sources
    from kimi_conformance.reporting.api_page.view import Titled


@cache
def sources() -> Sources:
    """The contracts, and what every case comes to on tape; no live run."""
    return gather({})


@cache
def sections() -> tuple[Titled, ...]:
    """The sections of the page."""
    return build(sources())
