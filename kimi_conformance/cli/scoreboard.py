"""`scoreboard`: many routers, one after the other, and a page of what they came to."""

from __future__ import annotations

import shlex
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kimi_conformance.cli.board_shelf import kept, shelve
from kimi_conformance.cli.choosing import chosen
from kimi_conformance.cli.exits import INFRA, NOT_CONFORMANT
from kimi_conformance.cli.output import show, tell, write
from kimi_conformance.cli.outputs import output_file
from kimi_conformance.cli.pytest_child import PytestFailed, RunLost, run_pytest
from kimi_conformance.cli.run_options import DateOption, OnlyOption
from kimi_conformance.contract.board import Board, Scored
from kimi_conformance.registry.home import routing_suites
from kimi_conformance.registry.profiles import LoadedProfile, bundled_profiles, load_profile
from kimi_conformance.reporting.board_page import board_json, board_table, page
from kimi_conformance.reporting.scoring import problem, rows
from kimi_conformance.reporting.write import CannotWrite, read_results, write_whole
from kimi_conformance.router.digest import profile_digest, suite_digest
from kimi_conformance.router.install import CannotInstall, install, is_installed, tools_folder
from kimi_conformance.router.pedigree import installed, started, version
from kimi_conformance.router.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTROL: Final = "direct"

EXAMPLES: Final = """Examples:

\b
  kimi-conformance scoreboard --list                 the routers, their versions, what is installed
  kimi-conformance scoreboard                        all of them; goes on where an earlier run was interrupted
  kimi-conformance scoreboard litellm portkey        these two
  kimi-conformance scoreboard ./router.yaml --fresh  your own, whatever is known of it already
  kimi-conformance scoreboard --json scoreboard.json --page scoreboard.md

\b
Exit codes:
  0    every router was played, and fails nothing but what its profile lists
  1    one fails something else, or fails no more what its profile lists
  2    a mistake in the options, or in a profile
  3    one could not be installed, started or played
  130  interrupted (Ctrl-C): the routers that were played by then are reported
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A router that is to be on the board. `called` is the name, or the path, that it was asked for by."""

    called: str
    loaded: LoadedProfile

    @property
    def again(self) -> str:
        """The command that plays it by itself."""
        return f"kimi-conformance check {shlex.quote(self.called)}"

    @property
    def name(self) -> str:
        """The profile's own name."""
        return self.loaded.profile.name


@dataclass(frozen=True, slots=True)
class _Run:
    """How every router is played: by which suite, on which day, and with which cases only."""

    suite: str
    day: date
    only: tuple[str, ...]


def scoreboard(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Profiles, bundled or by path. Default: all that install a router."),
    ] = None,
    *,
    list_: Annotated[bool, typer.Option("--list", help="List the routers, and leave.")] = False,
    only: OnlyOption = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Play them again, whatever is known already.")] = False,
    json_: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the scoreboard as JSON; `-` is standard output.")
    ] = None,
    page_: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="Write it as a page of Markdown.")
    ] = None,
    on: DateOption = None,
) -> None:
    """Install, start and play real routers, one after the other, and say what each of them does otherwise.

    What is played is kept in the cache folder: a second run plays only what has changed, the profile or the suite.
    A router that cannot be installed or started is reported as that, and the others go on.
    """
    entries = _entries(names or [])
    if list_:
        show(lambda console: _list(entries, console.print), wide=True)
        return
    day = on or datetime.now(UTC).date()
    for entry in entries:  # a mistake in the last profile is told before the first one is played
        chosen(make_plan(entry.loaded, day), only or [], None, of=entry.called, again=entry.again)
    json_file = str(output_file("--json", Path(json_))) if json_ and json_ != "-" else json_
    page_file = output_file("--page", page_) if page_ else None
    suite = suite_digest(only or [])
    done: list[Scored] = []
    try:
        for number, entry in enumerate(entries, 1):
            title = f"{entry.name} ({number} of {len(entries)})"
            done.append(_one(entry, _Run(suite, day, tuple(only or ())), title, fresh=fresh))
    finally:
        _report(Board(routers=tuple(done)), json_file, page_file)
    words = {row.word for router in done for row in router.rows}
    unlisted = any(
        reason.new for router in done for row in router.rows if row.word == "fails" for reason in row.reasons
    )
    if unlisted or "stale" in words:
        raise typer.Exit(NOT_CONFORMANT)
    if "infra" in words or any(router.problem for router in done):
        raise typer.Exit(INFRA)


