"""Options that several commands have."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from kimi_conformance.router.shard import Shard, parse_shard


def _shard(text: str) -> Shard:
    try:
        return parse_shard(text)
    except ArgumentTypeError as error:
        raise typer.BadParameter(str(error)) from error


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no date: it takes YYYY-MM-DD, such as 2026-12-31") from None


ProfileArgument = Annotated[
    str,
    typer.Argument(
        metavar="PROFILE",
        help="A path (with a separator, or ending in .yaml), or the name of a bundled profile.",
        show_default=True,
    ),
]
DateOption = Annotated[
    date | None,
    typer.Option(
        "--date", parser=_date, metavar="DATE", help="The day by which lifecycles are judged. Default: today, in UTC."
    ),
]
OnlyOption = Annotated[
    list[str] | None, typer.Option("--only", metavar="GLOB", help="Requirement or case ids; may be repeated.")
]
ListOption = Annotated[bool, typer.Option("--list", help="List what would be played, and leave.")]
JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write results.json; `-` is standard output.")
]
JunitOption = Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit report.")]
AllureOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write allure-results; those of an earlier run are removed.")
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a page that opens in a browser, from disk.")
]
ShardOption = Annotated[Shard | None, typer.Option(parser=_shard, metavar="I/N", help="Play the I-th of N parts only.")]
