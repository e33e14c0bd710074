"""Cells: what became of a subject (a fault, a control) in an area. Valid ones are kept, the others must be played."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

from kimi_conformance.contract.kill_matrix import RouterMatrix, RouterRow, Word
from kimi_conformance.contract.ranges import ranges
from kimi_conformance.contract.requirement import AREAS
from kimi_conformance.faults import FAULTS
from kimi_conformance.killing.setting import CONTROLS, DAY, SETTINGS, plan_of, setting_of
from kimi_conformance.registry.contracts import requirements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kimi_conformance.killing.state import State

Cells: TypeAlias = "dict[tuple[str, str], dict[str, Word]]"
"""By subject and area: the word for each case that did not pass, by its id."""

ANSWER_FOR_ALL: Final = ("request", "secret")
"""Areas in which a case answers for what was seen in the whole run: they are only played with all the others."""

SUBJECTS: Final = (*CONTROLS, *FAULTS)

ELSEWHERE: Final = ("router.gate.registered-models-are-served", "router.gate.live-kimi-models-registered")
"""Requirements of the profile and the catalogue: no fault of a router touches them, test_lifecycle.py kills them."""


def cells_of(subject: str, areas: Iterable[str], words: Mapping[str, Word]) -> Cells:
    """The cells of a subject in `areas`, of the words for its cases."""
    found: Cells = {(subject, area): {} for area in areas}
    for case, word in words.items():
        if (cell := (subject, case.split(".")[1])) in found:
            found[cell][case] = word
    return found


def valid_cells(matrix: RouterMatrix, state: State) -> Cells:
    """The cells of a matrix that are as `state` has it."""
    if matrix.common != state.common or matrix.day != DAY:
        return {}
    areas = [area for area, digest in state.areas.items() if matrix.areas.get(area) == digest]
    ids = matrix.ids
    found: Cells = {}
    for row in (*matrix.controls, *matrix.faults):
        if state.rows.get(row.subject) == row.digest and setting_of(row.subject) == row.setting:
            found |= cells_of(row.subject, areas, {ids[number]: word for number, word in row.words.items()})
    return found


def stale(cells: Cells, subjects: Iterable[str] = SUBJECTS) -> dict[str, tuple[str, ...]]:
    """By subject: the areas that must be played, because there is no cell; all of them where one answers for all."""
    found = {}
    for subject in subjects:
        lacking = tuple(area for area in AREAS if (subject, area) not in cells)
        if lacking:
            found[subject] = AREAS if set(lacking) & set(ANSWER_FOR_ALL) else lacking
    return found


def router_matrix(cells: Cells, state: State) -> RouterMatrix:
    """The matrix of cells that are all there. Raises `KeyError` where one is not."""
    by_setting = {setting: [*plan_of(f"control/{setting}").cases] for setting in SETTINGS}
    cases: dict[str, dict[str, None]] = {name: {} for name in requirements("router")}
    for case in (case for each in by_setting.values() for case in each):
        requirement, at, axes = case.partition("@")
        cases[requirement][at + axes] = None
    known = {name: tuple(each) for name, each in cases.items() if each}
    places = {name + axes: number for number, (name, axes) in enumerate((n, a) for n in known for a in known[n])}

    def row(subject: str) -> RouterRow:
        words: dict[Word, list[int]] = defaultdict(list)
        for area in AREAS:
            for case, word in cells[subject, area].items():
                words[word].append(places[case])
        fault = FAULTS.get(subject)
        return RouterRow(
            subject=subject,
            says=fault.says if fault else "The reference router as it is.",
            kills=fault.kills if fault else (),
            setting=setting_of(subject),
            digest=state.rows[subject],
            **{word: ranges(found) for word, found in words.items()},
        )

    return RouterMatrix(
        day=DAY,
        common=state.common,
        areas=dict(state.areas),
        cases=known,
        settings={name: ranges(places[case] for case in each) for name, each in by_setting.items()},
        elsewhere=ELSEWHERE,
        controls=tuple(map(row, CONTROLS)),
        faults=tuple(map(row, FAULTS)),
    )
