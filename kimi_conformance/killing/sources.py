"""What code does, as a digest, and which modules of ours a module is made of. Each file is read once."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from kimi_conformance.registry.home import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

NAME: Final = PACKAGE.name


@dataclass(frozen=True, slots=True)
class Source:
    """A module: the modules of ours that it imports, the strings in it, and its statements.

    A statement is told by the name that it declares something under (`@fault("gate.none", …)`), if it does, and by a
    digest of what it does: comments, docstrings and layout do not count.
    """

    imports: tuple[str, ...]
    constants: frozenset[str]
    statements: tuple[tuple[str | None, str], ...]


@cache
def source(module: str) -> Source:
    """The module of this dotted name. Raises `OSError` where there is none of ours."""
    return parsed(_file(module).read_text("utf-8"))


def parsed(text: str) -> Source:
    """A module by its text."""
    tree = ast.parse(text)
    constants = set()
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                _drop_docstring(node)
            case ast.Constant(value=str(text)):
                constants.add(text)
    statements = ((_declares(node), _digest(_words(node))) for node in tree.body)
    return Source(tuple(dict.fromkeys(_imports(tree))), frozenset(constants), tuple(statements))


def closure(starts: Iterable[str], *, but: frozenset[str] = frozenset()) -> frozenset[str]:
    """The modules of ours that `starts` import, they themselves, and so on; not those that a glob in `but` names.

    What is imported for type checkers alone is never run, and left out.
    """
    found: set[str] = set()
    left = list(starts)
    while left:
        module = left.pop()
        if module in found or any(fnmatchcase(module, glob) for glob in but):
            continue
        found.add(module)
        left += source(module).imports
    return frozenset(found)


def code(modules: Iterable[str], *, but: frozenset[str] = frozenset()) -> Iterator[str]:
    """A line for each of the modules: its name and what it does, without what it declares under a name in `but`."""
    for module in sorted(modules):
        yield f"{module} {_digest(does for name, does in source(module).statements if name not in but)}"


def package(name: str) -> tuple[str, ...]:
    """The modules that lie in a package, those below it left out."""
    return tuple(f"{name}.{path.stem}" for path in sorted(_file(name).parent.glob("*.py")) if path.stem != "__init__")


def _file(module: str) -> Path:
    path = PACKAGE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=otherwise):
                yield from _imports(ast.Module(otherwise, []))
            case ast.ImportFrom(module=str(module), names=names) if _ours(module):
                yield module
                yield from (whole for name in names if _file(whole := f"{module}.{name.name}").is_file())
            case ast.Import(names=names):
                yield from (name.name for name in names if _ours(name.name))
            case ast.stmt() | ast.ExceptHandler() | ast.match_case():
                yield from _imports(node)


def _ours(module: str) -> bool:
    return module.partition(".")[0] == NAME


def _declares(node: ast.stmt) -> str | None:
    match node:
        case (
            ast.FunctionDef(decorator_list=[ast.Call(args=[ast.Constant(value=str(name)), *_])])
            | ast.AsyncFunctionDef(decorator_list=[ast.Call(args=[ast.Constant(value=str(name)), *_])])
        ):
            return name
    return None


def _drop_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    match node.body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            node.body = rest


def _words(node: object) -> Iterator[str]:
    """A tree as words. What is empty is left out: later versions of Python add members to nodes."""
    match node:
        case ast.Constant(value=value):
            yield f"{type(value).__name__} {value!r}"
        case ast.JoinedStr(values=values):
            yield "(JoinedStr"
            for text, group in groupby(
                values, lambda value: _text(value) is not None
            ):  # Python 3.12 cuts these into more pieces, some of them empty
                pieces = [*group]
                yield from filter(None, ["".join(_text(piece) or "" for piece in pieces)]) if text else _words(pieces)
            yield ")"
        case ast.AST():
            yield f"({type(node).__name__}"
            for name, value in ast.iter_fields(node):
                if value is not None and value != []:
                    yield name
                    yield from _words(value)
            yield ")"
        case list():
            for each in node:
                yield from _words(each)
        case _:
            yield repr(node)


def _text(node: object) -> str | None:
    """The text of a constant that is one."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _digest(words: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "backslashreplace")).hexdigest()
