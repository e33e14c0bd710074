"""What is known of routers already: one file for each, in the cache folder, under the digests of profile and suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from kimi_conformance.contract.board import Scored
from kimi_conformance.reporting.write import CannotWrite, write_whole
from kimi_conformance.router.install import cache_folder

if TYPE_CHECKING:
    from pathlib import Path


def kept(name: str, profile: str, suite: str) -> Scored | None:
    """What became of the router under just this profile and suite, if it was played."""
    try:
        return Scored.model_validate_json(_place(name, profile, suite).read_bytes())
    except (OSError, ValidationError):  # not played, or by a version that wrote other files: it is played again
        return None


def shelve(scored: Scored) -> None:
    """Keep `scored` for the next run. Raises `CannotWrite`."""
    place = _place(scored.name, scored.profile, scored.suite)
    try:
        write_whole(place, scored.model_dump_json(indent=1).encode())
    except OSError as error:
        raise CannotWrite(f"{place} cannot be written: {error.strerror or error}") from error


def _place(name: str, profile: str, suite: str) -> Path:
    return cache_folder() / "scoreboard" / f"{name}-{profile[:12]}-{suite[:12]}.json"
