"""A mutant in a running process: live functions get the code of the changed file, and stay the functions they are.

So every table in which a function is registered, and every module that imported it, has the mutant. Where that cannot
be done exactly (`Unlike`), the file has to be imported anew.
"""

from __future__ import annotations

import ast
import gc
import warnings
from collections import defaultdict
from inspect import CO_OPTIMIZED
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from suites.selftest.mutation.mutants import Mutant

Key: TypeAlias = "tuple[str, str, int]"
"""Where code is written: file, name, first line."""


class Unlike(Exception):
    """The changed function cannot take the place of the live one."""


def live_functions(files: Collection[str]) -> dict[Key, list[FunctionType]]:
    """The functions of some files that exist now, closures included."""
    found = defaultdict(list)
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename in files:
            found[_key(each.__code__)].append(each)
    return dict(found)


def compiled(tree: ast.Module, path: str) -> CodeType:
    """The code of a module. What Python warns of in a mutant nobody needs to hear."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(tree, path, "exec", dont_inherit=True)


def functions(code: CodeType) -> dict[Key, list[CodeType]]:
    """The code of all functions of a module."""
    found = defaultdict(list)
    for each in _below(code):
        if each.co_flags & CO_OPTIMIZED:
            found[_key(each)].append(each)
    return dict(found)


def swap(
    mutant: Mutant,
    tree: ast.Module,
    path: str,
    live: Mapping[Key, list[FunctionType]],
    before: Mapping[Key, list[CodeType]],
) -> None:
    """Give the live functions around a mutant their changed code. Raises `Unlike`; nothing was changed then."""
    keys = [_key_of(scope, path) for scope in mutant.scopes]
    mutant.change.place.put(mutant.change.new)
    after = functions(compiled(tree, path))
    swaps: list[tuple[FunctionType, CodeType]] = []
    for key in keys:
        if len(before.get(key, ())) != 1 or len(after.get(key, ())) != 1:
            raise Unlike
        (new,) = after[key]
        for function in live.get(key, ()):
            if function.__code__.co_freevars != new.co_freevars:
                raise Unlike
            swaps.append((function, new))
    if not swaps:
        raise Unlike
    for function, code in swaps:
        function.__code__ = code


def _key(code: CodeType) -> Key:
    return code.co_filename, code.co_name, code.co_firstlineno


def _key_of(scope: ast.AST, path: str) -> Key:
    if isinstance(scope, ast.FunctionDef):
        return path, scope.name, min([scope.lineno, *(each.lineno for each in scope.decorator_list)])
    assert isinstance(scope, ast.Lambda)
    return path, "<lambda>", scope.lineno


def _below(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _below(each)
