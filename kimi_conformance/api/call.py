"""Calls of Kimi's API and the cases made of them, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kimi_conformance.contract.calls import Form, Host, KeyName
    from kimi_conformance.judge.api.sight import Key


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One request. `name` is that of its cassette: `area/slug`. Two calls of one name are the same call.

    `past`: it cannot be asked for any more, or not at will (a retired model, a limit that has to be exceeded): it is
    replayed, and never sent. The id in the answer of the call `takes` stands for `{id}` in the path.
    """

    name: str
    method: str
    path: str
    host: Host = "platform-ai"
    key: KeyName = "platform-ai"
    body: Mapping[str, Any] | None = None
    form: Form | None = None
    headers: tuple[tuple[str, str], ...] = ()
    x_api_key: bool = False
    past: bool = False
    takes: Call | None = None
    absent: str | None = None
    """Why there is no such call on the day of the plan: a case of it is none."""

    @property
    def whose(self) -> Key:
        """Whose key it carries, as seen by the host that it is sent to."""
        return whose(self.key, self.host)

    @property
    def model(self) -> str | None:
        """The model that it asks for, where it does."""
        return str(self.body["model"]) if self.body and "model" in self.body else None


def whose(key: KeyName, host: Host) -> Key:
    """Whose key `key` is to `host`."""
    if key in ("none", "wrong", "drained") or (key == "coding" != host):
        return key
    if key == host:
        return "own"
    return "coding" if key == "coding" else "other-host"


@dataclass(frozen=True, slots=True)
class Case:
    """A requirement and the calls that show whether it holds.

    `calls` are judged; `twins` must be accepted first: they differ in what is refused, or prove that the host answers
    at all. Without them, a host that answers 401 to everybody would pass every test of a 401.
    """

    requirement: str
    axes: tuple[tuple[str, str], ...]
    calls: tuple[Call, ...]
    twins: tuple[Call, ...] = ()

    @property
    def id(self) -> str:
        """`requirement@axis=value`, glob-safe and public."""
        return "".join([self.requirement, *(f"@{axis}={value}" for axis, value in self.axes)])

    @property
    def all_calls(self) -> tuple[Call, ...]:
        """Each call once: what others take their ids from first, then twins, then what is judged."""
        named: dict[str, Call] = {}
        for call in (*self.twins, *self.calls):
            if call.takes:
                named.setdefault(call.takes.name, call.takes)
            named.setdefault(call.name, call)
        return tuple(named.values())


def case(*calls: Call, twins: tuple[Call, ...] = (), **axes: str) -> Case:
    """A case of the calls that are judged, with its axes; the suite says of which requirement."""
    return Case("", tuple(axes.items()), calls, twins)


def each(calls: Iterable[Call], *twins: Call, itself: bool = False) -> Iterator[Case]:
    """A case for each call, named after it. `itself`: the call must have been accepted, whatever else it shows."""
    for call in calls:
        yield case(call, twins=(call, *twins) if itself else twins, call=call.name.replace("/", "."))
