"""What is known of the cases of a run while they are played: one tally for all the routers that they are played in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import PLAIN
from kimi_conformance.contract.trip import Play

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.router.case import Case

MUTE: Final = 4
"""A router that has left so many asks unanswered (those at once count as one), and has answered none, is given up."""


@dataclass(frozen=True, slots=True)
class Infra:
    """Why a case says nothing about conformance."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """Why a case cannot be seen here."""

    reason: str


Played = Play | Infra | Unseen


@dataclass(slots=True)
class Tally:
    """What became of each case so far, by id. `lost` says why all that is left is given up, if it is."""

    told: Callable[[str], None]
    trips: dict[str, list[Trip]] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    """The profile as it was filled in for the router that the case was played in: addresses differ."""
    ended: dict[str, str] = field(default_factory=dict)
    infra: dict[str, str] = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    deaths: int = 0
    lost: str = ""
    _answered: bool = False
    _unanswered: int = 0

    def finished(self, case: Case) -> None:
        """It is known what became of `case`."""
        self.done.add(case.id)
        self.told(case.id)

    def give_up(self, cases: Sequence[Case]) -> None:
        """None of `cases` will be played."""
        for case in cases:
            self.infra[case.id] = self.lost
            self.finished(case)

    def listen(self, trips: Sequence[Trip]) -> None:
        """Whether the router answers at all: one that only accepts says nothing about conformance.

        It is not asked for more than an answer while all is well: behind a dead upstream silence is for the judge.
        """
        late = [
            trip.client for trip in trips if trip.ask.scene == PLAIN and (trip.client.error or "").startswith("timeout")
        ]
        self._answered |= any(trip.client.response and trip.client.error is None for trip in trips)
        self._unanswered += len(late) == len(trips)
        if late and self._unanswered >= MUTE and not self._answered:
            does = (
                "begins its answers and ends none" if late[0].response else "accepts connections and answers no request"
            )
            self.lost = f"the router {does} ({late[0].error}); given up"
            self.infra.update(dict.fromkeys(self.trips, self.lost))

    def played(self, case: Case) -> Played:
        """What became of `case`."""
        if reason := self.infra.get(case.id):
            return Infra(reason)
        if reason := self.unseen.get(case.id):
            return Unseen(reason)
        return Play(case.id, case.requirement, tuple(self.trips[case.id]), ended=self.ended.get(case.id))
