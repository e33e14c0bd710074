"""`kill-matrix`: every fault against every case, and the page of what noticed what."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from kimi_conformance.cli.exits import INFRA, NOT_CONFORMANT
from kimi_conformance.cli.kill_playing import play_stale
from kimi_conformance.cli.output import show, tell
from kimi_conformance.cli.outputs import output_file, output_folder, write_file
from kimi_conformance.contract.kill_matrix import KillMatrix
from kimi_conformance.contract.requirement import AREAS
from kimi_conformance.faults import FAULTS
from kimi_conformance.killing.cells import SUBJECTS, router_matrix, stale, valid_cells
from kimi_conformance.killing.freshness import staleness
from kimi_conformance.killing.shelf import shelved
from kimi_conformance.killing.specimens import load_specimens
from kimi_conformance.killing.state import state, wire_digest
from kimi_conformance.killing.wire import wire_matrix
from kimi_conformance.registry.problems import nearest
from kimi_conformance.reporting.kill_figures import gaps
from kimi_conformance.reporting.kill_file import matrix_json, read_matrix
from kimi_conformance.reporting.kill_page import kill_page
from kimi_conformance.reporting.kill_summary import kill_table, noticed_lines
from kimi_conformance.router.install import cache_folder
from kimi_conformance.sentences import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kimi_conformance.killing.cells import Cells
    from kimi_conformance.killing.state import State

JSON: Final = Path("reports/kill-matrix.json")

EXAMPLES: Final = """Examples:

\b
  kimi-conformance kill-matrix                   play what is stale, write reports/kill-matrix.*
  kimi-conformance kill-matrix --check           are they those of today? For CI: plays nothing
  kimi-conformance kill-matrix --list            what is stale, fault by fault
  kimi-conformance kill-matrix --only 'gate.*'   these faults alone, and what noticed them
  kimi-conformance kill-matrix --all -n 4        all of it anew: more than an hour on two cores

\b
A cell is a fault in an area. It is stale when the fault, the area or what is common to all does
something else than it did when the matrix was written; comments and layout do not count. What is
played is kept at once, in the folder that --work names: a run that was interrupted goes on where
it was. Faults of the wire are computed each time, in seconds.

\b
Exit codes:
  0    the matrix is written, and has no gap; with --check: it is that of today
  1    it has a gap: a fault that nobody noticed, a check that none kills; --check: or is stale
  2    a mistake in the options; the matrix was edited by hand, or is of another schema; the
       sources were edited meanwhile; there is no checkout
  3    a fault could not be played
  130  interrupted (Ctrl-C): what was played is kept, and the same command goes on
