"""`report`: pages of a run that is over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kimi_conformance import __version__
from kimi_conformance.cli.allure_history import RUNS
from kimi_conformance.cli.allure_npm import NODE
from kimi_conformance.cli.allure_page import write_allure_page
from kimi_conformance.cli.output import tell
from kimi_conformance.cli.outputs import output_file
from kimi_conformance.cli.run_options import AllureOption, HtmlOption
from kimi_conformance.cli.running import outputs_of, write_pages
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.reporting.figures import many
from kimi_conformance.reporting.legible import size
from kimi_conformance.reporting.links import VARIABLE
from kimi_conformance.reporting.write import BadResults, read_results

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import Results

ACTORS: Final = ("api", "router", "adapter")
PAGE: Final = Path("report.html")

EXAMPLES: Final = f"""Examples:

\b
  kimi-conformance check ./router.yaml --json results.json
  kimi-conformance report results.json                             report.html, opens from disk
  kimi-conformance report results.json --html out/run.html
  kimi-conformance report results.json --allure-html allure.html   Allure's page, by Node.js {NODE}
  kimi-conformance report results.json --allure-html allure.html --history h.jsonl --new-history
  kimi-conformance report results.json --allure allure-results     Allure's results

\b
In the browser, `report.html#?area=gate&verdict=fail` is the page with a filter, `report.html#ID`
a requirement or a case. Requirements are linked where the variable {VARIABLE} says
how: https://host/path/{{file}}#{{id}}

\b
Exit codes:
  0    written
  2    results or a history that cannot be read, or are of another schema or a newer version;
       a file that cannot be written; no Node.js for Allure's page
  3    Allure, or npm, did not do its work
"""


def report(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="What `--json FILE` of a run has written.")],
    *,
    html: HtmlOption = None,
    allure: AllureOption = None,
    allure_html: Annotated[
        Path | None, typer.Option("--allure-html", metavar="FILE", help="Have Allure make its page: one file, too.")
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option("--history", metavar="FILE", help=f"The runs before, for Allure's page; {RUNS} are kept in it."),
    ] = None,
    new_history: Annotated[bool, typer.Option("--new-history", help="Begin the history: there is none yet.")] = False,
) -> None:
    """Make a page of a run that is over: what does not hold first, both legs of every failing case, and the rest.

    One file, which needs no network and no server, also without JavaScript. `check --html FILE` and
    `verify --html FILE` write the same page at once.

    --allure-html has npm's `allure` make its own page of the same: the one that is installed, else a pinned one by npx.
    What that page would load from elsewhere is taken out of it.
    """
    if history and not allure_html:
        raise typer.BadParameter("it goes with --allure-html", param_hint="--history")
    if new_history and not history:
        raise typer.BadParameter("it goes with --history FILE", param_hint="--new-history")
    html = html if html or allure or allure_html else PAGE
    outputs = outputs_of(None, None, html=html, allure=allure)
    page_file = output_file("--allure-html", allure_html) if allure_html else None
    history_file = output_file("--history", history) if history else None
    found = read_results(results)
    _must_not_be_newer(found, results)
    known = _named({name: each for actor in ACTORS for name, each in requirements(actor).items()})
    write_pages(found, known, outputs)
    if page_file:
        write_allure_page(
            page_file,
            found,
            known,
            template=outputs.requirement_urls,
            history=history_file,
            new_history=new_history,
        )
    cases = many(sum(len(each.cases) for each in found.requirements), "case")
    for written in filter(None, (html, allure, allure_html)):
        tell(f"{written}: {cases}{_size(written)}")


def _size(path: Path) -> str:
    return f", {size(path.stat().st_size)}" if path.is_file() else ""


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
