"""What became of the members of an answer: gone, new, of another type, null, or another word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.judge.drift.change import ABSENT, Change, words
from kimi_conformance.judge.drift.members import NULL, allowed, closed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.drift_rules import DriftRules, Surveyed
    from kimi_conformance.judge.drift.members import Place, Survey


def body_changes(
    before: Survey, after: Survey, shape: Surveyed, rules: DriftRules, *, pieces: bool
) -> Iterator[Change]:
    """Every change from one answer to the other.

    `pieces`: they are streams, where an optional member may be in one piece and not in the next: only whether it came
    at all is compared.
    """
    for at in dict.fromkeys([*before.places, *after.places]):
        holder = _holder(at)
        if at.endswith(">"):
            yield from _kinds(at, before, after, rules.known.get(shape, {}))
        if holder is not None and not (before.objects.get(holder) and after.objects.get(holder)):
            continue  # what is above it is gone or new, and told there; or there was no such item to compare
        was, now = before.places.get(at), after.places.get(at)
        varies = rules.varying(shape, at) is not None
        if was is None or now is None:
            if holder is not None and not varies:
                yield from _presence(at, was, now, required=_required(before, after, holder, at))
            continue
        if holder is not None and not varies and _sometimes(before, after, holder, at, pieces=pieces):
            yield Change(
                "member-gone",
                "breaking",
                _shown(at),
                "always there",
                "not always there",
                f"{at} is not always there any more",
            )
        yield from _types(at, was, now, varies=varies)
        yield from _words(at, was, now, rules.known.get(shape, {}).get(at, frozenset()))


def lost(before: Survey, after: Survey, shape: Surveyed, rules: DriftRules) -> Iterator[tuple[str, bool]]:
    """The places whose members are there by what the model did: each with whether it is gone now."""
    for at, varies in rules.varies.get(shape, {}).items():
        if varies == "model" and at in before.places:
            yield at, at not in after.places


def _holder(at: str) -> str | None:
    """The place of the object that has the member at `at`; None for the items of a list, and for the whole."""
    above, slash, name = at.rpartition("/")
    return None if not slash or name.startswith("[]") else above


def _required(before: Survey, after: Survey, holder: str, at: str) -> bool:
    place = before.places.get(holder) or after.places.get(holder)
    needed = (place.node or {}).get("required", ()) if place else ()
    return at.rpartition("/")[2] in needed


def _presence(at: str, was: Place | None, now: Place | None, *, required: bool) -> Iterator[Change]:
    if now is None and was is not None:
        needed = ", which every client may rely on" if required else ""
        yield Change("member-gone", "breaking", _shown(at), words(was.types), ABSENT, f"{at} is gone{needed}")
    elif now is not None:
        known = "the schema names it" if now.node is not None else "the schema does not know it"
        yield Change("member-new", "additive", _shown(at), ABSENT, words(now.types), f"{at} is new; {known}")


def _sometimes(before: Survey, after: Survey, holder: str, at: str, *, pieces: bool) -> bool:
    always = before.places[at].times == before.objects[holder]
    missing = after.places[at].times < after.objects[holder]
    return always and missing and (not pieces or _required(before, after, holder, at))


def _types(at: str, was: Place, now: Place, *, varies: bool) -> Iterator[Change]:
    said = allowed(was.node) or allowed(now.node)
    old, new = _numbers(was.types, said), _numbers(now.types, said)
    other = new - old - {NULL}
    if other and old - {NULL}:
        says = f"{at} was {words(old)}, and is {words(new)}"
        yield Change("retyped", "breaking", _shown(at), words(old), words(new), says)
    elif not varies and NULL in new - old:
        fits = said is not None and NULL in said
        says = f"{at} was never null, and is" + ("; the schema allows it" if fits else "")
        yield Change("null", "additive" if fits else "breaking", _shown(at), words(old), words(new), says)
    elif not varies and old == {NULL} and other:
        says = f"{at} was null, and is {words(other)}"
        yield Change(
            "null", "additive" if said is None or other <= said else "breaking", _shown(at), NULL, words(new), says
        )


def _numbers(types: set[str], said: frozenset[str] | None) -> set[str]:
    """An integer is a number where numbers may stand, or nobody knows."""
    if said is not None and "number" not in said:
        return types
    return {"number" if each == "integer" else each for each in types}


def _words(at: str, was: Place, now: Place, known: frozenset[str]) -> Iterator[Change]:
    named = closed(was.node) or closed(now.node)
    new = now.words - was.words - known - (named or frozenset())
    if not new or not was.words:
        return
    replaced = not was.words & now.words
    says = f"{at} is {words(new)}" + (f" in the place of {words(was.words)}" if replaced else ", too")
    says += "; the schema has a fixed list, and not that" if named else ""
    kind = "breaking" if named or replaced else "additive"
    yield Change(
        "value", "breaking" if kind == "breaking" else "additive", _shown(at), words(was.words), words(now.words), says
    )


def _kinds(at: str, before: Survey, after: Survey, known: Mapping[str, frozenset[str]]) -> Iterator[Change]:
    """A kind of object that was not there, where others were: those that a schema knows are chosen by the model."""
    stem, _, kind = at.removesuffix(">").rpartition("<")
    of_all = [_kinds_at(stem, side) for side in (before, after)]
    was, now = of_all
    new = after.places.get(at)
    if new is None or kind in was or not was or new.node is not None or kind in known.get(f"{stem}/type", ()):
        return
    scheme = any(
        side.places[f"{stem}<{each}>"].node is not None
        for side, kinds in zip((before, after), of_all, strict=True)
        for each in kinds
    )
    breaks = scheme or not was & now
    says = f"{stem or 'an event'} has a kind that was not there, {kind}" + (
        "; the schema has a fixed list, and not that" if scheme else ""
    )
    yield Change("value", "breaking" if breaks else "additive", f"{stem}/type", words(was), words(now), says)


def _kinds_at(stem: str, side: Survey) -> frozenset[str]:
    return frozenset(
        at[len(stem) + 1 : -1]
        for at in side.places
        if at.startswith(f"{stem}<") and at.endswith(">") and ">" not in at[len(stem) : -1]
    )


def _shown(at: str) -> str:
    return at or "the whole"
