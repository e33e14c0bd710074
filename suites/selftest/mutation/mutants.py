"""The mutants of a source file: each one change, with an id that tells what it is and outlives edits elsewhere."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from suites.selftest.mutation.change import Change, Place, change
from suites.selftest.mutation.operators import of_expression, of_statement, of_truth, of_value

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMED: Final = (ast.FunctionDef, ast.ClassDef)
MODULE: Final = "(module)"
PLACE_OF_FLAW: Final = 2
"""The argument of a flaw that says where it is."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file (of the package) with one change in it.

    `within` is the function or class, `line` where the change is, `lines` those of its statement. `scopes`: the
    functions and lambdas around it, outermost first; none where it is about the module itself.
    """

    file: str
    within: str
    change: Change
    number: int
    line: int
    lines: range
    scopes: tuple[ast.AST, ...] = field(repr=False)

    @property
    def told(self) -> str:
        """What is changed: as long as this expression and those like it in the same function stay, so does this."""
        return self.change.told + (f" #{self.number}" if self.number > 1 else "")

    @property
    def id(self) -> str:
        """Where, and what is changed."""
        return f"{self.file} | {self.within} | {self.told}"


@dataclass(frozen=True, slots=True)
class _Around:
    """What is around a node."""

    within: str
    scopes: tuple[ast.AST, ...]
    lines: range
    predicate: bool = False
    """The function says that it returns a truth value."""


def mutants(file: str, tree: ast.Module) -> Iterator[Mutant]:
    """All mutants of `file`, in the order of its text."""
    seen: Counter[tuple[str, str]] = Counter()
    for around, line, found in _below(tree, _Around("", (), range(0))):
        within = around.within or MODULE
        seen[within, found.told] += 1
        lines = range(min(line, around.lines.start), max(line + 1, around.lines.stop))  # decorators stand above
        yield Mutant(file, within, found, seen[within, found.told], line, lines, around.scopes)


def _below(node: ast.AST, around: _Around) -> Iterator[tuple[_Around, int, Change]]:
    for place, child in _children(node):
        inside = _entered(child, around, of=place)
        if isinstance(child, ast.stmt):
            for other in of_statement(child):
                if inside.scopes:
                    yield inside, child.lineno, change(place, other)
        elif isinstance(child, ast.expr):
            for new in _instead(child, place, inside):
                yield inside, child.lineno, change(place, new, shown=_shown(place, child))
        yield from _below(child, inside)


def _children(node: ast.AST) -> Iterator[tuple[Place, ast.AST]]:
    """What is below `node` and is more than description: no types, docstrings or names of what is exported."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "ctx", "op", "ops"):
            continue
        for at, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not _describes(child, name):
                yield Place(node, name, at), child


def _describes(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.Assign(targets=[ast.Name()], value=ast.Subscript(value=ast.Name(id="Literal"))):
            return True
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            return True
        case ast.Call(func=ast.Name(id="dataclass")):
            return name == "decorator_list"
        case ast.Call(func=ast.Name(id="cast" | "TypeVar")):
            return True
    return False


def _instead(node: ast.expr, place: Place, around: _Around) -> Iterator[ast.expr]:
    if isinstance(place.parent, ast.JoinedStr) or (isinstance(node, ast.Constant) and node.value is None):
        return
    if isinstance(node, ast.BinOp) and _names_classes(place):
        return
    if isinstance(node, ast.Constant) and _is_told(place):
        return
    yield from of_expression(node)
    match place.parent, place.field:
        case (ast.If() | ast.IfExp(), "test") | (ast.comprehension(), "ifs") | (ast.match_case(), "guard"):
            yield from of_truth(node)
        case ast.While(), "test":
            yield ast.Constant(False)  # noqa: FBT003 - what stands there
        case ast.Return(), "value":
            yield from of_truth(node) if around.predicate or _is_truth(node) else _nothing(node)
        case ast.Lambda(), "body":
            yield from of_truth(node) if _is_truth(node) else _nothing(node)
        case ast.BoolOp(), "values":
            pass
        case _:
            yield from of_value(node)


def _names_classes(place: Place) -> bool:
    """Whether classes are named here, as in `isinstance(value, int | float)`."""
    return _func(place.parent) == "isinstance"


def _nothing(node: ast.expr) -> Iterator[ast.expr]:
    if not isinstance(node, ast.Constant):
        yield ast.Constant(None)


def _is_told(place: Place) -> bool:
    """Whether this is what a flaw says was expected, was seen, or is the matter: words for people. Its place is not."""
    return _func(place.parent) == "Flaw" and place.field == "args" and place.at != PLACE_OF_FLAW


def _func(node: ast.AST) -> str:
    func = getattr(node, "func", None)
    return func.id if isinstance(func, ast.Name) else ""


def _is_truth(node: ast.expr) -> bool:
    match node:
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.BoolOp(values=values):
            return all(_is_truth(each) for each in values[:-1])
        case ast.Call(func=ast.Name(id="any" | "all" | "bool" | "isinstance")):
            return True
    return False


def _shown(place: Place, node: ast.expr) -> Place:
    """A bare constant says nothing: it is told with the expression around it."""
    parents = (ast.Compare, ast.Call, ast.Subscript, ast.BinOp, ast.Return, ast.keyword, ast.Assign, ast.UnaryOp)
    if isinstance(node, ast.Constant) and isinstance(place.parent, parents):
        return Place(_Box(place.parent), "inner")
    return place


class _Box(ast.AST):
    """Holds a parent, so that it can be told as a whole."""

    def __init__(self, inner: ast.AST) -> None:
        super().__init__()
        self.inner = inner


def _entered(node: ast.AST, around: _Around, *, of: Place) -> _Around:
    """What is around `node` itself and all below it. Decorators and defaults belong to what is around the function."""
    within, scopes, lines, predicate = around.within, around.scopes, around.lines, around.predicate
    if isinstance(node, ast.stmt):
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if isinstance(body, list) else node.end_lineno or node.lineno
        lines = range(node.lineno, max(last, node.lineno) + 1)
    if isinstance(node, NAMED):
        within = f"{within}.{node.name}" if within else node.name
    if isinstance(node, ast.FunctionDef):
        predicate = node.returns is not None and ast.unparse(node.returns).startswith(("bool", "TypeGuard"))
    parent = of.parent
    if isinstance(parent, ast.FunctionDef | ast.Lambda) and of.field == "body":
        scopes = scopes if scopes and scopes[-1] is parent else (*scopes, parent)
    return _Around(within, scopes, lines, predicate)
