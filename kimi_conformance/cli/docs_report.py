"""What `docs` says: how many statements are known how, and what became of each file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from rich.text import Text

from kimi_conformance import __version__
from kimi_conformance.cli.table import columns
from kimi_conformance.reporting.api_page.counting import AGAINST, YOURS, total
from kimi_conformance.reporting.generated import difference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rich.console import Console

    from kimi_conformance.reporting.generated import Generated

NAMES: Final = {
    "live": "live",
    "recorded": "recorded",
    "observed": "observed by others",
    "documented": "documented only",
    "modelled": "modelled by us, never seen",
    "open": "open questions",
    "failing": "does not hold",
    "unsupported": "without evidence",
    YOURS: "not about Kimi",
    AGAINST: "of all these, against the documentation",
}
ALWAYS: Final = ("live", "recorded")
STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


def as_json(counted: Mapping[str, int], bare: Sequence[str], files: Sequence[Generated], on: date) -> str:
    """The counts and the files, as they were found, for programs."""
    document = {
        "schema": 1,
        "suite": __version__,
        "on": str(on),
        "statements": {**counted, "total": total(counted)},
        "unsupported": list(bare),
        "files": [{"path": str(file.path), "found": file.state} for file in files],
    }
    return f"{json.dumps(document, ensure_ascii=False, indent=1)}\n"


def print_counts(console: Console, counted: Mapping[str, int], bare: Sequence[str], on: date) -> None:
    """A table of the counts, and the lines that nothing supports."""
    table = columns("how known", "statements")
    table.columns[1].justify = "right"
    for kind, name in NAMES.items():
        if counted[kind] or kind in ALWAYS:
            table.add_row(name, str(counted[kind]))
    console.print(table)
    console.print(f"{total(counted)} statements, judged by the tapes up to {on}")
    for line in bare:
        console.print(Text(f"without evidence: {line}", style="red"), soft_wrap=True)


def print_files(console: Console, files: Sequence[Generated], *, check: bool, mend: str) -> None:
    """What became of each file; with `check`, how it differs and how to mend that."""
    for file in files:
        done = file.state if check else "as it was" if file.state == "current" else "written"
        console.print(Text(f"{file.path}: {done}"), soft_wrap=True)
        for line in difference(file.found, file.text, str(file.path)) if check and file.found is not None else ():
            console.print(Text(line, style=STYLES.get(line[:1], "")), soft_wrap=True)
    if check and any(file.state != "current" for file in files):
        console.print(Text(f"Mend it: {mend}, and look at what has changed"), soft_wrap=True)
