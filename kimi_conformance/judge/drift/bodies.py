"""What became of the members of an answer: gone, new, or there and something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.drift.change import ABSENT, Change, words
from kimi_conformance.judge.drift.values import kind_changes, type_changes, word_changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.drift_rules import DriftRules, Surveyed
    from kimi_conformance.judge.drift.members import Place, Survey

ITEM: Final = "/[]"


@dataclass(frozen=True, slots=True)
class Bodies:
    """Two answers of one shape, place by place.

    `pieces`: they are streams, where an optional member may be in one piece and not in the next: only whether it came
    at all is compared.
    """

    before: Survey
    after: Survey
    shape: Surveyed
    rules: DriftRules
    pieces: bool

    def changes(self) -> Iterator[Change]:
        """Every change from one to the other."""
        for at in dict.fromkeys([*self.before.places, *self.after.places]):
            if at.endswith(">"):
                yield from kind_changes(at, self.before, self.after, self.rules.known.get(self.shape, {}))
            holder = _holder(at)
            # What stands in something that is gone or new is told there; and what stands in no item cannot be compared.
            if holder is None or (self.before.objects.get(holder) and self.after.objects.get(holder)):
                yield from self._place(at, holder)

    def chosen(self) -> Iterator[tuple[Surveyed, str, bool]]:
        """The places whose members are there by what the model did: with their shape, and whether they are gone."""
        for at, varies in self.rules.varies.get(self.shape, {}).items():
            if varies == "model" and at in self.before.places and self.after.objects.get(str(_holder(at))):
                yield self.shape, at, at not in self.after.places

    def _place(self, at: str, holder: str | None) -> Iterator[Change]:
        was, now = self.before.places.get(at), self.after.places.get(at)
        varies = self.rules.varying(self.shape, at) is not None
        if was is None or now is None:
            if holder is None:
                yield from self._emptied(at)
            elif not varies:
                yield from self._presence(at, was, holder)
            return
        if holder is not None and not varies and self._sometimes(at, holder):
            says = f"{at} is not always there any more"
            yield Change("member-gone", "breaking", at, "always there", "not always there", says)
        yield from type_changes(at, was, now, varies=varies, of_error=self.shape.startswith("error"))
        yield from word_changes(at, was, now, self.rules.known.get(self.shape, {}).get(at, frozenset()))

    def _presence(self, at: str, was: Place | None, holder: str) -> Iterator[Change]:
        if was is None:
            new = self.after.places[at]
            known = "the schema does not know it" if new.node is None else "the schema names it"
            yield Change("member-new", "additive", at, ABSENT, words(new.types), f"{at} is new; {known}")
        else:
            needed = ", which every client may rely on" if self._required(at, holder) else ""
            yield Change("member-gone", "breaking", at, words(was.types), ABSENT, f"{at} is gone{needed}")

    def _emptied(self, at: str) -> Iterator[Change]:
        """A list without items, where the schema wants some: anywhere else nobody knows how many there should be."""
        above = at.removesuffix(ITEM)
        listed = self.after.places.get(above)
        if listed and at not in self.after.places and "minItems" in (listed.node or {}):
            yield Change("member-gone", "breaking", at, "some", "none", f"{above} has nothing in it")

    def _sometimes(self, at: str, holder: str) -> bool:
        """Whether what was always there is now missing in places."""
        always = self.before.places[at].times == self.before.objects[holder]
        missing = self.after.places[at].times < self.after.objects[holder]
        return always and missing and (not self.pieces or self._required(at, holder))

    def _required(self, at: str, holder: str) -> bool:
        node = self.before.places[holder].node
        return node is not None and at.rpartition("/")[2] in node.get("required", ())


def _holder(at: str) -> str | None:
    """The place of the object that has the member at `at`; None for the items of a list, and for the whole."""
    above, slash, name = at.rpartition("/")
    return None if not slash or "[]" in name else above
