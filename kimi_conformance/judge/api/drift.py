"""Drift: members that Kimi sends and our schemas do not name. News, not a mistake."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from kimi_conformance.judge.api.places import event, shown
from kimi_conformance.judge.api.sight import NO_JSON

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.schema import Shape
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight

REQUIREMENTS: Final[Mapping[Shape, str]] = {
    "balance": "api.balance.shape",
    "batch": "api.batches.shape",
    "batches": "api.batches.list-shape",
    "chat.completion": "api.chat.shape",
    "chat.completion.chunk": "api.stream.chunk-shape",
    "coding.models": "api.coding.models-shape",
    "coding.usages": "api.coding.usages-shape",
    "error": "api.errors.envelope",
    "error.gateway": "api.errors.gateway-family",
    "error.messages": "api.messages.anthropic-error-on-400-404",
    "error.responses": "api.responses.error-shape",
    "file": "api.files.object-shape",
    "file.deleted": "api.files.deleted-shape",
    "files": "api.files.list-shape",
    "message": "api.messages.shape",
    "message.events": "api.messages.stream-shape",
    "models": "api.models.shape",
    "tokens": "api.tokens.shape",
}
"""The requirement that says what an answer of this shape looks like."""

INDEX: Final = re.compile(r"/\d+(?=/|$)")
VALUE: Final = re.compile(rb'(?<!"type")(?<!\s)\s*:\s*"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
"""Text that a member has for its value. Without it most chunks of a stream are the same; `type` chooses a schema."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A member that nobody knows. Said as a finding is, with a verdict of its own."""

    requirement: str
    expected: str
    actual: str
    where: str
    message: str
    verdict: Literal["drift"] = "drift"

    def as_json(self) -> dict[str, Any]:
        """As `judge --json` has it, in the form of a finding."""
        return {
            "requirement": self.requirement,
            "verdict": self.verdict,
            "expected": self.expected,
            "actual": self.actual,
            "where": self.where,
            "message": self.message,
        }


def drift(sight: Sight, contract: Contract) -> Iterator[Drift]:
    """Each member beyond the schema of what was seen, where it stands first: of a stream or a list, too."""
    shape = sight.shape
    if shape is None:
        return
    seen: set[str] = set()
    for number, value in _values(sight):
        for pointer in contract.schemas.unknown(shape, value):
            place = INDEX.sub("/*", pointer)
            if place in seen:
                continue
            seen.add(place)
            where = f"response {pointer}" if number is None else event(sight, number, pointer)
            actual, message = (
                shown(_at(value, pointer)),
                f"{pointer} is a member that the schema of {shape} does not name",
            )
            yield Drift(REQUIREMENTS[shape], "no such member", actual, where, message)


def _values(sight: Sight) -> Iterator[tuple[int | None, Any]]:
    """What has the sight's shape: the body, or of a stream each event that has members no event before it had."""
    if not sight.streamed:
        if sight.body is not NO_JSON:
            yield None, sight.body
        return
    known: set[bytes] = set()
    for number, found in enumerate(sight.reading.events):
        structure = VALUE.sub(b":", found.data)
        if structure not in known:
            known.add(structure)
            try:
                yield number, json.loads(found.data)
            except (ValueError, RecursionError):
                continue


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value
