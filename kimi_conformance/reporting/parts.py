"""The results of shards as pieces of one run: which are there, which are missing, and whether each is whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kimi_conformance.router.shard import Shard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.contract.result import CaseResult, Part, Results

SHOWN: Final = 4
"""So many missing shards are named by number."""


class CannotMerge(Exception):
    """Results do not make one whole run. Says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The results of one shard, and the name of the file that they come from."""

    file: str
    results: Results
    part: Part

    @property
    def cases(self) -> Iterator[CaseResult]:
        """All cases of the shard."""
        for requirement in self.results.requirements:
            yield from requirement.cases

    @property
    def due(self) -> frozenset[str]:
        """The names that fall into this part."""
        return Shard(self.part.index, self.part.count).of(self.part.selection)


def pieces(named: Sequence[tuple[str, Results]]) -> tuple[Piece, ...]:
    """`named`, file and results, as pieces in the order of their numbers. Raises `CannotMerge` for a whole run."""
    found = [Piece(file, results, _part_of(file, results)) for file, results in named]
    if not found:
        raise CannotMerge("there is nothing to merge: name the results.json of each shard")
    return tuple(sorted(found, key=lambda piece: piece.part.index))


def whole(found: Sequence[Piece]) -> list[CaseResult]:
    """The cases of all pieces, which are of one run, in the run's order.

    Raises `CannotMerge` where a piece is missing, there twice, or has other cases than its part of the run has.
    """
    _each_once(found)
    for piece in found:
        _as_it_was_written(piece)
    by_name = {case.id: case for piece in found for case in piece.cases}
    return [by_name[name] for name in found[0].part.selection]


def _part_of(file: str, results: Results) -> Part:
    part = results.shard
    if part is None:
        raise CannotMerge(f"{file} is a whole run, or was merged already: merge takes runs with --shard I/N")
    if part.index > part.count:
        raise CannotMerge(f"{file} says that it is shard {part.index} of {part.count}: it was edited")
    return part


def _each_once(found: Sequence[Piece]) -> None:
    """Of a part into which nothing falls there are no results: it may be missing."""
    count, selection = found[0].part.count, found[0].part.selection
    there: dict[int, Piece] = {}
    for piece in found:
        if piece.part.index in there:
            twice = f"{there[piece.part.index].file} and {piece.file}"
            raise CannotMerge(f"shard {piece.part.index}/{count} is there twice: {twice}; name one of them")
        there[piece.part.index] = piece
    missing = [f"{index}/{count}" for index in range(1, min(count, len(selection)) + 1) if index not in there]
    if missing:
        which = ", ".join(missing[:SHOWN]) + (f" and {len(missing) - SHOWN} more" if missing[SHOWN:] else "")
        be = "is" if len(missing) == 1 else "are"
        raise CannotMerge(f"shard {which} {be} missing: without it nothing can be said of the whole run")


def _as_it_was_written(piece: Piece) -> None:
    names = [case.id for case in piece.cases]
    label = f"shard {piece.part.index}/{piece.part.count}"
    if lost := sorted(piece.due - set(names)):
        raise CannotMerge(f"{piece.file} lacks {_so_many(lost)} of {label}: the file was cut or edited; play it again")
    if foreign := sorted(set(names) - piece.due):
        raise CannotMerge(f"{piece.file} has {_so_many(foreign)} not of {label}: the file was edited; play it again")
    if len(names) != len(set(names)):
        twice = next(name for name in names if names.count(name) > 1)
        raise CannotMerge(f"{piece.file} has case {twice} twice: the file was edited; play it again")


def _so_many(names: Sequence[str]) -> str:
    return f"{len(names)} case{'' if len(names) == 1 else 's'} ({names[0]}{', …' if names[1:] else ''})"
