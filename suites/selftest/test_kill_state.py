"""The kill matrix: what makes a cell stale, and what does not."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.requirement import AREAS
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.faults import FAULTS
from kimi_conformance.judge import CHECKS
from kimi_conformance.killing.cells import ANSWER_FOR_ALL, SUBJECTS, cells_of, router_matrix, stale, valid_cells
from kimi_conformance.killing.play import played
from kimi_conformance.killing.played import Played
from kimi_conformance.killing.reaching import run
from kimi_conformance.killing.setting import control_plan, setting_of
from kimi_conformance.killing.shelf import shelve, shelved
from kimi_conformance.killing.sources import NAME, package, parsed, source
from kimi_conformance.killing.state import CALLED, READERS, another_check, area_modules, common_modules, state
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.registry.home import PACKAGE

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from kimi_conformance.contract.kill_matrix import RouterMatrix
    from kimi_conformance.killing.cells import Cells
    from kimi_conformance.killing.sources import Piece
    from kimi_conformance.killing.state import State

BEFORE = '''
"""What it holds."""
from kimi_conformance.exchange import Exchange

@fault("a.first", itself, "router.gate.x")
def first(steps):
    """It says this."""
    return f"{steps} {1:{2}}"
'''


def does(text: str, *, but: str = "") -> list[str]:
    """What a text does, without what it declares under a name."""
    return [piece.does for piece in parsed(text).pieces if piece.declares != but]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(BEFORE.replace('"""It says this."""', '"""It says that."""'), id="docstring"),
        pytest.param(BEFORE.replace('"""What it holds."""', ""), id="no-docstring"),
        pytest.param(BEFORE.replace("return", "# why\n    return"), id="comment"),
        pytest.param(BEFORE.replace('"a.first", itself', "\n    'a.first',\n    itself"), id="layout"),
    ],
)
def test_words_and_layout_do_not_count(after: str) -> None:
    assert does(after) == does(BEFORE)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(BEFORE.replace("{1:", "{0:"), id="a-number"),
        pytest.param(BEFORE.replace("router.gate.x", "router.gate.y"), id="what-it-kills"),
        pytest.param(BEFORE.replace("(steps):", "(steps=None):"), id="a-default"),
        pytest.param(BEFORE.replace("def first", "async def first"), id="async"),
        pytest.param(f"{BEFORE}\nFIRST = 1\n", id="one-more-statement"),
        pytest.param(BEFORE.replace(" {1", "  {1"), id="a-blank-in-a-text"),
    ],
)
def test_what_code_does_counts(after: str) -> None:
    assert does(after) != does(BEFORE)


def test_another_fault_in_the_same_module_does_not_count() -> None:
    after = BEFORE + BEFORE[BEFORE.index("@fault") :].replace("first", "second")
    assert does(after) != does(BEFORE)
    assert does(after, but="a.second") == does(BEFORE)


def test_what_is_imported_for_type_checkers_alone_is_not_counted() -> None:
    lines = "if TYPE_CHECKING:\n    from kimi_conformance import oracle\nelse:\n    from kimi_conformance import sse\n"
    assert parsed(lines).imports == (NAME, f"{NAME}.sse")


def test_every_fault_and_area_has_a_digest_of_its_own() -> None:
    now = state()
    assert now.rows.keys() == set(SUBJECTS)
    assert len({now.rows[fault] for fault in FAULTS}) == len(FAULTS)
    assert len(set(now.areas.values())) == len(AREAS)


def test_all_code_that_a_play_runs_is_counted() -> None:
    codes: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            codes.add(frame.f_code)

    plan = control_plan("reference-asgi")
    one_of_each = {case.requirement.split(".")[1]: case.id for case in plan.cases.values() if not case.fresh}
    threading.setprofile(note)
    try:
        played(plan, one_of_each.values())
    finally:
        threading.setprofile(None)
    ran = {(module, code.co_firstlineno) for code in codes if (module := module_of(code))}
    counted = [run(common_modules(), CALLED), *(run(area_modules(area), (), but=another_check(area)) for area in AREAS)]
    lines = {(module, line) for each in counted for module, piece in each for line in range_of(piece)}
    assert any(module == f"{NAME}.router.lane" for module, _ in ran)
    assert {(module, line) for module, line in ran - lines if not any(fnmatchcase(module, g) for g in READERS)} == set()


def module_of(code: CodeType) -> str:
    """The module of ours that a function stands in; nothing where it is none of ours."""
    path = Path(code.co_filename)
    if code.co_name == "<module>" or not path.is_relative_to(PACKAGE):
        return ""
    return ".".join([NAME, *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")


def range_of(piece: Piece) -> range:
    """The lines of a piece."""
    first, last = piece.lines
    return range(first, last + 1)


@pytest.mark.parametrize("area", AREAS)
def test_an_area_has_its_own_checks_and_no_others(area: str) -> None:
    counted = {(module, piece.lines) for module, piece in run(area_modules(area), (), but=another_check(area))}
    for requirement, check in CHECKS.items():
        made = [
            (check.__module__, piece.lines)
            for piece in source(check.__module__).pieces
            if check.__code__.co_firstlineno in range_of(piece) and not piece.names
        ]
        assert len(made) <= 1
        own = {CHECKS[each] for each in CHECKS if each.split(".")[1] == area}
        assert {place in counted for place in made} <= {check in own}, requirement


def test_all_checks_are_counted() -> None:
    judges = {module for module in package(f"{NAME}.judge") if source(module).constants & requirements("router").keys()}
    assert judges - set().union(*map(area_modules, AREAS)) == set()


def whole() -> Cells:
    """Cells for everything, in which the first case of each failed."""
    cells: Cells = {}
    for subject in SUBJECTS:
        first = next(iter(control_plan(setting_of(subject)).cases))
        cells |= cells_of(subject, AREAS, {first: "fail"})
    return cells


FAULT = "gate.none"


@pytest.fixture(scope="module")
def now() -> State:
    """The state of today's sources."""
    return state()


