"""The mistakes that are made on purpose: what may stand in the place of an expression or a statement.

Mistakes that another one implies are left out: who notices that `a and b` became `b` notices that it became true, too.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

BOUNDARY: Final[dict[type, type]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OPPOSITE: Final[dict[type, type]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: Final[dict[type, type]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
TWINS: Final = {
    "startswith": "endswith",
    "endswith": "startswith",
    "partition": "rpartition",
    "rpartition": "partition",
    "split": "rsplit",
    "rsplit": "split",
    "find": "rfind",
    "rfind": "find",
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
}
"""Functions and methods that do the opposite, or the same from the other end."""
UNWRAPPED: Final = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "casefold", "removeprefix", "removesuffix", "replace"}
)
"""Methods of texts without which the text stays as it is."""
OF_ONE: Final = frozenset({"sorted", "reversed", "set", "list", "abs", "round"})
"""Functions without which their argument stays as it is."""

REQUIREMENT: Final = re.compile(r"(api|router)\.[a-z0-9.-]+$")
"""Ids of requirements: test_registry_closed.py and test_api_closed.py tell which of them is missing."""


def of_expression(node: ast.expr) -> Iterator[ast.expr]:
    """What may stand in the place of an expression, wherever it is."""
    match node:
        case ast.Constant():
            yield from _constant(node)
        case ast.Compare(ops=[op]) if type(op) in BOUNDARY:
            yield ast.Compare(node.left, [BOUNDARY[type(op)]()], node.comparators)
        case ast.BoolOp():
            yield from _without_operands(node)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.Call():
            yield from _call(node)
            yield from _without_keywords(node)
        case ast.Subscript(slice=ast.Slice() as part):
            yield from _slice(node, part)


def of_truth(node: ast.expr) -> Iterator[ast.expr]:
    """What may stand in the place of a condition: always, and never."""
    for value in (True, False):
        implied = isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And if value else ast.Or)
        if not implied and not isinstance(node, ast.Constant):
            yield ast.Constant(value)


def of_value(node: ast.expr) -> Iterator[ast.expr]:
    """What may stand in the place of a truth value that is no condition: the opposite."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in OPPOSITE:
            yield ast.Compare(node.left, [OPPOSITE[type(op)]()], node.comparators)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand


def of_statement(node: ast.stmt) -> Iterator[ast.stmt]:
    """What may stand in the place of a statement."""
    match node:
        case ast.Expr(value=ast.Yield() | ast.YieldFrom()):
            yield ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))  # still a generator
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.Return(value=None) | ast.Delete() | ast.Assert():
            yield ast.Pass()
        case ast.Continue():
            yield ast.Pass()
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in ARITHMETIC:
            yield ast.AugAssign(target, ARITHMETIC[type(op)](), value)
        case ast.Try(handlers=handlers):
            for at, handler in enumerate(handlers):
                for kinds in _fewer(handler.type):
                    other = ast.ExceptHandler(kinds, handler.name, handler.body)
                    yield ast.Try(node.body, [*handlers[:at], other, *handlers[at + 1 :]], node.orelse, node.finalbody)


def _constant(node: ast.Constant) -> Iterator[ast.expr]:
    match node.value:
        case bool(value):
            yield ast.Constant(not value)
        case int(value) | float(value):
            yield ast.Constant(value + 1)
        case str(value) if not is_prose(value) and not REQUIREMENT.match(value):
            yield ast.Constant(f"XX{value}")
        case bytes(value):
            yield ast.Constant(b"XX" + value)


def is_prose(text: str) -> bool:
    """Whether a text is a sentence or joins words, not a name that is looked up: the wording is not judged here."""
    return " " in text.strip() or (text.startswith(" ") and text.endswith(" ") and text.strip() != "")


def _call(node: ast.Call) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Name(id="isinstance"), args=[value, kinds]):
            for fewer in _fewer(kinds):
                yield ast.Call(node.func, [value, fewer], [])
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in UNWRAPPED:
            yield value
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in TWINS:
            yield ast.Call(ast.Attribute(value, TWINS[name], ast.Load()), node.args, node.keywords)
        case ast.Call(func=ast.Name(id=name)) if name in TWINS:
            yield ast.Call(ast.Name(TWINS[name], ast.Load()), node.args, node.keywords)
        case ast.Call(func=ast.Name(id=name), args=[value]) if name in OF_ONE:
            yield value
        case ast.Call(func=ast.Attribute(attr="get" | "pop"), args=[key, _]):
            yield ast.Call(node.func, [key], [])
        case ast.Call(func=ast.Name(id="next"), args=[value, _]):
            yield ast.Call(node.func, [value], [])


def _without_keywords(node: ast.Call) -> Iterator[ast.expr]:
    for at, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            yield ast.Call(node.func, node.args, node.keywords[:at] + node.keywords[at + 1 :])


def _without_operands(node: ast.BoolOp) -> Iterator[ast.expr]:
    for at in range(len(node.values)):
        left = node.values[:at] + node.values[at + 1 :]
        yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)


def _slice(node: ast.Subscript, part: ast.Slice) -> Iterator[ast.expr]:
    """Without one of its bounds; where that is a number, another number tells more."""
    if part.lower is not None and not isinstance(part.lower, ast.Constant):
        yield ast.Subscript(node.value, ast.Slice(None, part.upper, part.step), node.ctx)
    if part.upper is not None and not isinstance(part.upper, ast.Constant):
        yield ast.Subscript(node.value, ast.Slice(part.lower, None, part.step), node.ctx)


def _fewer(kinds: ast.expr | None) -> Iterator[ast.expr]:
    """Several classes with one of them missing."""
    match kinds:
        case ast.Tuple(elts=[_, _, *_] as elements):
            for at in range(len(elements)):
                yield ast.Tuple(elements[:at] + elements[at + 1 :], ast.Load())
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield left
            yield right
