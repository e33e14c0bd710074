"""The kill matrix: which cases notice which fault, in the form of reports/kill-matrix.json."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal

from pydantic import Field

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.ranges import Ranges, numbers

SCHEMA: Final = 1

Word = Literal["fail", "warn", "infra", "unseen", "unsteady"]
"""What a case came to, where it did not pass.

`infra`: the machinery spoiled it, twice. `unsteady`: nobody expected it to fail, and it did in one of two plays.
"""


class RouterRow(Frozen):
    """One fault of the router, or a control (`kills` nothing): which cases came to which word, by their numbers.

    `setting` is the profile that it was played by, `digest` tells what the fault does.
    """

    subject: str
    says: str
    kills: tuple[str, ...] = ()
    setting: str
    digest: str
    fail: Ranges = ""
    warn: Ranges = ""
    infra: Ranges = ""
    unseen: Ranges = ""
    unsteady: Ranges = ""

    @property
    def words(self) -> dict[int, Word]:
        """The word for each case that did not pass, by its number."""
        told: dict[Word, Ranges] = {
            "fail": self.fail,
            "warn": self.warn,
            "infra": self.infra,
            "unseen": self.unseen,
            "unsteady": self.unsteady,
        }
        return {number: word for word, text in told.items() for number in numbers(text)}


class RouterMatrix(Frozen):
    """Faults of the reference router against the routing cases.

    `cases` has the cases of each requirement, each as the id has it after the requirement: they are numbered through
    from 0, in this order. `settings` says which of them a profile has. `common` and `areas` are digests of what plays
    and judges: all of it, and what belongs to one area. `elsewhere` are requirements that no fault of a router can
    touch.
    """

    day: date
    common: str
    areas: dict[str, str]
    cases: dict[str, tuple[str, ...]]
    settings: dict[str, Ranges]
    elsewhere: tuple[str, ...]
    controls: tuple[RouterRow, ...]
    faults: tuple[RouterRow, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the cases, by their numbers."""
        return tuple(f"{requirement}{axes}" for requirement, each in self.cases.items() for axes in each)


class WireRow(Frozen):
    """One fault of the wire: the specimens that it is made for (`on`), those it fits, and who notices in which."""

    subject: str
    says: str
    kills: tuple[str, ...]
    on: Ranges
    fits: Ranges
    noticed: dict[str, Ranges]


class WireMatrix(Frozen):
    """Faults of the wire against healthy specimens, numbered from 0. `control` is what was found in these as they are.

    `digest` is that of all that makes and judges them; `requirements` are those that a fault can break.
    """

    digest: str
    requirements: tuple[str, ...]
    specimens: tuple[str, ...]
    control: dict[str, Ranges]
    faults: tuple[WireRow, ...]


class KillMatrix(Frozen):
    """reports/kill-matrix.json. `sha256` is that of the rest: what was edited by hand is known by it."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    router: RouterMatrix
    wire: WireMatrix
    sha256: str = ""

    def as_json(self) -> dict[str, Any]:
        """The document, with its member `schema`; what is empty is left out of the rows."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"schema": self.schema_}
