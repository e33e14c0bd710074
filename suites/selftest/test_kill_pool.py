"""The kill matrix: processes that play a fault each; one that is killed, hangs or fails is told and tried again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kimi_conformance.killing.played import Played
from kimi_conformance.killing.pool import Task, play_all

if TYPE_CHECKING:
    from pathlib import Path


def test_a_fault_is_played_in_a_process_of_its_own(tmp_path: Path) -> None:
    task = Task("models.doubled", ("models",), tmp_path / "a.json")
    told, lost = _played(task)
    assert (told, lost) == ([""], [])
    played = Played.model_validate_json(task.file.read_bytes())
    assert {case.split(".")[1] for case in played.first} == {"models"}
    assert "fail" in played.first.values()
    assert played.cpu_s > 0
    assert [*tmp_path.iterdir()] == [task.file]


def test_one_that_fails_is_told_and_tried_once_more(tmp_path: Path) -> None:
    task = Task("models.no-such-fault", ("models",), tmp_path / "a.json")
    told, lost = _played(task)
    assert told == ["its process ended with exit code 1: KeyError: 'models.no-such-fault'"] * 2
    assert lost == [task]


def test_one_that_hangs_is_ended_told_and_tried_once_more(tmp_path: Path) -> None:
    task = Task("models.doubled", (), tmp_path / "a.json")
    told, lost = _played(task, limit_s=0.5)
    assert told == ["it did not end within 0.5 s"] * 2
    assert lost == [task]


def _played(task: Task, limit_s: float = 60) -> tuple[list[str], list[Task]]:
    """What was told of a task, and whether it was lost."""
    told: list[str] = []
    lost = asyncio.run(play_all([task], jobs=2, limit_s=limit_s, told=lambda _, problem: told.append(problem)))
    return told, [*lost]
