"""The end of a process's runs; where they are interrupted, what was played by then is handed to the controller."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pydantic import TypeAdapter

from kimi_conformance.contract.result import CaseResult
from kimi_conformance.plugin.report import case_result
from kimi_conformance.plugin.session import close_runs, stopped
from kimi_conformance.plugin.steady import steady

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES: Final = TypeAdapter(tuple[CaseResult, ...])

PLAYED: Final[pytest.StashKey[tuple[CaseResult, ...]]] = pytest.StashKey()
"""What this process had played when it was interrupted."""


def end_runs(config: pytest.Config, *, interrupted: bool) -> None:
    """End the routers of this process."""
    with steady():
        try:
            if interrupted:
                config.stash[PLAYED] = played = tuple(_played(config))
                if file := _file(config):
                    file.write_bytes(CASES.dump_json(played))
        finally:
            close_runs(config)


def left_behind(config: pytest.Config) -> Iterator[CaseResult]:
    """On the controller: what it and its workers had played when they were interrupted."""
    yield from config.stash.get(PLAYED, ())
    if path := config.getoption("--kimi-results"):
        for file in Path(path).parent.glob(f"{Path(path).name}.gw*"):
            yield from CASES.validate_json(file.read_bytes())


def _played(config: pytest.Config) -> Iterator[CaseResult]:
    for case, (judged, run) in stopped(config).items():
        yield case_result(case, case.split("@", 1)[0], judged, run)


def _file(config: pytest.Config) -> Path | None:
    """Where a worker leaves what it has: the controller hears nothing of an interrupted one."""
    path = config.getoption("--kimi-results")
    worker = getattr(config, "workerinput", {}).get("workerid")
    return Path(f"{path}.{worker}") if path and worker else None
