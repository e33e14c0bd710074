"""The answers of an operation: one response for each status, with a content for each media type."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.endpoints import JSON, STREAM
from kimi_conformance.reporting.openapi.components import HERE
from kimi_conformance.reporting.openapi.examples import answer_examples, provenance
from kimi_conformance.reporting.openapi.names import pascal
from kimi_conformance.reporting.openapi.stream import stream_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kimi_conformance.contract.endpoints import Answer, AnswerHeader, Endpoint, Sourced
    from kimi_conformance.reporting.openapi.material import Material


NOT_PINNED: Final = {"type": "object", "description": "Not pinned."}


def responses(material: Material, endpoint: Endpoint) -> dict[str, Any]:
    """The responses of an operation by status; errors of a family are those of the components."""
    families = {id(each): family for family in endpoint.errors for each in material.endpoints.families[family]}
    found: dict[str, Any] = {}
    for status, group in groupby(material.endpoints.answers(endpoint), key=lambda each: each.status):
        answers = list(group)
        family = families.get(id(answers[0]))
        shared = {"$ref": f"#/components/responses/{_name(family, answers[0])}"} if family else None
        found[str(status)] = shared if shared and len(answers) == 1 else _response(material, answers)
    return found


def shared_responses(material: Material) -> dict[str, Any]:
    """The responses of all families of errors, and what any other path is answered."""
    families = material.endpoints.families | {"elsewhere": material.endpoints.elsewhere}
    return {_name(name, each): _response(material, [each]) for name, family in families.items() for each in family}


def shared_headers(material: Material) -> dict[str, Any]:
    """The headers of answers."""
    return {each.name: _header(material, each) for each in material.endpoints.headers.values()}


def sources(material: Material, sourced: Sourced) -> dict[str, Any]:
    """What something rests on, and how it is known by that."""
    rests = {"x-requirements": list(sourced.requirements), "x-facts": list(sourced.facts)}
    known = material.known(sourced.requirements, sourced.facts)
    return {word: value for word, value in (rests | {"x-provenance": known}).items() if value}


def _name(family: str | None, answer: Answer) -> str:
    return f"{pascal(family or '')}{answer.status}"


def _response(material: Material, answers: Sequence[Answer]) -> dict[str, Any]:
    headers = {material.endpoints.headers[name].name: name for answer in answers for name in answer.headers}
    said = dict.fromkeys(answer.says for answer in answers)
    return {
        "description": "\n\n".join(said),
        **({"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers}} if headers else {}),
        "content": {answer.media: _content(material, answer) for answer in answers},
    }


def _content(material: Material, answer: Answer) -> dict[str, Any]:
    examples = answer_examples(material, answer)
    return {
        "schema": _schema(material, answer),
        **({"examples": examples} if examples else {}),
        **({"x-error-types": list(answer.types)} if answer.types else {}),
        **sources(material, answer),
        "x-provenance": provenance(material, answer),
    }


def _schema(material: Material, answer: Answer) -> dict[str, Any]:
    if answer.media not in (JSON, STREAM):
        return {"type": "string"}
    shapes = [{"$ref": HERE + material.names[shape, ""]} for shape in answer.shapes]
    known = shapes[0] if len(shapes) == 1 else {"anyOf": shapes} if shapes else NOT_PINNED
    return stream_schema(next(iter(answer.shapes), None), known) if answer.media == STREAM else known


def _header(material: Material, header: AnswerHeader) -> dict[str, Any]:
    return {"description": header.says, "schema": header.json_schema, **sources(material, header)}
