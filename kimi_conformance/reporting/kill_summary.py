"""The kill matrix for a terminal: what it comes to, and what noticed a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from kimi_conformance.reporting.kill_figures import figures, router_side, wire_side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.kill_matrix import KillMatrix, Word


def kill_table(matrix: KillMatrix) -> Table:
    """The figures that stand at the top of the page."""
    table = Table(box=None, pad_edge=False)
    for heading in ("", "router", "wire"):
        table.add_column(heading, justify="right" if heading else "left")
    router, wire = router_side(matrix.router), wire_side(matrix.wire)
    for (name, mine), (_, other) in zip(figures(router), figures(wire), strict=True):
        table.add_row(name, f"{mine:,}", f"{other:,}")
    return table


def noticed_lines(fault: str, kills: tuple[str, ...], words: Mapping[str, Word]) -> Iterator[Text]:
    """What noticed a fault: of each requirement, how many cases came to which word. Those that it names come first."""
    counts: dict[str, dict[Word, int]] = {name: {} for name in kills}
    for case, word in words.items():
        of = counts.setdefault(case.partition("@")[0], {})
        of[word] = of.get(word, 0) + 1
    yield Text(fault, style="bold")
    for name, of in counts.items():
        told = ", ".join(f"{count} {word}" for word, count in of.items()) or "did not notice"
        missed = name in kills and not of.keys() & {"fail", "warn"}
        if name in kills or of.keys() - {"unseen"}:
            yield Text(f"  {name}{' (named)' if name in kills else ''}: {told}", style="red" if missed else "")
    unseen = sum(of.get("unseen", 0) for name, of in counts.items() if name not in kills)
    if unseen:
        yield Text(f"  cases of others that could not be seen: {unseen}", style="dim")