"""


def kill_matrix(
    *,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="GLOB", help="Faults of a router, by id; may be repeated.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Play everything anew, whatever the matrix says.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Play and write nothing: say what is stale.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List what would be played, and leave.")] = False,
    jobs: Annotated[
        int, typer.Option("-n", "--jobs", min=1, help="Faults played side by side.", show_default="one a core")
    ] = os.cpu_count() or 1,
    limit_s: Annotated[
        int, typer.Option("--limit", metavar="SECONDS", min=30, help="A fault that takes longer is tried once more.")
    ] = 1200,
    work: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keeps plays until the matrix is written. Default: in the cache.")
    ] = None,
    json_: Annotated[
        Path, typer.Option("--json", metavar="FILE", help="The matrix as data; its page lies beside it, as .md.")
    ] = JSON,
) -> None:
    """Turn the suite on itself: every fault of a router and of the wire against every case.

    Each fault must be noticed by the requirements that it names, each check must be killed by a fault, and the
    controls, which have none, must stay green.
    """
    specimens = load_specimens()
    subjects = _subjects(only or [])
    known = read_matrix(json_) if check or (json_.exists() and (only or not all_)) else None
    now, wire = state(), wire_digest(specimens.text())
    if check:
        assert known
        _check(known, staleness(known, now, wire), json_)
        return
    page = output_file("--json", json_).with_suffix(".md")
    shelf = output_folder("--work", work or cache_folder() / "kill-matrix")
    cells = _known(known, now, subjects if all_ and only else ())
    kept, others = shelved(shelf, now)
    cells |= kept
    todo = stale(cells, subjects)
    if list_:
        lines = [f"{name}: {'all' if len(areas) == len(AREAS) else ', '.join(areas)}" for name, areas in todo.items()]
        show(lambda console: console.print("\n".join(lines) or "nothing is stale", markup=False), wide=True)
        return
    if others:
        tell(f"{len(others)} plays in {shelf} are of another state of the sources: they do not count")
    lost = play_stale(todo, now, shelf, jobs=jobs, limit_s=limit_s)
    kept, _ = shelved(shelf, now)
    cells |= kept
    if only:
        _tell_noticed(cells, subjects)
    if lost:
        tell(f"nothing is written: {', '.join(lost)} could not be played. The others are kept in {shelf}")
        raise typer.Exit(INFRA)
    left = stale(cells)
    if left:
        tell(f"nothing is written: {len(left)} more are stale, and `kimi-conformance kill-matrix` plays them")
        return
    matrix = KillMatrix(router=router_matrix(cells, now), wire=wire_matrix(specimens, wire))
    write_file("--json", json_, matrix_json(matrix).encode())
    write_file("--json", page, kill_page(matrix).encode())
    for path in shelf.glob("*.json"):
        path.unlink(missing_ok=True)
    _report(matrix, [f"{json_} and {page.name}: written"])


def _subjects(globs: Sequence[str]) -> tuple[str, ...]:
    """The faults and controls that the globs name. Raises `typer.BadParameter` for one that names none."""
    for glob in globs:
        if not any(named([glob], subject) for subject in SUBJECTS):
            near = nearest(glob, SUBJECTS)
            hint = f"did you mean '{near}'?" if near else "the files of kimi_conformance/faults have them all"
            raise typer.BadParameter(f"'{glob}' names no fault of a router; {hint}", param_hint="--only")
    return tuple(subject for subject in SUBJECTS if not globs or named(globs, subject))


def _known(matrix: KillMatrix | None, now: State, again: Sequence[str]) -> Cells:
    """The cells of a matrix that are valid, without those of the subjects that are to be played again."""
    cells = valid_cells(matrix.router, now) if matrix else {}
    return {cell: words for cell, words in cells.items() if cell[0] not in again}


def _check(matrix: KillMatrix, found: list[str], json_: Path) -> None:
    """Say whether a matrix, and the page beside it, are those of today."""
    page = json_.with_suffix(".md")
    if not page.is_file() or page.read_text("utf-8", "replace") != kill_page(matrix):
        found = [*found, f"{page} is not what {json_.name} renders to: it was edited by hand, or is older"]
    _report(matrix, [f"{json_} is stale: {each}" for each in found] or [f"{json_} and {page.name} are those of today"])
    if found:
        tell("Mend it: kimi-conformance kill-matrix")
        raise typer.Exit(NOT_CONFORMANT)


def _tell_noticed(cells: Cells, subjects: Sequence[str]) -> None:
    """What noticed each of `subjects`, of which all cells are there."""
    lines = [
        line
        for name in subjects
        if name not in stale(cells, subjects)
        for line in noticed_lines(
            name,
            FAULTS[name].kills if name in FAULTS else (),
            {case: word for area in AREAS for case, word in cells[name, area].items()},
        )
    ]
    show(lambda console: console.print(*lines, sep="\n"), wide=True)


def _report(matrix: KillMatrix, lines: Sequence[str]) -> None:
    """The figures, the gaps and `lines`; ends the command where there is a gap."""
    found = gaps(matrix)
    texts = [*(Text(f"gap: {gap}", style="red") for gap in found), *map(Text, lines)]
    show(lambda console: console.print(kill_table(matrix)), lambda console: console.print(*texts, sep="\n"), wide=True)
    if found:
        raise typer.Exit(NOT_CONFORMANT)
