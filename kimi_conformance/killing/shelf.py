"""The work folder: plays that stand in no report yet. A file for each, with the state that it was played in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import ValidationError

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.killing.cells import cells_of
from kimi_conformance.killing.played import Played  # noqa: TC001 - pydantic needs it
from kimi_conformance.killing.settling import settled
from kimi_conformance.reporting.write import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kimi_conformance.killing.cells import Cells
    from kimi_conformance.killing.state import State


class Shelved(Frozen):
    """A play, with the digests of what it depends on: what is common, its areas, its row."""

    common: str
    areas: dict[str, str]
    row: str
    played: Played


def shelve(work: Path, played: Played, areas: Sequence[str], state: State) -> None:
    """Keep a play of `areas` in the folder `work`. Raises `OSError`."""
    kept = Shelved(
        common=state.common,
        areas={area: state.areas[area] for area in areas},
        row=state.rows[played.subject],
        played=played,
    )
    stamp = "\0".join([kept.common, kept.row, *kept.areas, *kept.areas.values()])
    name = f"{played.subject.replace('/', '-')}-{hashlib.sha256(stamp.encode()).hexdigest()[:8]}.json"
    write_whole(work / name, kept.model_dump_json(indent=0).encode())


def shelved(work: Path, state: State) -> tuple[Cells, list[Path]]:
    """The cells in `work` that are as `state` has it, and the files in which none is (or that cannot be read)."""
    found: Cells = {}
    useless: list[Path] = []
    for path in sorted(work.glob("*.json")):
        try:
            kept = Shelved.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            useless.append(path)
            continue
        areas = [area for area, digest in kept.areas.items() if state.areas.get(area) == digest]
        subject = kept.played.subject
        if kept.common != state.common or state.rows.get(subject) != kept.row or not areas:
            useless.append(path)
            continue
        found |= cells_of(subject, areas, settled(kept.played))
    return found, useless
