"""The shelf: cassettes/AREA/NAME.yaml, opened the way vcrpy opens them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError
from vcr.cassette import Cassette
from vcr.record_mode import RecordMode

from kimi_conformance.cassette import block_yaml, persister
from kimi_conformance.cassette.matching import MATCHERS
from kimi_conformance.cassette.problems import BadCassette
from kimi_conformance.contract.provenance import KEY, Provenance
from kimi_conformance.registry.home import cassettes

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


def path_of(name: str, shelf: Path | None = None) -> Path:
    """The file of the cassette `name`: `area/slug`."""
    return (shelf or cassettes()) / f"{name}.yaml"


def names(shelf: Path | None = None) -> tuple[str, ...]:
    """All cassettes by name, sorted."""
    root = shelf or cassettes()
    return tuple(sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.yaml")))


def load(path: Path, mode: RecordMode = RecordMode.NONE) -> Cassette:
    """The cassette in the file at `path`; a missing one is empty in a mode that records. Raises `BadCassette`."""
    if mode is RecordMode.NONE and not path.exists():
        raise BadCassette(f"no cassette {path}: `kimi-conformance record` makes it")
    try:
        cassette = Cassette.load(
            path=str(path), serializer=block_yaml, persister=persister, match_on=MATCHERS, record_mode=mode
        )
        for response in cassette.responses:
            _ = int(response["status"]["code"]), dict(response["headers"]), bytes(response["body"]["string"] or b"")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        said = next(iter(str(error).splitlines()), "")
        why = said if isinstance(error, (OSError, ValueError, yaml.YAMLError)) else f"{type(error).__name__} {said}"
        raise BadCassette(f"{path} is no cassette: {why}: restore it, or take it away and record it anew") from error
    return cassette


def save(cassette: Cassette) -> None:
    """Write what was recorded, where there is anything new."""
    cassette._save()  # noqa: SLF001 - vcrpy saves when it takes its patches back, and there are none here


def provenances(path: Path) -> tuple[Provenance, ...]:
    """The provenance of every answer in a cassette. Raises `BadCassette`."""
    return tuple(provenance_of(response, path) for response in load(path).responses)


def provenance_of(response: dict[str, Any], path: Path) -> Provenance:
    """The provenance of an answer in the cassette at `path`. Raises `BadCassette` where it is missing or faulty."""
    try:
        return Provenance.model_validate(response[KEY])
    except (KeyError, ValidationError) as error:
        raise BadCassette(f"{path}: an answer has no `provenance` that can be read: {error}") from error


def newest_day(shelf: Path | None = None) -> date:
    """The day of the newest answer on the shelf: replay keeps its calendar. Raises `BadCassette`."""
    days = [one.recorded_at for name in names(shelf) for one in provenances(path_of(name, shelf))]
    if not days:
        raise BadCassette(f"no cassettes in {shelf or cassettes()}")
    return max(days)
