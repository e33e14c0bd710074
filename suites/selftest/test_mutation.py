"""Mutation testing: which mistakes are made on purpose, what they are called, and that none is told wrongly."""

from __future__ import annotations

import ast
import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from suites.selftest.mutation import forks
from suites.selftest.mutation.mutants import mutants
from suites.selftest.mutation.swapping import Unlike, compiled, functions, live_functions, swap

if TYPE_CHECKING:
    from collections.abc import Iterator


ROOT = Path(__file__).parents[2]


def made(source: str) -> list[str]:
    """What is changed in each mutant of a text, without its place."""
    return [each.told for each in mutants("a.py", ast.parse(dedent(source)))]


@pytest.mark.parametrize(
    ("expression", "changes"),
    [
        ("a < b", {"a < b => a <= b"}),
        ("a == b", {"a == b => a != b"}),
        ("not a", {"not a => a"}),
        ("a and b", {"a and b => a", "a and b => b"}),
        ("a | b", {"a | b => a & b"}),
        ("f(a, key=b)", {"f(a, key=b) => f(a)"}),
        ("a.get('b', c)", {"a.get('b', c) => a.get('b')", "a.get('b', c) => a.get('XXb', c)"}),
        ("a.strip()", {"a.strip() => a"}),
        ("any(a)", {"any(a) => all(a)"}),
        ("isinstance(a, int | str)", {f"isinstance(a, int | str) => isinstance(a, {one})" for one in ("int", "str")}),
        ("a[b:1]", {"a[b:1] => a[:1]", "1 => 2"}),
        ("b if a else c", {"a => True", "a => False"}),
        ("[b for b in c if b]", {"b => True", "b => False"}),
        ("'two words'", set()),
        ("f'{a}b'", set()),
        ("'api.hosts.a'", set()),
        ("None", set()),
    ],
)
def test_an_expression_is_changed_in_these_ways(expression: str, changes: set[str]) -> None:
    assert set(made(f"x = {expression}")) == changes


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("if a:\n  f()", {"a => True", "a => False", "f() => pass"}),
        ("return a", {"a => None"}),
        ("return a > b", {"a > b => a >= b", "a > b => True", "a > b => False"}),
        ("yield a", {"yield a => yield from ()"}),
        ("for a in b:\n  continue", {"continue => pass", "continue => break"}),
        ("raise a", {"raise a => pass"}),
        ("a += b", {"a += b => a -= b"}),
    ],
)
def test_a_statement_is_changed_in_these_ways(body: str, changes: set[str]) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    assert set(made(f"def f(a, b):\n{lines}")) == changes


def test_what_only_describes_is_left_alone() -> None:
    assert (
        made('''
        """A docstring."""
        from a import b
        __all__ = ["b"]
        if TYPE_CHECKING:
            from c import d
        A: TypeAlias = "dict[str, int]"
        @dataclass(frozen=True)
        class E:
            """Another."""
            field: int
        def f(x: "int") -> "str":
            """One more."""
        ''')
        == []
    )


def test_an_id_outlives_edits_elsewhere() -> None:
    before = [each.id for each in mutants("a.py", ast.parse("def f(a):\n    return a == 1\n"))]
    after = mutants("a.py", ast.parse("B = 2\n\ndef g():\n    return 1\n\ndef f(a):\n    # said\n    return a == 1\n"))
    assert before == [each.id for each in after if each.within == "f"]


def test_the_same_change_twice_in_a_function_is_numbered() -> None:
    twice = [each.id for each in mutants("a.py", ast.parse("def f(a):\n    yield a\n    yield a\n"))]
    assert twice == ["a.py | f | yield a => yield from ()", "a.py | f | yield a => yield from () #2"]


# In a running process

MODULE = """
TABLE = {}
def known(name):
    def register(function):
        TABLE[name] = function
        return function
    return register
def more_than(limit):
    def test(value):
        return value > limit
    return test
@known("small")
def small(value):
    return value < 3
@known("big")
def big(value, more=more_than(7)):
    return more(value)
"""


@pytest.fixture
def module() -> Iterator[ModuleType]:
    """A module whose functions are registered, and called through closures."""
    found = ModuleType("made_up")
    exec(compile(MODULE, "/made/up.py", "exec"), found.__dict__)  # noqa: S102 - as an import does
    yield found
    found.TABLE.clear()


