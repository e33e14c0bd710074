"""The list of survivors that people edit: why each is equivalent, and which are not killed yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

EQUIVALENT: Final = "equivalent"
OPEN: Final = "not-yet-killed"


class BadList(Exception):
    """The list cannot be read; the message says where and how to mend it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Mutant id -> why no test can tell it from the original, and mutant id -> why it is not killed yet."""

    equivalent: Mapping[str, str]
    open: Mapping[str, str]

    def __contains__(self, mutant: str) -> bool:
        """Whether a mutant is in the list."""
        return mutant in self.equivalent or mutant in self.open

    def stale(self, alive: Collection[str], tried: Collection[str], known: Collection[str]) -> list[str]:
        """Entries that must go: they match no mutant that there is, or one that was tried and is not alive."""
        listed = [*self.equivalent, *self.open]
        return [each for each in listed if each not in known or (each in tried and each not in alive)]


def read(path: Path) -> Listed:
    """The list in a file: `equivalent` and `not-yet-killed`, each file -> mutant -> why. Raises `BadList`."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise BadList(f"{path.name}: {error}") from error
    if not isinstance(content, dict) or not content.keys() <= {EQUIVALENT, OPEN}:
        raise BadList(f"{path.name}: must be a mapping with {EQUIVALENT} and {OPEN}")
    return Listed(_section(path, content, EQUIVALENT), _section(path, content, OPEN))


def _section(path: Path, content: dict[str, Any], name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for file, mutants in (content.get(name) or {}).items():
        if not isinstance(mutants, dict):
            raise BadList(f"{path.name}: {name}, {file}: must be a mapping from mutants to reasons")
        for mutant, why in mutants.items():
            if not isinstance(why, str) or not why.strip():
                raise BadList(f"{path.name}: {name}, {file}, {mutant}: has no reason")
            found[f"{file} | {mutant}"] = " ".join(why.split())
    return found
