"""What `--list` prints: every requirement and case, one per line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from kimi_conformance.contract.requirement import Requirement


def print_list(cases: Mapping[str, Iterable[str]], requirements: Mapping[str, Requirement], console: Console) -> None:
    """Print each requirement of `cases` (its id -> the ids of its cases) with level and sentence, its cases below.

    One line each, never wrapped: `grep`, `cut` and `wc` work on it. Case ids are indented by two blanks.
    """
    lines = []
    for name, ids in cases.items():
        requirement = requirements[name]
        lines += [f"{name}  {requirement.level}  {requirement.says}", *(f"  {case}" for case in ids)]
    if lines:
        console.print(Text("\n".join(lines)), soft_wrap=True)