def swapped(told: str) -> None:
    """The module has this mutant."""
    tree = ast.parse(MODULE)
    (one,) = [each for each in mutants("up.py", tree) if each.told == told]
    before = functions(compiled(tree, "/made/up.py"))
    swap(one, tree, "/made/up.py", live_functions({"/made/up.py"}), before)


def test_a_registered_function_is_changed_where_it_is_registered(module: ModuleType) -> None:
    assert not module.TABLE["small"](3)
    swapped("value < 3 => value <= 3")
    assert module.TABLE["small"](3)
    assert module.TABLE["small"] is module.small


def test_a_closure_that_exists_already_is_changed(module: ModuleType) -> None:
    assert not module.TABLE["big"](7)
    swapped("value > limit => value >= limit")
    assert module.TABLE["big"](7)


def test_what_needs_another_closure_is_not_swapped(module: ModuleType) -> None:
    with pytest.raises(Unlike):
        swapped("value > limit => True")
    assert not module.TABLE["big"](7)


# In forks


def ended(*tasks: forks.Bounded) -> dict[Any, forks.Ended]:
    """How these ended, by their keys."""
    return {each.key: each for each in forks.side_by_side(iter(tasks), 2)}


def test_forks_return_their_numbers_and_change_nothing_here() -> None:
    here: list[int] = []

    def work(number: int) -> tuple[int, int]:
        here.append(number)
        return number, len(here)

    found = ended(*(forks.Bounded(number, lambda number=number: work(number), 5) for number in range(5)))
    assert [(found[number].code, found[number].detail) for number in range(5)] == [(number, 1) for number in range(5)]
    assert here == []


def test_none_is_begun_when_time_is_over() -> None:
    left = forks.Bounded("late", lambda: (1, 1), 5)
    assert list(forks.side_by_side(iter([left]), 2, until=0.0)) == []


def test_a_fork_that_comes_to_no_end_is_ended() -> None:
    def work() -> tuple[int, int]:
        while True:
            pass

    assert ended(forks.Bounded("endless", work, 0.1))["endless"].killed_by == signal.SIGPROF


def test_a_fork_that_leaves_on_its_own_has_no_numbers() -> None:
    assert ended(forks.Bounded("gone", lambda: os._exit(0), 5))["gone"].killed_by  # type: ignore[arg-type]


# A whole run

SUBJECT = """
LIMIT = 3
NAMES = {"a": 1}
import math
def small(value):
    return value < LIMIT
def never(value):
    return value + 1
def other(value):
    return value != 0 or value == 0
COUNT = math.factorial(len(NAMES))
"""
TESTS = """
import made_up_subject as subject
def test_small():
    assert subject.small(2)
    assert not subject.small(3)
def test_names():
    assert subject.NAMES["a"] == 1
    subject.other(1)
"""
DRIVER = """
import ast, json, sys
from pathlib import Path
from suites.selftest.mutation.run import run
from suites.selftest.mutation.subject import Subject
from suites.selftest.mutation.telling import Teller
folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))
path = folder / "made_up_subject.py"
about = Subject({"made_up_subject.py": path}, {"made_up_subject.py": ast.parse(path.read_text())})
mutants, tests = about.mutants(list(about.paths)), [folder / "test_it.py"]
tell = Teller(len(mutants), None)
survey, outcomes = run(about, mutants, tests, tell, jobs=2, until=float(sys.argv[2]))
assert tell.done.total() == len(outcomes), tell.done
print(json.dumps({each.mutant.told: each.fate.name for each in outcomes}))
"""


def ran(folder: Path, until: float) -> dict[str, str]:
    """How the mutants of the made-up subject ended that were begun before `until`."""
    (folder / "made_up_subject.py").write_text(SUBJECT)
    (folder / "test_it.py").write_text(TESTS)
    command = [sys.executable, "-c", DRIVER, str(folder), str(until)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_each_mutant_ends_as_it_has_to(tmp_path: Path) -> None:
    found = ran(tmp_path, math.inf)
    assert found["value < LIMIT => value <= LIMIT"] == "ASSERTED"
    assert found["value < LIMIT => False"] == "ASSERTED"
    assert found["LIMIT = 3 => LIMIT = 4"] == "ASSERTED"
    assert found["'a' => 'XXa'"] == "RAISED"
    assert found["value + 1 => value - 1"] == "UNCOVERED"
    assert found["value == 0 => value == 1"] == "SURVIVED"


def test_a_mutant_that_is_not_begun_in_time_is_neither_killed_nor_alive(tmp_path: Path) -> None:
    assert set(ran(tmp_path, 0.0).values()) == {"UNCOVERED"}
