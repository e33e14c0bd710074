"""`docs`: the reference page of the API and its OpenAPI document, from the contracts and what their cases come to."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kimi_conformance.api.verification import read_verification
from kimi_conformance.cli.docs_report import as_json, print_counts, print_files
from kimi_conformance.cli.exits import NOT_CONFORMANT
from kimi_conformance.cli.output import show, write
from kimi_conformance.cli.outputs import output_file
from kimi_conformance.registry.home import data_root
from kimi_conformance.reporting.api_page.build import build
from kimi_conformance.reporting.api_page.counting import counts, unsupported
from kimi_conformance.reporting.api_page.gather import gather
from kimi_conformance.reporting.api_page.render import Links, render
from kimi_conformance.reporting.generated import bring_up_to_date, generated
from kimi_conformance.reporting.openapi.document import openapi_document
from kimi_conformance.reporting.openapi.gather import material
from kimi_conformance.reporting.templates import need_templates
from kimi_conformance.reporting.write import CannotWrite, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE: Final = Path("reports/API.md")
OPENAPI: Final = Path("reports/openapi.yaml")
VERIFICATION: Final = Path("reports/verification.json")

EXAMPLES: Final = """Examples:

\b
  kimi-conformance docs                                     reports/API.md and reports/openapi.yaml, from the contracts
  kimi-conformance docs --check                             are they those of today? For CI: writes nothing
  kimi-conformance docs --out knowledge-base/moonshot/API.md     the page alone, into another tree
  kimi-conformance docs --out kb/API.md --links https://code.example/kimi-conformance/blob/main
  kimi-conformance docs --verification reports/verification.json     with the days of live runs

\b
Exit codes:
  0    both are written; with --check: they are those of today, and every line has its evidence
  1    --check: one is stale; or a line has neither a passing case nor evidence (the page is written all the same)
  2    a mistake in the options, a contract or verification.json; or jinja2 is missing
  3    a cassette is missing or broken
"""


def docs(
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing: compare, and say what differs.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write API.md there, and nothing else.")
    ] = None,
    links: Annotated[
        str | None,
        typer.Option("--links", metavar="URL", help="Where the project lies, for links to its files."),
    ] = None,
    verification: Annotated[
        Path | None,
        typer.Option(
            "--verification",
            metavar="FILE",
            help=f"When requirements last held live. Default: {VERIFICATION}, if there.",
        ),
    ] = None,
    json_: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the counts as JSON; `-` is standard output.")
    ] = None,
) -> None:
    """Write the reference page of the API, each line with its provenance, and the same contracts as OpenAPI.

    The page says what is known of Kimi and how: live, recorded, observed by others, documented, modelled. It is judged
    by the tapes and by the days in verification.json, never by today: the same sources give the same page.
    """
    if verification and not verification.is_file():
        raise typer.BadParameter(f"there is no file {verification}", param_hint="--verification")
    need_templates()
    place = out or PAGE
    if not check:
        output_file("--out", place)
    counts_file = output_file("--json", Path(json_)) if json_ and json_ != "-" else None
    sources = gather(read_verification(verification or VERIFICATION))
    sections = build(sources)
    counted, bare = counts(sections), unsupported(sections)
    files = [generated(place, render(sources, sections, _links(place, links)))]
    if out is None:
        files.append(generated(OPENAPI, openapi_document(material(sources))))
    for file in files if not check else ():
        bring_up_to_date(file)
    told = as_json(counted, bare, files, sources.on)
    if json_ == "-":
        write(told)
    else:
        mend = _again({"--out": out, "--links": links, "--verification": verification})
        show(
            lambda console: print_counts(console, counted, bare, sources.on),
            lambda console: print_files(console, files, check=check, mend=mend),
        )
    if counts_file:
        _put(counts_file, told)
    if bare or (check and any(file.state != "current" for file in files)):
        raise typer.Exit(NOT_CONFORMANT)


def _links(place: Path, url: str | None) -> Links:
    """Links to files: below `url`; else relative ones, where the page lies in the project itself."""
    if url:
        return Links(f"{url.rstrip('/')}/")
    root, folder = data_root().resolve(), place.resolve().parent
    return Links(f"{os.path.relpath(root, folder)}/" if folder.is_relative_to(root) else None)


def _again(options: Mapping[str, object]) -> str:
    """The command that writes the files."""
    given = (f"{name} {shlex.quote(str(value))}" for name, value in options.items() if value)
    return " ".join(["kimi-conformance docs", *given])


def _put(place: Path, text: str) -> None:
    try:
        write_whole(place, text.encode())
    except OSError as error:
        raise CannotWrite(f"--json: {place} cannot be written: {error.strerror or error}") from error
