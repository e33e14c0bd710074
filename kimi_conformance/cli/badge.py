"""`badge`: what a run came to, for a page that is only glanced at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from kimi_conformance.cli.output import write
from kimi_conformance.cli.outputs import output_file, write_file
from kimi_conformance.reporting.badge import LABEL
from kimi_conformance.reporting.badge import badge as badge_of
from kimi_conformance.reporting.badge_svg import svg as svg_of
from kimi_conformance.reporting.write import BadResults, read_results

EXAMPLES: Final = """Examples:

\b
  kimi-conformance check ./router.yaml --json results.json
  kimi-conformance badge results.json --svg badge.svg         a file of its own: no server is asked for it
  kimi-conformance badge results.json --json badge.json       for https://img.shields.io/endpoint?url=…
  kimi-conformance badge results.json                         the same, on standard output
  kimi-conformance badge kimi.json --label 'Kimi API' --svg kimi.svg      of `verify --json kimi.json`

\b
Green is a conformant run, and nothing else; amber one in which something warns or is known to fail; red one that is
not conformant; grey one in which nothing was seen. What was not observed is counted, what is not applicable is not.

\b
Exit codes:
  0    the badge was made, whatever it says
  2    the results cannot be read, were edited, or are those of a shard
"""


def badge(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="The results.json of a run.")],
    *,
    json_: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="Write it as shields.io reads it; `-` is standard output."),
    ] = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write it as an image.")] = None,
    label: Annotated[str, typer.Option("--label", metavar="TEXT", help="What stands on the left.")] = LABEL,
) -> None:
    """Make a badge of a run: `kimi-conformance | 134 requirements: 127 pass, 7 not observed`."""
    if not label.strip():
        raise typer.BadParameter("there is nothing in it", param_hint="--label")
    json_file = output_file("--json", Path(json_)) if json_ and json_ != "-" else None
    svg_file = output_file("--svg", svg) if svg else None
    found = read_results(results)
    if found.shard:
        part = f"shard {found.shard.index}/{found.shard.count}"
        raise BadResults(f"{results} is {part} of a run: `kimi-conformance merge` the shards first")
    made = badge_of(found, label)
    text = f"{json.dumps(made.as_endpoint(), ensure_ascii=False)}\n"
    if svg_file:
        write_file("--svg", svg_file, svg_of(made))
    if json_file:
        write_file("--json", json_file, text.encode())
    if json_ == "-" or not (json_file or svg_file):
        write(text)
