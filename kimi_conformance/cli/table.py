"""The form of the tables that commands print."""

from __future__ import annotations

from rich.table import Table


def columns(*names: str) -> Table:
    """A table without lines, with these columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in names:
        table.add_column(name, overflow="fold", justify="right" if name == "cases" else "left")
    return table
