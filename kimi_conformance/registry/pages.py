"""Reads what generated pages are made of, contracts/api-page and errors.yaml: every tie must lead somewhere."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.api_page import ApiPage, PageOrder, Section
from kimi_conformance.contract.errors import Errors
from kimi_conformance.registry.contracts import catalogue, facts, requirements
from kimi_conformance.registry.home import cassettes, contracts
from kimi_conformance.registry.parse import locate, parse
from kimi_conformance.registry.problems import ContractError, Problem
from kimi_conformance.registry.yaml_file import Document, read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from kimi_conformance.registry.problems import Pointer

ORDER: Final = "page"
"""The name of the file that has the order of the others."""
WORDS: Final = {
    "by": "requirement",
    "facts": "fact",
    "model": "model",
    "call": "cassette",
    "cassettes": "cassette",
    "see": "section",
}
"""What the names under a key are names of."""


@cache
def api_page() -> ApiPage:
    """The API's reference page, contracts/api-page."""
    return load_api_page(contracts() / "api-page")


def load_api_page(folder: Path) -> ApiPage:
    """The page in `folder`. Raises `ContractError`, also for a tie that leads nowhere and a file without a place."""
    document = read(folder / f"{ORDER}.yaml")
    order = parse(PageOrder, document)
    known = {**_known(), "section": order.sections}
    problems = [*_strays(folder, order, document)]
    sections: dict[str, Section] = {}
    for name in order.sections if not problems else ():
        found = read(folder / f"{name}.yaml")
        sections[name] = parse(Section, found)
        problems += _dangling(found, known)
    if problems:
        raise ContractError(problems)
    return ApiPage(title=order.title, sections=sections)


@cache
def errors() -> Errors:
    """What errors there are, contracts/errors.yaml."""
    return load_errors(contracts() / "errors.yaml")


def load_errors(path: Path) -> Errors:
    """The errors in the file at `path`. Raises `ContractError`, also for a tie that leads nowhere."""
    document = read(path)
    found = parse(Errors, document)
    if problems := list(_dangling(document, _known())):
        raise ContractError(problems)
    return found


def _known() -> dict[str, Collection[str]]:
    return {
        "requirement": [*requirements("api"), *requirements("router")],
        "fact": [fact.id for fact in facts().facts],
        "model": catalogue().models,
        "cassette": [path.relative_to(cassettes()).with_suffix("").as_posix() for path in cassettes().rglob("*.yaml")],
    }


def _strays(folder: Path, order: PageOrder, document: Document) -> Iterator[Problem]:
    """Names in the order without a file, and files without a place in it: what is not shown is lost."""
    there = {path.stem for path in folder.glob("*.yaml")} - {ORDER}
    for index, name in enumerate(order.sections):
        if name not in there:
            what = f"there is no section {name}.yaml"
            yield locate(document, ("sections", index), what, candidates=sorted(there), name=name)
        elif name in order.sections[:index]:
            yield locate(document, ("sections", index), f"the section {name} stands there twice")
    for name in sorted(there - set(order.sections)):
        yield Problem(folder / f"{name}.yaml", None, f"it has no place in the order; add it to {ORDER}.yaml")


def _dangling(document: Document, known: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    """Names in a file that are none."""
    for pointer, word, name in _names(document.data, ()):
        if word in known and name not in known[word]:
            yield locate(document, pointer, f"there is no {word} '{name}'", candidates=known[word], name=name)


def _names(data: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str, str]]:
    """Every name under a key of `WORDS`: where it stands, what it is a name of, and the name."""
    for part, inner in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        word = WORDS.get(str(part))
        if word is None:
            yield from _names(inner, (*pointer, part))
        elif isinstance(inner, list):
            yield from (((*pointer, part, index), word, name) for index, name in enumerate(inner))
        else:
            yield (*pointer, part), word, inner
