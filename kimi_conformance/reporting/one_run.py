"""Whether results are of one run: the same suite, the same target, the same day, the same choice of cases."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance import __version__
from kimi_conformance.reporting.parts import CannotMerge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kimi_conformance.contract.result import Results
    from kimi_conformance.reporting.parts import Piece

DIGITS: Final = 12
"""Of a digest, where two of them must be told apart."""


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that all parts of a run have in common: how it is called, read, and shown; and what to do otherwise."""

    what: str
    of: Callable[[Piece], Any]
    show: Callable[[Any], str] = str
    mend: str = ""


def _digest(value: str | None) -> str:
    return value[:DIGITS] if value else "none"


def _size(names: Sequence[Any]) -> str:
    return str(len(names))


TRAITS: Final = (
    Trait("commands", lambda piece: _command(piece.results)),
    Trait("versions of the suite", lambda piece: piece.results.suite, mend="play all of them with one"),
    Trait(
        "states of the suite",
        lambda piece: piece.results.state,
        _digest,
        "code, contracts or cassettes were changed between them; play all of them with one",
    ),
    Trait("targets", lambda piece: piece.results.target.name),
    Trait("versions of the target", lambda piece: piece.results.target.version),
    Trait("profiles of one name", lambda piece: piece.results.target.profile_sha256, _digest, "the file was changed"),
    Trait("modes", lambda piece: piece.results.mode),
    Trait("days", lambda piece: piece.results.on, mend="give all of them the same --date"),
    Trait("numbers of shards", lambda piece: piece.part.count),
    Trait("choices of cases", lambda piece: piece.part.selection, _size, "give all of them the same --only"),
    Trait("known_failing entries", lambda piece: piece.results.known_failing, _size),
)


def must_be_of_one_run(found: Sequence[Piece], state: str) -> None:
    """Raises `CannotMerge` where pieces are of different runs, or all of another suite than this one in `state`."""
    first = found[0]
    for trait in TRAITS:
        for piece in found[1:]:
            ours, theirs = trait.of(first), trait.of(piece)
            if ours != theirs:
                shown = f"{trait.show(ours)} and {trait.show(theirs)}"
                mend = f"; {trait.mend}" if trait.mend else ""
                raise CannotMerge(f"{first.file} and {piece.file} are of different {trait.what}: {shown}{mend}")
    theirs = f"{first.results.suite} (state {_digest(first.results.state)})"
    ours = f"{__version__} (state {_digest(state)})"
    if theirs != ours:
        what = f"was written by kimi-conformance {theirs}; this is {ours}"
        raise CannotMerge(f"{first.file} {what}: merge with the one that played")


def _command(results: Results) -> str:
    """`check`, `verify`; `pytest` where the plugin ran in somebody's own."""
    program, *words = results.command or ("nothing",)
    name = PurePath(program).name
    return words[0] if name == "kimi-conformance" and words else name
