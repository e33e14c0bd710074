"""Examples: what was asked and answered on tape, with where that comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.endpoints import JSON
from kimi_conformance.contract.provenance import WORTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.cassette.taped import Taped
    from kimi_conformance.contract.endpoints import Answer, Endpoint
    from kimi_conformance.reporting.openapi.material import Material


def answer_examples(material: Material, answer: Answer) -> dict[str, Any]:
    """The answers on tape that the contract names for `answer`: JSON as a value, anything else as text."""
    return _examples(
        (each, each.answer if each.media == JSON else each.body.decode("utf-8"))
        for each in map(material.tape.__getitem__, answer.cassettes)
    )


def request_examples(material: Material, endpoint: Endpoint) -> dict[str, Any]:
    """The bodies that got the 200 answers on tape which the contract names."""
    return _examples(
        (each, each.request)
        for answer in endpoint.answers
        if answer.status == 200  # noqa: PLR2004 - the status is its meaning
        for each in map(material.tape.__getitem__, answer.cassettes)
        if each.request is not None
    )


def provenance(material: Material, answer: Answer) -> dict[str, str]:
    """Where the answer is known from: the best tape of those that are named, the newest of as good ones."""
    taped = [material.tape[name].provenance for name in answer.cassettes]
    if not taped:
        return {"unseen": answer.unseen or ""}
    best = max(taped, key=lambda each: (-WORTH.index(each.origin), each.recorded_at))
    return {"known": best.origin, "date": str(best.recorded_at)}


def _examples(found: Iterable[tuple[Taped, Any]]) -> dict[str, Any]:
    return {each.name.replace("/", "-"): {"summary": _summary(each), "value": value} for each, value in found}


def _summary(each: Taped) -> str:
    return f"{each.name}: {each.provenance.origin}, {each.provenance.recorded_at}"
