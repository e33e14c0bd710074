"""Allure's page made fit to be passed on: it calls nobody, and finds its own data also where the machine is slow."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

ANALYTICS: Final = re.compile(
    r"<script[^>]*googletagmanager[^>]*></script>\s*|<script>\s*window\.dataLayer.*?</script>\s*", re.DOTALL
)
"""Google Analytics, which Allure 3 puts into every page and has no option to leave out (allure3#476)."""

FIRST: Final = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src data: blob: 'unsafe-inline' 'unsafe-eval'\">"
    "<script>window.allureReportDataReady = false; window.allureReportData = {};</script>"
)
"""Stands before all else. Nothing is loaded from elsewhere, whatever an answer under test has smuggled in; and Allure's
script, which comes before its data, knows that there will be some: else it asks the disk for them, in vain, whenever
the browser takes a rest between the two."""

LOADING: Final = ("src", "srcset", "poster", "data", "action", "formaction")
ELSEWHERE: Final = re.compile(r"\s*(https?:)?//", re.IGNORECASE)


class NotFit(Exception):
    """A page of Allure's that cannot be made to call nobody. Says what is in it."""


def fit(html: str) -> str:
    """The page that Allure made, without what calls others. Raises `NotFit`."""
    head = html.find("<head>")
    if head < 0 or "allureReportData" not in html:
        raise NotFit("what Allure wrote is no page of the kind that this version knows")
    at = head + len("<head>")
    found = ANALYTICS.sub("", html[:at] + FIRST + html[at:])
    reader = _Loading()
    reader.feed(found)
    reader.close()
    if reader.urls or "googletagmanager" in found:
        raise NotFit(f"Allure's page loads {', '.join(sorted(reader.urls)) or 'Google Analytics'}")
    return found


class _Loading(HTMLParser):
    """Gathers the addresses elsewhere that a page would load by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """As in HTMLParser."""
        for name, value in attrs:
            if (name in LOADING or (name == "href" and tag != "a")) and value and ELSEWHERE.match(value):
                self.urls.add(value)
