"""What became of the value at a place: its type, whether it is null, and of a fixed list of words which it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.judge.drift.change import Change, words
from kimi_conformance.judge.drift.members import NULL, allowed, closed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.drift_rules import Class
    from kimi_conformance.judge.drift.members import Place, Survey


def type_changes(at: str, was: Place, now: Place, *, varies: bool, of_error: bool) -> Iterator[Change]:
    """Another type; or null where never was one, or the reverse.

    `varies`: a model, or chance, decides whether it is there, and so whether it is null. `of_error`: nothing decides
    that, and one request has one answer.
    """
    said = allowed(was.node) or allowed(now.node)
    old, new = _numbers(was.types, said), _numbers(now.types, said)
    other, became_null = new - old - {NULL}, NULL in new - old
    fits = said is not None and new <= said
    class_: Class = "breaking" if of_error or not (fits or (said is None and not became_null)) else "additive"
    if other and old - {NULL}:
        says = f"{at} was {words(old)}, and is {words(new)}"
        yield Change("retyped", "breaking", at, words(old), words(new), says)
    elif (became_null or (other and old == {NULL})) and not (varies and class_ == "additive"):
        says = f"{at} was never null, and is" if became_null else f"{at} was null, and is {words(other)}"
        says += "; the schema allows it" if fits else ""
        yield Change("null", class_, at, words(old), words(new), says)


def word_changes(at: str, was: Place, now: Place, known: frozenset[str]) -> Iterator[Change]:
    """A word that was not there, and is none of those that are known to be possible."""
    named = closed(was.node) or closed(now.node)
    new = now.words - was.words - known - (named or frozenset())
    if new and was.words:
        replaced = not was.words & now.words
        says = f"{at} is {words(new)}" + (f" in the place of {words(was.words)}" if replaced else ", too")
        yield _word(at, was.words, now.words, says, closed_list=named is not None, replaced=replaced)


def kind_changes(at: str, before: Survey, after: Survey, known: Mapping[str, frozenset[str]]) -> Iterator[Change]:
    """A kind of object that was not there, where others were: among those that are known, the model chooses."""
    stem, _, kind = at.removesuffix(">").rpartition("<")
    was, now = _kinds(stem, before), _kinds(stem, after)
    place = after.places.get(at)
    if place and place.node is None and was and kind not in was and kind not in known.get(f"{stem}/type", ()):
        listed = any(before.places[f"{stem}<{each}>"].node is not None for each in was)
        says = f"{stem or 'an event'} is of a kind that was not there, {kind}"
        yield _word(f"{stem}/type", was, now, says, closed_list=listed, replaced=not was & now)


def _word(at: str, was: set[str], now: set[str], says: str, *, closed_list: bool, replaced: bool) -> Change:
    says += "; the schema has a fixed list, and not that" if closed_list else ""
    return Change("value", "breaking" if closed_list or replaced else "additive", at, words(was), words(now), says)


def _kinds(stem: str, side: Survey) -> set[str]:
    """The kinds of objects at `stem`, which stands before their names."""
    tails = (at.removeprefix(stem) for at in side.places if at.startswith(f"{stem}<"))
    return {tail[1:-1] for tail in tails if tail.index(">") == len(tail) - 1}


def _numbers(types: set[str], said: frozenset[str] | None) -> set[str]:
    """An integer is a number where numbers may stand, or nobody knows."""
    if said is not None and "number" not in said:
        return types
    return {"number" if each == "integer" else each for each in types}
