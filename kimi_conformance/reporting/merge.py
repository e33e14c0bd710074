"""The parts of a run, put together: what its shards saw becomes the results of the whole run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict, stale
from kimi_conformance.reporting.one_run import must_be_of_one_run
from kimi_conformance.reporting.parts import CannotMerge, pieces, whole
from kimi_conformance.reporting.summary import assemble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import CaseResult, KnownRecord, Results
    from kimi_conformance.reporting.parts import Piece

HELD: Final = frozenset({Verdict.PASS, Verdict.STALE_KNOWN})
"""What a case that passed may be called: it depends on the other cases of its known_failing entry."""


def merge(
    named: Sequence[tuple[str, Results]],
    requirements: Mapping[str, Requirement],
    *,
    state: str,
    command: Iterable[str] = (),
) -> Results:
    """The results of the run whose shards' results are in `named`, each with the name of its file, in any order.

    `requirements` are those of this suite, whose digest is `state`: shards that another one played are not merged.
    Verdicts, totals, order and notes are those of the whole run; it began with the first shard and took as long as the
    longest, for they are meant to be played side by side. Raises `CannotMerge`.
    """
    found = pieces(named)
    must_be_of_one_run(found, state)
    cases = whole(found)
    if strange := next((case for case in cases if case.requirement not in requirements), None):
        raise CannotMerge(f"case {strange.id} is of {strange.requirement}, which is no requirement: a file was edited")
    first = found[0].results
    return assemble(
        settled(cases, first.known_failing),
        requirements,
        target=first.target,
        command=command,
        mode=first.mode,
        started=min(piece.results.started for piece in found),
        duration_s=max(piece.results.duration_s for piece in found),
        notes=_notes(found),
        again=first.again,
        on=first.on,
        state=first.state,
        known=first.known_failing,
        interrupted=any(piece.results.interrupted for piece in found),
    )


def settled(cases: Sequence[CaseResult], known: Sequence[KnownRecord]) -> list[CaseResult]:
    """`cases` in which the entries of known_failing are stale whose cases all passed: no shard could see that alone."""
    found = {case.id: case for case in cases}
    for entry in known:
        if all(name in found and found[name].verdict in HELD for name in entry.cases):
            update = {"verdict": Verdict.STALE_KNOWN, "message": stale(entry.case)}
            found |= {name: found[name].model_copy(update=update) for name in entry.cases}
    return list(found.values())


def _notes(found: Sequence[Piece]) -> Iterator[str]:
    """What the shards' readers must know, each thing once, and what became of the shards themselves."""
    yield from dict.fromkeys(note for piece in found for note in piece.results.notes)
    for piece in found:
        lost = Counter(case.verdict for case in piece.cases)[Verdict.INFRA_ERROR]
        if piece.results.interrupted and lost:
            yield f"shard {piece.part.index}/{piece.part.count} was interrupted: no verdict on {lost} of its cases"
    spent = sum(piece.results.duration_s for piece in found)
    yield f"merged from {len(found)} shard{'' if len(found) == 1 else 's'}, which took {spent:.1f} s together"
