"""reports/kill-matrix.md: the kill matrix as a page. It is made of the JSON alone, and carries no ages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.ranges import numbers
from kimi_conformance.reporting.kill_figures import Side, figures, gaps, router_side, wire_side
from kimi_conformance.reporting.kill_tables import by_fault, by_requirement, cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.kill_matrix import KillMatrix

HEAD: Final = """# Kill matrix

Who watches the watchmen: every check of this suite is turned on deliberate defects, and must notice. A *fault* is one
defect, of a router (the bundled reference router with one step replaced) or of the wire (a healthy answer of Kimi's,
harmed). Each was played against **all** cases, not only those that it was made for; what noticed it stands below.

Written by `kimi-conformance kill-matrix`, not to be edited by hand; [kill-matrix.json](kill-matrix.json) has every
case. CI compares the digests in it with the code, and this page with it. `kill-matrix --check` says what is stale.
"""

READ: Final = """A fault names the requirements that must notice it; these are **bold**. The others noticed it, too: a
call that took the wrong route has the wrong dialect, and so on. A number in brackets is that of the cases (of the wire:
the specimens) that did, where there is more than one.
"""

BINS: Final = ((1, 1, "1 fault"), (2, 2, "2"), (3, 4, "3 to 4"), (5, 9, "5 to 9"), (10, 19, "10 to 19"))
"""Numbers of faults: from, to, and what people call them. What is above stands in a column of its own."""


def kill_page(matrix: KillMatrix) -> str:
    """The whole page."""
    router, wire = router_side(matrix.router), wire_side(matrix.wire)
    parts = [
        HEAD,
        *_glance(matrix, router, wire),
        *_gaps(matrix),
        *_controls(matrix),
        *_weakest(router, wire),
        *_beyond(matrix, router, wire),
        "## Faults of a router\n",
        READ,
        *by_fault(router),
        "## Requirements of a router\n",
        *by_requirement(router),
        "## Faults of the wire\n",
        *_wire(matrix),
        *by_fault(wire),
        "## Requirements of the API\n",
        *by_requirement(wire),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _glance(matrix: KillMatrix, router: Side, wire: Side) -> Iterator[str]:
    played = sum(len([*numbers(matrix.router.settings[row.setting])]) for row in matrix.router.faults)
    fitting = sum(len([*numbers(row.fits)]) for row in matrix.wire.faults)
    yield "## At a glance\n"
    yield cells("", "router", "wire")
    yield cells("---", "---:", "---:")
    for (name, mine), (_, other) in zip(figures(router), figures(wire), strict=True):
        yield cells(name, f"{mine:,}", f"{other:,}")
    yield cells("cases, specimens", f"{len(matrix.router.ids):,}", f"{len(matrix.wire.specimens):,}")
    yield cells("of these, times faults", f"{played:,}", f"{fitting:,} that fit")
    yield ""


def _gaps(matrix: KillMatrix) -> Iterator[str]:
    found = gaps(matrix)
    if not found:
        yield "No gap: the controls are green, each fault was noticed by all that it names, each check is killed.\n"
        return
    yield "## Gaps\n"
    yield from (f"- {gap}" for gap in found)
    yield ""


def _controls(matrix: KillMatrix) -> Iterator[str]:
    yield "## The controls\n"
    yield "The reference router as it is, in each of the settings that faults are played in, and the specimens."
    yield f"Lifecycles are judged as on {matrix.router.day}, whatever day it is.\n"
    yield cells("control", "cases", "pass", "not observed", "anything else")
    yield cells("---", "---:", "---:", "---:", "---:")
    for row in matrix.router.controls:
        cases = len([*numbers(matrix.router.settings[row.setting])])
        words = Counter(row.words.values())
        unseen = words["unseen"]
        bad = words.total() - unseen
        yield cells(f"`{row.setting}`", f"{cases:,}", f"{cases - unseen - bad:,}", f"{unseen:,}", f"{bad:,}")
    found = len({number for text in matrix.wire.control.values() for number in numbers(text)})
    whole = len(matrix.wire.specimens)
    yield cells("specimens of the wire", f"{whole:,}", f"{whole - found:,}", "0", f"{found:,}")
    yield ""
    yield "What one of them cannot see (the log of an application within the suite's own process, the host behind a"
    yield "config of Portkey's) passes in another.\n"


def _weakest(router: Side, wire: Side) -> Iterator[str]:
    yield "## The weakest checks\n"
    yield "By how many faults a requirement is killed, and how many requirements are.\n"
    yield cells("", *(title for *_, title in BINS), "more")
    yield cells("---", *("---:" for _ in BINS), "---:")
    for name, side in (("router", router), ("wire", wire)):
        counts = [len(faults) for faults in side.killers.values() if faults]
        binned = [sum(low <= count <= high for count in counts) for low, high, _ in BINS]
        yield cells(name, *map(str, binned), str(len(counts) - sum(binned)))
    yield ""
    for title, side in (("a router", router), ("the API", wire)):
        weak = side.weakest
        if not weak:
            continue
        yield f"Requirements of {title} that one fault only kills: if that one went, nothing would prove them.\n"
        yield cells("requirement", "the fault")
        yield cells("---", "---")
        yield from (cells(f"`{name}`", f"`{side.killers[name][0]}`") for name in weak)
        yield ""


def _beyond(matrix: KillMatrix, router: Side, wire: Side) -> Iterator[str]:
    unsteady = [(row.subject, numbers(row.unsteady)) for row in matrix.router.faults if row.unsteady]
    infra = [(row.subject, numbers(row.infra)) for row in matrix.router.faults if row.infra]
    ids = matrix.router.ids
    yield "## Told apart\n"
    for title, side in (("a router", router), ("the API", wire)):
        if side.elsewhere:
            names = " and ".join(f"`{name}`" for name in side.elsewhere)
            yield f"- No fault of {title} can touch"
            yield f"  {names}:"
            yield "  they are about the profile and the catalogue. `suites/selftest/test_lifecycle.py` kills them."
    lonely = [*router.lonely, *wire.lonely]
    yield f"- {len(lonely)} faults were noticed by one requirement only: where it looks away, they pass. In the tables"
    yield "  they have a single name."
    if unsteady:
        yield "- What nobody expects to fail is played again, and counts when it fails again. Cases that failed in two"
        yield "  plays of three (they depend on what was played before, or on time):"
        for subject, places in unsteady:
            seen = [ids[number].partition("@")[0] for number in places]
            yield f"  - `{subject}`: {_counted(len(seen), 'case')} of {_counted(len({*seen}), 'requirement')}"
    if infra:
        yield "- Cases that could not be played, twice (the router could not be kept running):"
        for subject, places in infra:
            yield f"  - `{subject}`: {_counted(len([*places]), 'case')}"
    yield ""


def _wire(matrix: KillMatrix) -> Iterator[str]:
    made = sum(len([*numbers(row.on)]) for row in matrix.wire.faults)
    yield "Each fault is made for one healthy exchange, or for several, and must be noticed on each of them:"
    yield f"{made:,} cells. It was applied to every other one that it fits, too, where the same harm may mean nothing:"
    yield "what a list of files lacks no chat has. So the numbers in brackets are no shares.\n"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
