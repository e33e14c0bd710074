"""`judge`: a user's own traffic against all that is known of Kimi's API."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kimi_conformance.cli.exits import CONFORMANT, NOT_CONFORMANT, USAGE
from kimi_conformance.cli.judge_json import STDOUT, json_out
from kimi_conformance.cli.judging import Judging, page_for
from kimi_conformance.cli.outputs import output_file
from kimi_conformance.contract.schema import SHAPES, Shape
from kimi_conformance.judge.api.law import LAWS, Contract
from kimi_conformance.registry.contracts import catalogue, requirements, wire_schemas
from kimi_conformance.registry.problems import joined, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.reporting.judged import Tally

EXAMPLES: Final = """Examples:

\b
  kimi-conformance judge traffic.har                what a browser or a proxy exported
  kimi-conformance judge tests/cassettes/*.yaml     cassettes of vcrpy
  kimi-conformance judge traces/exchanges.jsonl     what `check --keep traces` wrote
  kimi-conformance judge answer.json --shape chat.completion
  curl -sN ... | kimi-conformance judge - --shape chat.completion.chunk
  kimi-conformance judge traffic.har --only 'api.stream.*' --json -

\b
Exit codes:
  0    no MUST is broken; warnings and drift are no failures
  1    a MUST does not hold, whatever else there was
  2    a file could not be read, or not to its end, or nothing could be judged
  130  interrupted (Ctrl-C); 143 by SIGTERM

\b
--json: {"schema": 1, "exchanges": [{"file", "index", "shape", "findings": [...]}], "unreadable": [...]}
A finding has requirement, verdict (fail, warn, drift), expected, actual, where and message.
`not_judged` stands beside the findings of what could not be judged, and says why. An index counts from 0.
"""


def _shape(text: str) -> Shape:
    for shape in SHAPES:
        if shape == text:
            return shape
    near = nearest(text, SHAPES)
    hint = f"did you mean '{near}'?" if near else f"there are {', '.join(SHAPES)}"
    raise typer.BadParameter(f"there is no shape '{text}'; {hint}")


def judge(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="HAR, vcrpy cassette, or exchanges as JSON; `-` is standard input."),
    ],
    *,
    shape: Annotated[
        Shape | None,
        typer.Option(parser=_shape, metavar="NAME", help="The files are bare bodies (JSON, event streams) like this."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="GLOB", help="Requirement ids; may be repeated.")
    ] = None,
    json_: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the findings; `-` is standard output.")
    ] = None,
    drift: Annotated[
        bool, typer.Option("--drift/--no-drift", help="Tell of members that our schemas do not name.")
    ] = True,
) -> None:
    """Judge your own traffic with Kimi, offline.

    Nothing is sent, and nothing written but --json. Each exchange is recognised by its method, path, status and content
    type, and judged as if Kimi had answered, whoever did; a router's answers to claude-… models are left out. What a
    file does not show is not judged: no finding does not mean that all was seen to hold.
    """
    wanted = _selected(only or [])
    place = str(output_file("--json", Path(json_))) if json_ and json_ != STDOUT else json_
    with json_out(place) as out:
        to_stderr = place == STDOUT
        contract = Contract(catalogue(), wire_schemas())
        judging = Judging(wanted, contract, drift, out, to_stderr, page_for(to_stderr, wanted))
        for file in dict.fromkeys(files):
            judging.file(file, shape)
        judging.summary()
    raise typer.Exit(_exit_code(judging.tally))


def _selected(globs: Sequence[str]) -> Mapping[str, Requirement]:
    """The requirements that have a law; with globs those that they name, of which each must name one."""
    known = {name: requirement for name, requirement in requirements("api").items() if name in LAWS}
    for glob in globs:
        if not any(fnmatchcase(name, glob) for name in known):
            near = nearest(glob, known)
            hint = f"did you mean '{near}'?" if near else f"the areas are {_areas(known)}"
            raise typer.BadParameter(
                f"'{glob}' names no requirement that traffic can show; {hint}", param_hint="--only"
            )
    chosen = {name: each for name, each in known.items() if any(fnmatchcase(name, glob) for glob in globs)}
    return chosen if globs else known


def _areas(known: Mapping[str, Requirement]) -> str:
    return joined(sorted({f"api.{requirement.area}.*" for requirement in known.values()}), "and")


def _exit_code(tally: Tally) -> int:
    if tally.failed:
        return NOT_CONFORMANT
    return USAGE if tally.unreadable or not tally.judged else CONFORMANT