def _entries(names: Sequence[str]) -> list[Entry]:
    if names:
        return [Entry(name, load_profile(name)) for name in dict.fromkeys(names)]
    every = [Entry(name, load_profile(name)) for name in bundled_profiles()]
    real = [entry for entry in every if entry.loaded.profile.install and entry.name != CONTROL]
    return [*(entry for entry in every if entry.name == CONTROL), *real]


def _list(entries: Sequence[Entry], line: object) -> None:
    assert callable(line)
    wide = max(len(entry.name) for entry in entries)
    for entry in entries:
        profile = entry.loaded.profile
        there = "" if is_installed(profile) else "not installed yet"
        line(f"{entry.name:{wide}}  {version(profile):18}  {there}".rstrip(), markup=False)


def _one(entry: Entry, how: _Run, title: str, *, fresh: bool) -> Scored:
    """What `entry` came to: played now, or kept from an earlier run."""
    profile = profile_digest(entry.loaded)
    if not fresh and (known := kept(entry.name, profile, how.suite)):
        tell(f"{title}: known since {known.date}")
        return known
    blank = Scored(
        name=entry.name,
        version=version(entry.loaded.profile),
        date=how.day,
        installed=installed(entry.loaded.profile),
        started=started(entry.loaded.profile),
        profile=profile,
        suite=how.suite,
    )
    scored = _played(entry, blank, how.only, title)
    if scored.problem:
        tell(f"{title}: {scored.problem}")
        return scored
    shelve(scored)
    counts = {word: sum(row.word == word for row in scored.rows) for word in ("holds", "fails", "warns", "unseen")}
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    tell(f"{title}: {told}; {scored.cases} cases in {scored.duration_s:.1f} s")
    return scored


def _played(entry: Entry, blank: Scored, only: Sequence[str], title: str) -> Scored:
    try:
        if not is_installed(entry.loaded.profile):
            began = time.monotonic()
            tell(f"{title}: installing into {tools_folder(entry.loaded.profile)}")
            install(entry.loaded.profile, tell)
            tell(f"{title}: installed in {time.monotonic() - began:.0f} s")
        tell(f"{title}: starting and playing")
        with tempfile.TemporaryDirectory(prefix="kimi-conformance-") as folder:
            options = [
                *("--router", str(entry.loaded.document.path), "--kimi-date", blank.date.isoformat()),
                *("--kimi-again", entry.again),
                *(word for glob in only for word in ("--kimi-only", glob)),
            ]
            results = read_results(
                run_pytest(
                    routing_suites() / "test_routing.py",
                    options,
                    parallel=False,
                    cwd=entry.loaded.folder,
                    folder=Path(folder),
                )
            )
    except (CannotInstall, RunLost, PytestFailed) as error:
        return blank.model_copy(update={"problem": str(error)})
    trouble = problem(results)
    if trouble:
        return blank.model_copy(update={"problem": trouble})
    played = sum(count for verdict, count in results.totals.items() if verdict != "not-applicable")
    return blank.model_copy(update={"rows": rows(results), "cases": played, "duration_s": round(results.duration_s, 1)})


def _report(board: Board, json_file: str | None, page_file: Path | None) -> None:
    if not board.routers:
        return
    if json_file == "-":
        write(board_json(board))
    else:
        show(lambda console: console.print(board_table(board)))
    for place, text in ((json_file, board_json(board)), (page_file, page(board))):
        if place and place != "-":
            try:
                write_whole(Path(place), text.encode())
            except OSError as error:
                raise CannotWrite(f"{place} cannot be written: {error.strerror or error}") from error
