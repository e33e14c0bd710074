"""The OpenAPI document of today, made once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kimi_conformance.reporting.api_page.gather import gather
from kimi_conformance.reporting.openapi.document import openapi
from kimi_conformance.reporting.openapi.gather import material as gathered
from suites.selftest.openapi_reading import Reader

if TYPE_CHECKING:
    from kimi_conformance.reporting.api_page.build import Sources
    from kimi_conformance.reporting.openapi.material import Material


@cache
def sources() -> Sources:
    """What the reference page is made of."""
    return gather({})


@cache
def material() -> Material:
    """What the document is made of."""
    return gathered(sources())


@cache
def reader() -> Reader:
    """The document, to be read."""
    return Reader(openapi(material()))


def path_of(url: str) -> str:
    """The path of a URL, without its query."""
    return "/" + url.split("/", 3)[3].partition("?")[0]
