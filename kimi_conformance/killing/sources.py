"""Modules of ours in pieces, as data: what each piece is called, does and mentions. Each file is read once."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from kimi_conformance.registry.home import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

NAME: Final = PACKAGE.name

FORM: Final = "Frozen"
"""The base of the forms of files: a member of such a class is a piece of its own."""

PLAIN: Final = frozenset(
    {
        *("cache", "cached_property", "classmethod", "contextmanager", "asynccontextmanager", "dataclass", "override"),
        *("property", "staticmethod", "field_validator", "model_validator"),
    }
)
"""Decorators that register nothing anywhere."""

ADDRESS: Final = re.compile(r"[\w.:/-]+")
"""A text that may name a piece of code (`package.module:function`): no sentence."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement of a module, or a member of a form.

    It is run where somebody mentions one of `names`; where it has none, as soon as its module is imported. `declares`:
    what it is registered under (`@fault("gate.none", …)`). `does` is a digest: comments, docstrings and layout do not
    count, and it is the same under every version of Python. `lines`: from, to.
    """

    names: frozenset[str]
    declares: str | None
    does: str
    mentions: frozenset[str]
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A module: the modules of ours that it imports as it is run, the strings in it, its pieces."""

    imports: tuple[str, ...]
    constants: frozenset[str]
    pieces: tuple[Piece, ...]


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
                node.body = [each for each in node.body if not _is_docstring(each)]
            case ast.Constant(value=str(constant)):
                constants.add(constant)
    pieces = (_piece(node, member=member) for node, member in _split(tree.body))
    return Source(tuple(dict.fromkeys(_imports(tree))), frozenset(constants), tuple(pieces))


def package(name: str) -> tuple[str, ...]:
    """The modules that lie in a package, those below it left out."""
    return tuple(f"{name}.{path.stem}" for path in sorted(_file(name).parent.glob("*.py")) if path.stem != "__init__")


def digest(lines: Iterable[str]) -> str:
    """Short, so that a page of them can be read; nobody tries to forge one."""
    return hashlib.sha256("\0".join(lines).encode("utf-8", "backslashreplace")).hexdigest()[:16]


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


def _split(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements, and whether they are members of a form, which itself comes without them.

    Imports that give no other name are left out: they say where something is, and not what.
    """
    for node in body:
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.Import(names=names) | ast.ImportFrom(names=names) if not any(each.asname for each in names):
                continue
            case ast.ClassDef(bases=[ast.Name(id=base)]) if base == FORM:
                yield from ((each, True) for each in node.body)
                node.body = []
                yield node, False
            case _:
                yield node, False


def _piece(node: ast.stmt, *, member: bool) -> Piece:
    names: list[str] = []
    declares = None
    first = node.lineno
    calls = not member and any(isinstance(each, ast.Call) for each in ast.walk(node))  # it may register something
    match node:
        case (
            ast.FunctionDef(name=name, decorator_list=decorators)
            | ast.AsyncFunctionDef(name=name, decorator_list=decorators)
        ):
            names = [name] if all(_called(each) in PLAIN for each in decorators) else []
            declares = next(filter(None, map(_first_word, decorators)), None)
            first = min([first, *(each.lineno for each in decorators)])
        case ast.ClassDef(name=name):
            names = [name]
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            names = [each.asname or each.name for each in aliases]
        case ast.Assign(targets=targets) if not calls:
            names = [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)) if not calls:
            names = [name]
    mentions = frozenset(_mentions(node))
    return Piece(frozenset(names), declares, digest(_words(node)), mentions, (first, node.end_lineno or first))


def _called(decorator: ast.expr) -> str | None:
    """`check` of `@check(…)`, `cache` of `@cache`."""
    match decorator:
        case ast.Call(func=ast.Name(id=name)) | ast.Name(id=name):
            return name
    return None


def _first_word(decorator: ast.expr) -> str | None:
    """`gate.none` of `@fault("gate.none", …)`."""
    match decorator:
        case ast.Call(args=[ast.Constant(value=str(name)), *_]):
            return name
    return None


def _mentions(node: ast.AST) -> Iterator[str]:
    """Every name in a piece, whatever it stands for."""
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.alias(name=name):
                yield name
            case ast.MatchClass(kwd_attrs=names):
                yield from names
            case ast.Constant(value=str(text)) if ADDRESS.fullmatch(text):
                yield from re.split(r"\W+", text)


def _is_docstring(node: ast.stmt) -> bool:
    """A text that stands by itself, that of a constant included, says something to readers only."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _words(node: object) -> Iterator[str]:
    """A tree as words. What is empty is left out: later versions of Python add members to nodes."""
    match node:
        case ast.Constant(value=value):
            yield f"{type(value).__name__} {value!r}"
        case ast.JoinedStr(values=values):
            yield "(JoinedStr"
            for text, group in groupby(values, lambda value: _text(value) is not None):
                pieces = [*group]  # Python 3.12 cuts these into more, some of them empty
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
