"""Which members were seen on tapes of real answers: in bodies that came, and in requests that were answered 2xx."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kimi_conformance.api.seen import Seen
from kimi_conformance.judge.api.sight import read_json
from kimi_conformance.reporting.api_page.mark import Mark
from kimi_conformance.reporting.api_page.members import Counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.api.call import Call
    from kimi_conformance.api.trial import Trial
    from kimi_conformance.contract.endpoints import Endpoints
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.reporting.api_page.members import Shapes


@dataclass(frozen=True, slots=True)
class BodiesSeen:
    """By shape: how often each member was seen, and the mark of the newest and strongest tape that has it."""

    counted: dict[str, Counted] = field(default_factory=lambda: defaultdict(Counted))
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)

    def mark(self, shape: str, path: str) -> Mark | None:
        """How a member is known by tapes; None where none has it."""
        return self.marks.get((shape, path))

    def share(self, shape: str, path: str, parent: str) -> str:
        """In how many of the objects that it belongs to a member was seen: `3 of 5`."""
        counted = self.counted[shape]
        return f"{counted.members[path]} of {counted.objects[parent]}" if counted.objects[parent] else ""


def bodies_seen(trials: Iterable[Trial], shapes: Shapes, endpoints: Endpoints) -> BodiesSeen:
    """What the tapes of real answers show of bodies, each tape once."""
    found = BodiesSeen()
    tapes = {call.name: (call, one) for trial in trials for call, one in trial.seen if isinstance(one, Seen)}
    for call, one in tapes.values():
        if one.origin == "modelled":
            continue
        mark = Mark("recorded" if one.origin == "live" else "observed", one.on)
        for shape, value in (*_came(one.sight), *(_sent(call, endpoints) if one.sight.ok else ())):
            counted = shapes.count(shape, value)
            found.counted[shape].objects.update(counted.objects)
            found.counted[shape].members.update(counted.members)
            for path in counted.members:
                found.marks[shape, path] = _stronger(found.marks.get((shape, path)), mark)
    return found


def members_sent(call: Call, shapes: Shapes, endpoints: Endpoints) -> set[str]:
    """The members, by path, that a call sends."""
    return {path for shape, value in _sent(call, endpoints) for path in shapes.count(shape, value).members}


def _came(sight: Sight) -> Iterator[tuple[str, object]]:
    if sight.shape is None:
        return
    if not sight.streamed:
        yield sight.shape, sight.body
        return
    for event in sight.reading.events:
        yield sight.shape, read_json(event.data)


def _sent(call: Call, endpoints: Endpoints) -> Iterator[tuple[str, object]]:
    endpoint = endpoints.find(call.method, f"{endpoints.hosts[call.host].server}{call.path}")
    if endpoint and endpoint.request and call.body is not None:
        yield endpoint.request.shape, call.body


def _stronger(before: Mark | None, now: Mark) -> Mark:
    if before is None or before.word == now.word:
        return max((each for each in (before, now) if each), key=lambda mark: str(mark.on))
    return now if now.word == "recorded" else before
