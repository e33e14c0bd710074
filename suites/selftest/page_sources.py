"""What the reference page is made of, gathered once for all tests of a worker: it takes a second."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kimi_conformance.api.verification import read_verification
from kimi_conformance.registry.home import data_root
from kimi_conformance.reporting.api_page.build import build
from kimi_conformance.reporting.api_page.gather import gather

if TYPE_CHECKING:
    from kimi_conformance.reporting.api_page.build import Sources
    from kimi_conformance.reporting.api_page.view import Titled


@cache
def sources() -> Sources:
    """The contracts, what every case comes to on tape, and the days of live runs, where the project has any."""
    return gather(read_verification(data_root() / "reports" / "verification.json"))


@cache
def sections() -> tuple[Titled, ...]:
    """The sections of the page."""
    return build(sources())
