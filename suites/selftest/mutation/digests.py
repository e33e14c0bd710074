"""What a file does, as a digest: comments, docstrings and layout do not count. Of a test, with what it builds on."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from suites.selftest.mutation.subject import SELFTEST

HELPERS: Final = "suites.selftest"


def of_source(path: Path) -> str:
    """The digest of one file."""
    return _digest(_meaning(path))


def of_test(path: Path) -> str:
    """The digest of a file of tests and of the modules beside it that it imports, directly or not."""
    return _digest(*(_meaning(each) for each in sorted(_with_helpers(path))))


def _with_helpers(path: Path) -> set[Path]:
    found, todo = set[Path](), [path]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += _helpers(one)
    return found


@cache
def _helpers(path: Path) -> tuple[Path, ...]:
    """The modules beside it that a file imports; all of them where it imports their package, as test_laws.py does."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.ImportFrom(module="suites"):
                return tuple(each for each in SELFTEST.glob("*.py") if not each.name.startswith(("test_", "benchmark")))
            case ast.ImportFrom(module=str(module)) if module.startswith(f"{HELPERS}."):
                names.add(module.split(".")[2])
    return tuple(each for name in names if (each := SELFTEST / f"{name}.py").exists())


@cache
def _meaning(path: Path) -> str:
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        match node:
            case (
                ast.Module(body=[ast.Expr(value=ast.Constant(value=str())), *_] as body)
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str())), *_] as body)
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str())), *_] as body)
            ):
                body.pop(0)
    return ast.dump(tree)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
