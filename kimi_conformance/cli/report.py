"""`report`: pages of a run that is over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kimi_conformance import __version__
from kimi_conformance.cli.output import tell
from kimi_conformance.cli.outputs import output_file, write_file
from kimi_conformance.cli.run_options import HtmlOption
from kimi_conformance.cli.running import requirement_urls
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.reporting.figures import many
from kimi_conformance.reporting.legible import size
from kimi_conformance.reporting.links import VARIABLE
from kimi_conformance.reporting.page.render import page
from kimi_conformance.reporting.templates import need_templates
from kimi_conformance.reporting.write import BadResults, read_results

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import Results

PAGE: Final = Path("report.html")

EXAMPLES: Final = f"""Examples:

\b
  kimi-conformance check ./router.yaml --json results.json
  kimi-conformance report results.json                      report.html, which opens from disk
  kimi-conformance report results.json --html out/run.html

\b
In the browser, `report.html#?area=gate&verdict=fail` is the page with a filter, and `report.html#ID` a requirement or a
case. Requirements are linked where {VARIABLE} says how: https://host/path/{{file}}#{{id}}

\b
Exit codes:
  0    written
  2    results that cannot be read, of another schema or of a newer kimi-conformance; a file that cannot be written
"""


def report(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="What `--json FILE` of a run has written.")],
    *,
    html: HtmlOption = None,
) -> None:
    """Make a page of a run that is over: what does not hold first, both legs of every failing case, and the rest.

    One file, which needs no network and no server, also without JavaScript. `check --html FILE` and
    `verify --html FILE` write the same page at once.
    """
    need_templates()
    known = {name: each for actor in ("api", "router", "adapter") for name, each in requirements(actor).items()}
    found = read_results(results)
    _must_not_be_newer(found, results)
    place = output_file("--html", html or PAGE)
    data = page(found, _named(known), requirement_urls=requirement_urls()).encode()
    write_file("--html", place, data)
    cases = sum(len(each.cases) for each in found.requirements)
    counted = f"{many(len(found.requirements), 'requirement')}, {many(cases, 'case')}"
    tell(f"{html or PAGE}: {counted}, {size(len(data))}")


def _named(known: Mapping[str, Requirement]) -> Mapping[str, Requirement]:
    """`known` under the names, too, that requirements had in older results."""
    return {**{old: each for each in known.values() for old in each.was}, **known}


def _must_not_be_newer(found: Results, path: Path) -> None:
    """Raise `BadResults` where a newer version wrote `found`: it may mean something else by the same words."""
    if _number(found.suite) > _number(__version__):
        raise BadResults(
            f"{path} was written by kimi-conformance {found.suite}, and this is {__version__}: "
            "use that version, or a newer one"
        )


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))