@pytest.fixture(scope="module")
def matrix(now: State) -> RouterMatrix:
    """A matrix of it, in which the first case of each fault failed."""
    return router_matrix(whole(), now)


def test_what_is_of_today_is_valid(now: State, matrix: RouterMatrix) -> None:
    assert valid_cells(matrix, now) == whole()
    assert stale(whole()) == {}


def test_another_fault_makes_its_row_stale(now: State, matrix: RouterMatrix) -> None:
    cells = valid_cells(matrix, replace(now, rows={**now.rows, FAULT: "other"}))
    assert stale(cells) == {FAULT: AREAS}


def test_another_area_makes_its_column_stale(now: State, matrix: RouterMatrix) -> None:
    cells = valid_cells(matrix, replace(now, areas={**now.areas, "gate": "other"}))
    assert stale(cells) == dict.fromkeys(SUBJECTS, ("gate",))


@pytest.mark.parametrize("area", ANSWER_FOR_ALL)
def test_an_area_that_answers_for_all_is_played_with_all(area: str, now: State, matrix: RouterMatrix) -> None:
    cells = valid_cells(matrix, replace(now, areas={**now.areas, area: "other"}))
    assert stale(cells) == dict.fromkeys(SUBJECTS, AREAS)


def test_another_way_of_playing_makes_everything_stale(now: State, matrix: RouterMatrix) -> None:
    assert valid_cells(matrix, replace(now, common="other")) == {}
    assert valid_cells(matrix.model_copy(update={"day": date(2027, 1, 1)}), now) == {}


def test_a_fault_that_is_new_is_stale_and_one_that_is_gone_is_forgotten(now: State, matrix: RouterMatrix) -> None:
    rows = [row for row in matrix.faults if row.subject != FAULT]
    gone = matrix.faults[0].model_copy(update={"subject": "gate.forgotten-long-ago"})
    cells = valid_cells(matrix.model_copy(update={"faults": (*rows, gone)}), now)
    assert stale(cells) == {FAULT: AREAS}
    assert {subject for subject, _ in cells} == set(SUBJECTS) - {FAULT}


def test_a_fault_that_moved_to_another_setting_is_stale(now: State, matrix: RouterMatrix) -> None:
    rows = [row.model_copy(update={"setting": "reference"}) if row.subject == FAULT else row for row in matrix.faults]
    assert stale(valid_cells(matrix.model_copy(update={"faults": tuple(rows)}), now)) == {FAULT: AREAS}


def test_plays_are_kept_and_found_again(tmp_path: Path, now: State) -> None:
    case = next(iter(control_plan("reference-asgi").cases))
    play = Played(
        subject=FAULT,
        named=(),
        profile="reference-asgi",
        first={case: Verdict.FAIL},
        second={},
        third={},
        says={},
        infra=[],
    )
    shelve(tmp_path, play, ("gate", "models"), now)
    shelve(tmp_path, play, ("retry",), now)
    assert shelved(tmp_path, now) == (cells_of(FAULT, ("gate", "models", "retry"), {case: "fail"}), [])


@pytest.mark.parametrize(
    ("other", "left"),
    [
        pytest.param({"common": "other"}, set(), id="common"),
        pytest.param({"rows": {FAULT: "other"}}, set(), id="row"),
        pytest.param({"areas": {"gate": "other"}}, {"models"}, id="area"),
    ],
)
def test_plays_of_another_state_do_not_count(other: dict[str, Any], left: set[str], tmp_path: Path, now: State) -> None:
    play = Played(subject=FAULT, named=(), profile="reference-asgi", first={}, second={}, third={}, says={}, infra=[])
    shelve(tmp_path, play, ("gate", "models"), now)
    merged = {name: {**getattr(now, name), **new} if isinstance(new, dict) else new for name, new in other.items()}
    cells, others = shelved(tmp_path, replace(now, **merged))
    assert {area for _, area in cells} == left
    assert bool(others) == (not left)


def test_what_is_no_play_is_left_alone(tmp_path: Path, now: State) -> None:
    (tmp_path / "notes.json").write_text("{}", "utf-8")
    assert shelved(tmp_path, now) == ({}, [tmp_path / "notes.json"])
