"""Tables of the members of requests and answers: type, presence, what each is, and how that is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.request_schema import REQUEST_SHAPES
from kimi_conformance.reporting.api_page.bodies_seen import members_sent
from kimi_conformance.reporting.api_page.known import stated
from kimi_conformance.reporting.api_page.mark import Mark
from kimi_conformance.reporting.api_page.members import type_of
from kimi_conformance.reporting.api_page.view import Told, View, table
from kimi_conformance.reporting.openapi.descriptions import without_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.trial import Trial
    from kimi_conformance.contract.endpoints import Endpoints
    from kimi_conformance.contract.requirement import Evidence
    from kimi_conformance.reporting.api_page.bodies_seen import BodiesSeen
    from kimi_conformance.reporting.api_page.members import Member, Shapes
    from kimi_conformance.reporting.api_page.ties import Ties

WIDEST: Final = 30
"""So many characters of a path stand on one line."""


@dataclass(frozen=True, slots=True)
class Members:
    """What tables of members are made of."""

    ties: Ties
    shapes: Shapes
    seen: BodiesSeen
    endpoints: Endpoints

    def of_request(self, shape: str, by: tuple[str, ...]) -> View:
        """The members of a request. `by`: what those rest on that name nothing."""
        rows = [
            Told((_path(each), self._type(each), _presence(each), _said(each)), self._sent(each, shape, by))
            for each in self.shapes.members(shape)
        ]
        return table(("Member", "Type", "Presence", "What it is"), rows)

    def of_answer(self, shape: str, by: tuple[str, ...]) -> View:
        """The members of an answer, and how often each was seen on tapes of real ones."""
        rows = []
        for each in self.shapes.members(shape):
            share = self.seen.share(shape, each.path, each.parent)
            there = f"{_there(each)}<br>{share}" if share else _there(each)
            rows.append(Told((_path(each), self._type(each), there, _said(each)), self._came(each, shape, by)))
        return table(("Member", "Type", "Presence, seen", "What it is"), rows)

    def marks(self, shape: str) -> Iterator[tuple[Member, Mark]]:
        """Every member of a shape, with how it is known by tapes or by what it names itself."""
        for each in self.shapes.members(shape):
            yield each, self._sent(each, shape, ()) if shape in REQUEST_SHAPES else self._came(each, shape, ())

    def _type(self, member: Member) -> str:
        return type_of(self.shapes, member.shape, member.schema)

    def _sent(self, member: Member, shape: str, by: tuple[str, ...]) -> Mark:
        """Of a request: sent and answered 2xx, or else what requirements show whose calls send it."""
        names = member.ties or by
        if seen := self._failing(names) or self.seen.mark(shape, member.path):
            return replace(seen, ties=self._anchors(member, by))
        for name in names:
            known = self.ties.known[name]
            sending = tuple(one for one in known.trials if self._sends(one, member.path))
            if sending:
                return replace(replace(known, trials=sending).mark, ties=self._anchors(member, by))
        return self._told(member, by)

    def _sends(self, trial: Trial, path: str) -> bool:
        """Whether one of the calls that are judged sends the member."""
        return any(path in members_sent(call, self.shapes, self.endpoints) for call in trial.case.calls)

    def _came(self, member: Member, shape: str, by: tuple[str, ...]) -> Mark:
        seen = self._failing(member.ties or by) or self.seen.mark(shape, member.path)
        return replace(seen, ties=self._anchors(member, by)) if seen else self._told(member, by)

    def _failing(self, names: tuple[str, ...]) -> Mark | None:
        return next((mark for name in names if (mark := self.ties.known[name].mark).kind == "failing"), None)

    def _told(self, member: Member, by: tuple[str, ...]) -> Mark:
        """What is not on any tape: by documents and the like, never by an answer."""
        evidence = [each for each in self._evidence(member, by) if each.kind != "observed"]
        anchors = self._anchors(member, by)
        if not evidence and any({"doc", "vendor"} & set(self.ties.facts[name].kinds) for name in member.facts):
            return Mark("documented", None, anchors)
        return stated(evidence, anchors) if evidence else Mark("modelled" if anchors else "nothing", None, anchors)

    def _evidence(self, member: Member, by: tuple[str, ...]) -> Iterator[Evidence]:
        facts = [name for fact in member.facts for name in self.ties.facts[fact].requirements or ()]
        for name in dict.fromkeys((*(member.ties or by), *facts)):
            yield from self.ties.known[name].requirement.evidence

    def _anchors(self, member: Member, by: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(member.ties or (f"fact.{name}" for name in member.facts)) or by


def _path(member: Member) -> str:
    """The path; a long one on several lines, which a browser would not break."""
    lines = [""]
    for part in re.split(r"(?<=\.)", member.path):
        if lines[-1] and len(lines[-1]) + len(part) > WIDEST:
            lines.append("")
        lines[-1] += part
    return "<br>".join(f"`{line}`" for line in lines)


def _presence(member: Member) -> str:
    schema = member.schema
    default = f", `{str(schema['x-default']).lower()}`" if "x-default" in schema else ""
    words = ["required" if member.required else f"optional{default}"]
    words += ["deprecated"] if schema.get("deprecated") else []
    return "; ".join(words)


def _there(member: Member) -> str:
    return "always" if member.required else str(member.schema.get("x-presence", "may be absent"))


def _said(member: Member) -> str:
    return without_sources(str(member.schema.get("description", "")))
