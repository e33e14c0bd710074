"""Sentences: the functions of the suites that make cases, found in a folder of modules; and globs that name cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Make: TypeAlias = Callable[[Any], Iterable[Any]]
"""From what cases are made of (the matrix of a profile, the calls of the API) to cases."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The cases of one requirement: what the suites consist of."""

    requirement: str
    make: Make

    def cases(self, material: Any) -> Iterator[Any]:
        """The cases of this requirement.

        Names may make one slug (`moonshot/`, `moonshot-`): the second case of an id says that it is.
        """
        seen: Counter[str] = Counter()
        for case in self.make(material):
            named = replace(case, requirement=self.requirement)
            seen[named.id] += 1
            again = seen[named.id]
            yield named if again == 1 else replace(named, axes=(*named.axes, ("twin", str(again))))


def cases_of(*requirements: str) -> Callable[[Make], tuple[Sentence, ...]]:
    """Declare that a function makes the cases of `requirements`: the same for each."""
    return lambda make: tuple(Sentence(requirement, make) for requirement in requirements)


def load_sentences(folder: Path) -> dict[str, Sentence]:
    """The sentences of the suites in `folder`, by requirement id, in the order of its files. Test modules are left out.

    Raises `ValueError` where two files make cases of one requirement.
    """
    sentences: dict[str, Sentence] = {}
    for path in sorted(folder.glob("*.py")):
        if path.name.startswith("test_"):
            continue
        spec = spec_from_file_location(f"kimi_conformance_suites_{folder.name}_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise ValueError(f"{path} is no Python module")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        found = (value for value in vars(module).values() if isinstance(value, tuple))
        for sentence in (each for group in found for each in group if isinstance(each, Sentence)):
            if sentence.requirement in sentences:
                raise ValueError(f"{path}: {sentence.requirement} has cases elsewhere, too")
            sentences[sentence.requirement] = sentence
    return sentences


def named(globs: Sequence[str], *names: str) -> bool:
    """Whether one of the globs is, or takes, one of the names."""
    return any(name == glob or fnmatchcase(name, glob) for glob in globs for name in names)
