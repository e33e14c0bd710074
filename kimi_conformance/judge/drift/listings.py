"""Lists of models: which ids are there, and what is said of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.catalogue import State, state
from kimi_conformance.judge.api.hosts_known import kind_of
from kimi_conformance.judge.drift.change import ABSENT, Change, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.catalogue import Catalogue
    from kimi_conformance.contract.drift_rules import Class, Counts, DriftRules
    from kimi_conformance.judge.api.sight import Sight

LISTS: Final = frozenset({"models", "coding.models"})


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
    if was is None or now is None or was == now or type(was) is not type(now):
        return None
    if counts == "each" and isinstance(was, list) and isinstance(now, list):
        old, new = frozenset(map(str, was)), frozenset(map(str, now))
        return None if old == new else ("breaking" if old - new else "additive", words(old), words(new))
    more = counts == "more" and isinstance(now, int | float) and now > was
    return "wording" if counts == "wording" else "additive" if more else "breaking", str(was), str(now)
