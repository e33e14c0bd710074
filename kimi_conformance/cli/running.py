"""A run of a suite in a child of its own: what it writes, and how what came of it is told."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kimi_conformance.cli.executor import executor
from kimi_conformance.cli.output import discard, show
from kimi_conformance.cli.outputs import clear_allure, output_file, output_folder, write_file
from kimi_conformance.cli.pytest_child import RESULTS, PytestRefused, run_pytest
from kimi_conformance.cli.surroundings import Interrupted
from kimi_conformance.reporting.allure import write_allure
from kimi_conformance.reporting.console import print_summary
from kimi_conformance.reporting.legible import visible
from kimi_conformance.reporting.links import VARIABLE, checked
from kimi_conformance.reporting.page.render import page
from kimi_conformance.reporting.templates import need_templates
from kimi_conformance.reporting.write import CannotWrite, read_results, write_results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import Results


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a run writes: absolute paths. `json` is `-` for standard output."""

    json: str | None = None
    junit: Path | None = None
    html: Path | None = None
    allure: Path | None = None
    keep: Path | None = None
    requirement_urls: str = ""


def outputs_of(
    json: str | None,
    junit: Path | None,
    *,
    html: Path | None = None,
    allure: Path | None = None,
    keep: Path | None = None,
) -> Outputs:
    """What the options ask for, looked at before the run begins. Raises `CannotWrite`, `NoTemplates`, `BadTemplate`."""
    if html:
        need_templates()
    return Outputs(
        str(output_file("--json", Path(json))) if json and json != "-" else json,
        output_file("--junit", junit) if junit else None,
        output_file("--html", html) if html else None,
        output_folder("--allure", allure) if allure else None,
        output_folder("--keep", keep) if keep else None,
        requirement_urls(),
    )


def requirement_urls() -> str:
    """The template for the addresses of requirements, where the environment has one. Raises `BadTemplate`."""
    given = os.environ.get(VARIABLE, "")
    return checked(given) if given else ""


def run(
    suite: Path,
    options: Sequence[str],
    outputs: Outputs,
    requirements: Mapping[str, Requirement],
    again: str,
    *,
    parallel: bool,
    cwd: Path,
) -> Results:
    """Run the file `suite`, print the summary, write the reports. `again` is the command that runs a case again.

    Raises what `run_pytest` raises, once what was played by then is told.
    """
    reports = ("--junitxml", str(outputs.junit)) if outputs.junit else ()
    if outputs.allure:
        clear_allure(outputs.allure)
    with tempfile.TemporaryDirectory(prefix="kimi-conformance-") as folder:
        try:
            found = run_pytest(suite, [*options, *reports], parallel=parallel, cwd=cwd, folder=Path(folder))
        except (Interrupted, PytestRefused):
            partly = Path(folder) / RESULTS
            if partly.exists():
                report(read_results(partly), requirements, outputs, again)
            raise
        results = read_results(found)
    report(results, requirements, outputs, again)
    return results


def report(results: Results, requirements: Mapping[str, Requirement], outputs: Outputs, again: str) -> None:
    """Print the summary, and write the JSON, of which all else can be made, the page, and Allure's results."""
    show(lambda console: print_summary(results, requirements, console, again=again), on_stderr=outputs.json == "-")
    results = results.model_copy(update={"command": ("kimi-conformance", *map(visible, sys.argv[1:]))})
    if outputs.json:
        try:
            write_results(results, outputs.json)
        except CannotWrite as error:
            if outputs.json == "-":
                discard(sys.stdout)
            if not isinstance(error.__cause__, BrokenPipeError):
                raise
    write_pages(results, requirements, outputs)


def write_pages(results: Results, requirements: Mapping[str, Requirement], outputs: Outputs) -> None:
    """Write the page, and Allure's results in the place of earlier ones. Raises `CannotWrite`."""
    if outputs.html:
        text = page(results, requirements, requirement_urls=outputs.requirement_urls)
        write_file("--html", outputs.html, text.encode())
    if outputs.allure:
        clear_allure(outputs.allure)
        ran_by = executor(os.environ)
        write_allure(outputs.allure, results, requirements, executor=ran_by, template=outputs.requirement_urls)
