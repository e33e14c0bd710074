"""`merge`: the results of shards as those of the whole run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from kimi_conformance.cli.exits import exit_code
from kimi_conformance.cli.outputs import write_file
from kimi_conformance.cli.run_options import AllureOption, HtmlOption, JsonOption, JunitOption
from kimi_conformance.cli.running import outputs_of, report
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.registry.state import suite_state
from kimi_conformance.reporting.junit import junit as junit_of
from kimi_conformance.reporting.legible import visible
from kimi_conformance.reporting.merge import merge as merged
from kimi_conformance.reporting.write import read_results

EXAMPLES: Final = """Examples:

\b
  kimi-conformance check ./router.yaml --date 2026-11-30 --shard 1/2 --json shard-1.json    on one machine
  kimi-conformance check ./router.yaml --date 2026-11-30 --shard 2/2 --json shard-2.json    on another
  kimi-conformance merge shard-*.json                                    what a whole run would have said
  kimi-conformance merge shard-*.json --json results.json --junit junit.xml --html report.html

\b
The parts must be of one run: the same suite, profile, day and choice of cases, and none missing. A part that was
interrupted is merged: its cases without a verdict are infra-errors, so the whole is not conformant.

\b
Exit codes: those of the whole run
  0    conformant
  1    not conformant
  2    the files do not make one whole run, or cannot be read
  3    nothing can be said: in some part the router could not be started, or the part was interrupted
"""


def merge(
    results: Annotated[
        list[Path], typer.Argument(metavar="RESULTS...", help="The results.json of each shard, in any order.")
    ],
    *,
    json_: JsonOption = None,
    junit: JunitOption = None,
    html: HtmlOption = None,
    allure: AllureOption = None,
) -> None:
    """Put the results of shards together: the verdicts are those of the whole run.

    Whether an entry of known_failing is stale is only known here, where all its cases come together. The run began
    with the first part and took as long as the longest.
    """
    outputs = outputs_of(json_, junit, html=html, allure=allure)
    rules = {**requirements("router"), **requirements("api")}
    found = merged(
        [(visible(str(path)), read_results(path)) for path in results],
        rules,
        state=suite_state(),
        command=("kimi-conformance", *map(visible, sys.argv[1:])),
    )
    report(found, rules, outputs, found.again)
    if outputs.junit:
        write_file("--junit", outputs.junit, junit_of(found, rules, found.again))
    raise typer.Exit(exit_code(found))
