"""What is mutated, and which tests have to notice."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import kimi_conformance
from suites.selftest.mutation.mutants import Mutant, mutants

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PACKAGE: Final = Path(kimi_conformance.__file__).parent
ROOT: Final = PACKAGE.parent
SELFTEST: Final = ROOT / "suites" / "selftest"

MUTATED: Final = ("judge/**/*.py", "sse.py", "sse_event.py", "oracle.py")
UNIT_TESTS: Final = (
    "test_canaries.py",
    "test_contract_words.py",
    "test_core_edges.py",
    "test_drift_bearing.py",
    "test_drift_changes.py",
    "test_drift_chosen.py",
    "test_drift_heads.py",
    "test_drift_members.py",
    "test_drift_order.py",
    "test_drift_pieces.py",
    "test_drift_sentences.py",
    "test_drift_values.py",
    "test_drift_whole.py",
    "test_json_diff.py",
    "test_judge_*.py",
    "test_law_odd_json.py",
    "test_laws.py",
    "test_leaking.py",
    "test_lifecycle.py",
    "test_oracle*.py",
    "test_patience.py",
    "test_rows.py",
    "test_sse*.py",
    "test_upstream_webhook.py",
    "test_verdicts.py",
    "test_wire_faults.py",
)
"""The unit tests: those that call the judge, the reader or the oracle themselves, with exchanges made by hand.

What plays whole runs (test_faults.py) notices much, too, but takes minutes.
"""
NOT_UNIT: Final = ("test_judge_memory.py", "test_judge_odd_values.py")
"""Slow ones: how much memory a command takes, and what is thrown at the judge by chance."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The files that are mutated, by their path below the package, and their trees."""

    paths: Mapping[str, Path]
    trees: Mapping[str, ast.Module]

    def mutants(self, files: Sequence[str]) -> list[Mutant]:
        """All mutants of some of them."""
        return [each for file in files for each in mutants(file, self.trees[file])]

    def importers(self, file: str) -> list[str]:
        """The files that import something of `file`."""
        return [other for other, tree in self.trees.items() if module_of(file) in _imported(tree)]


def subject() -> Subject:
    """Read the files."""
    found = {path for glob in MUTATED for path in PACKAGE.glob(glob)}
    paths = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(found)}
    return Subject(paths, {file: ast.parse(path.read_text("utf-8")) for file, path in paths.items()})


def unit_tests() -> list[Path]:
    """The files of the unit tests."""
    found = {path for glob in UNIT_TESTS for path in SELFTEST.glob(glob)}
    return sorted(path for path in found if path.name not in NOT_UNIT)


def module_of(file: str) -> str:
    """The name by which a file of the package is imported."""
    parts = file.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join([kimi_conformance.__name__, *parts])


def _imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found
