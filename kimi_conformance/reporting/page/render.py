"""Renders the page. All that it shows is escaped, and made visible where it is not; no script but our own can run."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.evidence import by_strength
from kimi_conformance.reporting.failure import gist
from kimi_conformance.reporting.figures import COLUMNS, about_api, by_area, counts, how_seen, outcome, provenance, shown
from kimi_conformance.reporting.legible import one_line, visible
from kimi_conformance.reporting.links import pieces, requirement_url
from kimi_conformance.reporting.page.sections import lanes, sections, usual
from kimi_conformance.reporting.templates import need_templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import CaseResult, Results

HERE: Final = Path(__file__).parent
TONES: Final = {"CONFORMANT": "pass", "NOT CONFORMANT": "fail", "COULD NOT TELL": "infra", "NOTHING SEEN": "warn"}
LONGEST: Final = 300
"""Of a reason that stands in full elsewhere on the page."""


def page(results: Results, requirements: Mapping[str, Requirement], *, requirement_urls: str = "") -> str:
    """The whole page. `requirement_urls` is a checked template of `links`, or empty.

    The same results make the same page, byte by byte. Raises `NoTemplates`.
    """
    style = (HERE / "report.css").read_text("utf-8")
    script = (HERE / "report.js").read_text("utf-8")
    of_kimi = about_api(results)
    areas = by_area(results)
    return (
        _environment()
        .get_template("report.html")
        .render(
            results=results,
            sections=sections(results, requirements),
            outcome=outcome(results),
            tone=TONES[outcome(results)],
            lines=[*counts(results), by_strength(results) if of_kimi else f"Upstreams: {provenance(results)}"],
            areas=areas,
            every=sum((area.cases for area in areas), Counter[Verdict]()),
            columns=[(verdict, COLUMNS[verdict]) for verdict in shown(results)],
            usual=usual(results),
            url_of=lambda requirement: requirement_url(requirement_urls, requirement) if requirement_urls else "",
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )


def _environment() -> Environment:
    need_templates()
    import jinja2  # noqa: PLC0415 - only pages need it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"gist": gist, "how": how_seen, "lanes": lanes}
    environment.filters |= {"pieces": pieces, "short": _short, "why": _why}
    return environment


def _shown(value: Any) -> Any:
    """What a template prints: texts with what cannot be seen made visible, what is markup already as it is."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _why(case: CaseResult) -> str:
    """Why a case came to its verdict; what was seen stands below, with its finding."""
    said = gist(case.findings[0]) if case.findings else ""
    return visible(said if said and case.message in (case.findings[0].message, "") else case.message or said)


def _short(text: str) -> str:
    return one_line(text, LONGEST)


def _hash(text: str) -> str:
    """As a content security policy names a text: no other style or script is heeded, whatever found its way in."""
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
