"""The two long tables of the kill matrix: from fault to requirements, and back. Folded by area."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kimi_conformance.reporting.kill_figures import Side

SHOWN: Final = 12
"""So many names stand in a cell; kill-matrix.json has all."""


def cells(*values: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(value.replace('|', '&#124;') for value in values)} |"


def by_fault(side: Side) -> Iterator[str]:
    """From each fault to those that noticed it, by the area of the first that it names."""
    groups: dict[str, list[str]] = defaultdict(list)
    for fault, row in side.faults.items():
        groups[area_of(row.kills[0])].append(fault)
    for area, faults in _in_order(groups, side):
        yield from _folded(f"{area}: {len(faults)} faults", "fault", "what is wrong", "noticed by")
        for fault in faults:
            row = side.faults[fault]
            noticed = side.noticed[fault]
            named = [f"**{short(name, area)}**{_count(noticed[name])}" for name in row.kills if name in noticed]
            more = [f"{short(name, area)}{_count(count)}" for name, count in side.beyond(fault).items()]
            yield cells(f"`{fault}`", row.says, _listed([*named, *more]))
        yield "\n</details>\n"


def by_requirement(side: Side) -> Iterator[str]:
    """From each requirement to the faults that it noticed, those that name it first, the weakest requirements first."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in side.killers:
        groups[area_of(name)].append(name)
    for area, names in _in_order(groups, side):
        yield from _folded(f"{area}: {len(names)} requirements", "requirement", "faults", "killed by")
        for name in sorted(names, key=lambda name: len(side.killers[name])):
            faults = side.killers[name]
            named = [f"**{fault}**" for fault in faults if name in side.faults[fault].kills]
            more = [fault for fault in faults if name not in side.faults[fault].kills]
            what = _listed([*named, *more]) if faults else "*(elsewhere, see above)*"
            yield cells(f"`{short(name, area)}`", str(len(faults)), what)
        yield "\n</details>\n"


def area_of(requirement: str) -> str:
    """`gate` of `router.gate.rule`."""
    return requirement.split(".")[1]


def short(requirement: str, area: str) -> str:
    """A requirement within a table: without its actor, and without the area where that is the table's own."""
    name = requirement.partition(".")[2]
    return name.removeprefix(f"{area}.")


def _folded(title: str, *heads: str) -> Iterator[str]:
    yield f"<details><summary>{title}</summary>\n"
    yield cells(*heads)
    yield cells(*("---:" if head == "faults" else "---" for head in heads))


def _in_order(groups: Mapping[str, Sequence[str]], side: Side) -> Iterator[tuple[str, Sequence[str]]]:
    for area in dict.fromkeys(map(area_of, side.killers)):
        if area in groups:
            yield area, groups[area]


def _count(count: int) -> str:
    return f" ({count})" if count > 1 else ""


def _listed(names: Sequence[str]) -> str:
    """`names`, or the first of them."""
    rest = len(names) - SHOWN
    shown = ", ".join(names[:SHOWN] if rest > 1 else names)
    return f"{shown} and {rest} more" if rest > 1 else shown
