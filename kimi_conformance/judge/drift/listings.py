"""Lists of models: which ids are there, and what is said of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.catalogue import State, state
from kimi_conformance.judge.api.hosts_known import kind_of
from kimi_conformance.judge.drift.bodies import Bodies
from kimi_conformance.judge.drift.change import ABSENT, Change, words
from kimi_conformance.judge.drift.members import Survey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.catalogue import Catalogue
    from kimi_conformance.contract.drift_rules import Class, Counts, DriftRules
    from kimi_conformance.contract.schema import Shape
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight

ENTRY: Final = "/data/[]"
LISTS: Final[tuple[Shape, ...]] = ("models", "coding.models")


def list_shape(sight: Sight) -> Shape | None:
    """The shape of a list of models; None where the sight is none."""
    return sight.shape if sight.shape in LISTS else None


def list_changes(before: Sight, after: Sight, rules: DriftRules, catalogue: Catalogue) -> Iterator[Change]:
    """Models that are gone or new, and attributes that say something else of one that is there."""
    was, now = entries(before), entries(after)
    for name in [*was, *(name for name in now if name not in was)]:
        if name not in now:
            yield _gone(name, after, catalogue)
        elif name not in was:
            known = "the catalogue knows it" if catalogue.find(name) else "the catalogue does not know it"
            says = f"the model {name} is listed now; {known}"
            yield Change("model", "additive", f"/data/[id={name}]", ABSENT, "listed", says, str(before.shape))
        else:
            for at, counts in rules.attributes.items():
                old, new = _at(was[name], at), _at(now[name], at)
                if told := _attribute(counts, old, new):
                    class_, was_it, is_it = told
                    where, says = f"/data/[id={name}]{at}", f"{at} of {name} was {was_it}, and is {is_it}"
                    yield Change("attribute", class_, where, was_it, is_it, says, str(before.shape))


def entry_changes(before: Sight, after: Sight, shape: Shape, rules: DriftRules, contract: Contract) -> Iterator[Change]:
    """What differs within the entries, each compared with that of its own id. What all have in common is told once."""
    was, now = entries(before), entries(after)
    document = contract.schemas.documents[shape]
    node = document["properties"]["data"]["items"]
    both = [name for name in was if name in now]
    found: dict[Change, list[str]] = {}
    for name in both:
        old, new = Survey(document, rules.enumerations), Survey(document, rules.enumerations)
        old.take(was[name], node, ENTRY)
        new.take(now[name], node, ENTRY)
        for change in Bodies(old, new, shape, rules, pieces=False).changes():
            found.setdefault(change, []).append(name)
    for change, names in found.items():
        yield from [change] if len(names) == len(both) > 1 else (_of(name, change) for name in names)


def _of(name: str, change: Change) -> Change:
    """The change as one of the model of that name."""
    where, says = (text.replace(ENTRY, f"/data/[id={name}]") for text in (change.where, change.says))
    return replace(change, where=where, says=says)


def entries(sight: Sight) -> dict[str, dict[str, Any]]:
    """The entries of a list of models, by id."""
    data = sight.answer.get("data")
    listed = [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
    return {each["id"]: each for each in listed if isinstance(each.get("id"), str)}


def _gone(name: str, after: Sight, catalogue: Catalogue) -> Change:
    model, host = catalogue.find(name), kind_of(after)
    over = model and host and after.on and state(model, host, after.on) is State.RETIRED
    expected = f"the catalogue has it retired on {after.on}" if over else None
    says = f"the model {name} is not listed any more"
    return Change("model", "breaking", f"/data/[id={name}]", "listed", ABSENT, says, str(after.shape), expected)


def _at(entry: Mapping[str, Any], pointer: str) -> Any:
    value: Any = entry
    for step in pointer.split("/")[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _attribute(counts: Counts, was: Any, now: Any) -> tuple[Class, str, str] | None:
    """What another value is, and both in words; None where it is the same.

    That an attribute is gone, new or of another type is told as of any member.
    """
    if was == now or type(was) is not type(now):
        return None
    if counts == "each":
        old, new = (set(map(str, value)) if isinstance(value, list) else {str(value)} for value in (was, now))
        return None if old == new else ("breaking" if old - new else "additive", words(old), words(new))
    more = counts == "more" and isinstance(now, int | float) and now > was
    return "wording" if counts == "wording" else "additive" if more else "breaking", str(was), str(now)
