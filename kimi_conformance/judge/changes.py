"""What became of the members of an answer on its way to the client, and how bad that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import shown_apart
from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.json_diff import differences
from kimi_conformance.judge.meaning import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.judge.json_diff import Difference

MODELS: Final = ("/model", "/message/model")
"""Where an answer names its model: a router may put the name there by which its client asked."""

STAMPS: Final = ("/created", "/system_fingerprint")
"""What tells when and by which server an answer was made: a router that makes its own may put its own there."""


BRIEF: Final = 60


def changes(trip: Trip, sent: Any, seen: Any, *, at: str = "", place: str = "client response") -> Iterator[Flaw]:
    """A flaw for each member of the upstream's that is missing or another, and a warning for each that is new."""
    for difference in noteworthy(trip, sent, seen, at):
        yield flaw_of(difference, place)


def noteworthy(trip: Trip, sent: Any, seen: Any, at: str = "") -> Iterator[Difference]:
    """Where two values differ, but for the model, which may have the client's own name."""
    asked = trip.ask.model.value
    return (
        difference
        for difference in differences(sent, seen, at)
        if not (difference.at in MODELS and difference.seen == asked)
    )


def flaw_of(difference: Difference, place: str) -> Flaw:
    """What is to be said of a difference."""
    sent, seen = shown_apart(difference.sent, difference.seen)
    where = f"{place} {difference.at}"
    name = difference.at or "the whole"
    if difference.sent is ABSENT:
        return Flaw("no such member", seen, where, f"{name} was added by the router: {seen}", Verdict.WARN)
    if _both_nothing(difference.sent, difference.seen):
        return Flaw(sent, seen, where, f"{name} was {sent} and became {seen}: both say nothing", Verdict.WARN)
    if difference.widened:
        return Flaw(sent, seen, where, f"{name}: {sent} went through 32 bits and became {seen}", Verdict.WARN)
    if _written_anew(difference.sent, difference.seen):
        message = f"{name} is the same JSON written anew: {sent} became {seen}"
        return Flaw(sent, seen, where, message, Verdict.WARN)
    if difference.at in STAMPS and type(difference.sent) is type(difference.seen):
        return Flaw(sent, seen, where, f"{name} is the router's own: {sent} became {seen}", Verdict.WARN)
    if difference.seen is ABSENT:
        return Flaw(sent, "absent", where, f"{name} was lost{_briefly(sent)}")
    return Flaw(sent, seen, where, f"{name} was changed{_briefly(sent, seen)}")


def _briefly(*values: str) -> str:
    """Values that are short enough to be told in a message."""
    return f": {' became '.join(values)}" if sum(map(len, values)) <= BRIEF else ""


def _both_nothing(sent: Any, seen: Any) -> bool:
    return sent in (None, "", [], {}) and (seen is ABSENT or seen in (None, "", [], {}))


def _written_anew(sent: Any, seen: Any) -> bool:
    """Whether both are texts of one JSON object, as the arguments of a call are."""
    if not (isinstance(sent, str) and isinstance(seen, str) and sent.startswith("{")):
        return False
    one, other = parsed(sent), parsed(seen)
    return isinstance(one, dict) and isinstance(other, dict) and not [*differences(one, other)]
