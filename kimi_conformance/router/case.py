"""Routing cases as data, and the functions of suites/routing that make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Literal

from kimi_conformance.matrix import Matrix

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kimi_conformance.contract.trip import Ask

Axis = Literal["agent", "model", "surface", "stream"]
AXES: tuple[Axis, ...] = ("agent", "model", "surface", "stream")


@dataclass(frozen=True, slots=True)
class Case:
    """A requirement applied to one point of the matrix.

    `asks` are played one after another, or `together`. `apart`: it is played alone, because it may leave state behind
    in the router (an error, a crash), or because its mark may be lost on the way, so that it must own whatever arrives.
    """

    requirement: str
    axes: tuple[tuple[str, str], ...]
    asks: tuple[Ask, ...]
    together: bool = False
    apart: bool = False

    @property
    def id(self) -> str:
        """`requirement@axis=value@axis=value`, glob-safe and public."""
        return "".join([self.requirement, *(f"@{axis}={value}" for axis, value in self.axes)])


Make = Callable[[Matrix], Iterable[Case]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The cases of one requirement: what the suites consist of."""

    requirement: str
    make: Make

    def cases(self, matrix: Matrix) -> Iterator[Case]:
        """The cases of this requirement for one profile.

        Names of a profile may make one slug (`moonshot/`, `moonshot-`): the second case of an id says that it is.
        """
        seen: Counter[str] = Counter()
        for case in self.make(matrix):
            named = replace(case, requirement=self.requirement)
            seen[named.id] += 1
            again = seen[named.id]
            yield named if again == 1 else replace(named, axes=(*named.axes, ("twin", str(again))))


def cases_of(requirement: str) -> Callable[[Make], Sentence]:
    """Declare that a function makes the cases of `requirement`."""
    return lambda make: Sentence(requirement, make)


def case(
    *asks: Ask, before: Ask | None = None, vary: str = "", together: bool = False, apart: bool = False, **own: str
) -> Case:
    """A case whose id names the axes in `vary` as its first ask has them, then its `own`.

    `before` is asked first: the accepted twin of a request that must be refused.
    """
    values = {
        "agent": asks[0].agent.slug,
        "model": asks[0].model.slug,
        "surface": asks[0].surface,
        "stream": "yes" if asks[0].stream else "no",
    }
    varied = vary.split()
    axes = (*((axis, values[axis]) for axis in AXES if axis in varied), *own.items())
    return Case("", axes, asks if before is None else (before, *asks), together=together, apart=apart)


def load_sentences(folder: Path) -> dict[str, Sentence]:
    """The sentences of the suites in `folder`, by requirement id, in the order of its files. Test modules are left out.

    Raises `ValueError` where two files make cases of one requirement.
    """
    sentences: dict[str, Sentence] = {}
    for path in sorted(folder.glob("*.py")):
        if path.name.startswith("test_"):
            continue
        spec = spec_from_file_location(f"kimi_conformance_suites_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise ValueError(f"{path} is no Python module")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        for value in vars(module).values():
            if isinstance(value, Sentence):
                if value.requirement in sentences:
                    raise ValueError(f"{path}: {value.requirement} has cases elsewhere, too")
                sentences[value.requirement] = value
    return sentences
