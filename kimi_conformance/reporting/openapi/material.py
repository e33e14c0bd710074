"""What the document is made of: the contracts, what is known of each requirement, and the tape. All of it is given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.catalogue import PREDICATES, SERVED, state
from kimi_conformance.reporting.api_page.mark import weakest
from kimi_conformance.reporting.openapi.names import component_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from kimi_conformance.cassette.taped import Taped
    from kimi_conformance.contract.catalogue import Catalogue
    from kimi_conformance.contract.endpoints import Endpoints
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.reporting.api_page.mark import Mark


@dataclass(frozen=True)
class Material:
    """`documents` are the schemas of answers and of requests, by shape; `day` is that on which models are served.

    `marks` and `facts` say how each requirement and fact is known, `members` how a member is, by the identity of its
    schema in `documents`.
    """

    endpoints: Endpoints
    documents: Mapping[str, Mapping[str, Any]]
    requirements: Mapping[str, Requirement]
    marks: Mapping[str, Mark]
    facts: Mapping[str, Mark]
    members: Mapping[int, Mark]
    catalogue: Catalogue
    tape: Mapping[str, Taped]
    day: date

    @cached_property
    def names(self) -> Mapping[tuple[str, str], str]:
        """(shape, definition) -> the name of the component; the definition "" is the whole shape."""
        return component_names(self.documents)

    def models_with(self, predicate: str) -> list[str]:
        """The models that are served on the day and have a property."""
        return [
            name
            for name, model in self.catalogue.models.items()
            if PREDICATES[predicate](model)
            if any(state(model, host, self.day) in SERVED for host in model.hosts)
        ]

    def known(self, requirements: Iterable[str], facts: Iterable[str] = ()) -> dict[str, str]:
        """How what rests on these is known: as the weakest requirement; as the weakest fact, where there is none."""
        marks = [self.marks[name] for name in requirements] or [self.facts[name] for name in facts]
        return told(weakest(marks)) if marks else {}

    def known_member(self, schema: Mapping[str, Any]) -> dict[str, str]:
        """How a member is known: as the reference page says; as what it names, where that shows it in another place."""
        if mark := self.members.get(id(schema)):
            return told(mark)
        return self.known(schema.get("x-requirements", ()), schema.get("x-facts", ()))

    def resolved(self, shape: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """`schema` of `shape`, or the definition that it refers to."""
        while "$ref" in schema:
            where, _, name = schema["$ref"].partition("#/$defs/")
            shape = where.removeprefix("kimi:") or shape
            schema = self.documents[shape]["$defs"][name]
        return schema


def told(mark: Mark) -> dict[str, str]:
    """A mark as it stands in the document."""
    return {"known": mark.word} | ({"date": str(mark.on)} if mark.on else {})
