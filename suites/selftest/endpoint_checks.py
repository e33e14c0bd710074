"""What must be true of contracts/endpoints.yaml beside the tape and the registry: each function names what is not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from kimi_conformance.cassette.shelf import names
from kimi_conformance.cassette.taped import Taped, taped
from kimi_conformance.contract.endpoints import JSON, Sourced
from kimi_conformance.contract.request_schema import schemas_in
from kimi_conformance.registry.contracts import facts, requirements, wire_schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kimi_conformance.contract.endpoints import Answer, Endpoints
    from kimi_conformance.contract.request_schema import RequestSchemas


@cache
def tape() -> tuple[Taped, ...]:
    """Every interaction."""
    return tuple(taped(name) for name in names())


def unforeseen(data: Endpoints) -> list[str]:
    """Answers on tape that no endpoint foresees."""
    return [
        f"{each.name}: {each.status} {each.media}"
        for each in tape()
        if data.expected(data.find(each.method, each.url), each.status, each.media) is None
    ]


def misnamed(data: Endpoints) -> list[str]:
    """Cassettes that are named where another answer is described; answers that are called unseen and are on tape."""
    seen: dict[str, list[int]] = {}
    for each in tape():
        answer = data.expected(data.find(each.method, each.url), each.status, each.media)
        seen.setdefault(each.name, []).append(id(answer))
    wrong = [
        f"{name} does not show {answer.status} {answer.media}"
        for answer in _answers(data)
        for name in answer.cassettes
        if id(answer) not in seen.get(name, [])
    ]
    shown = {one for every in seen.values() for one in every}
    wrong += [f"{answer.says} is on tape" for answer in _answers(data) if answer.unseen and id(answer) in shown]
    return wrong


def misfits(data: Endpoints) -> list[str]:
    """Answers on tape that are not of a shape that their endpoint names for them."""
    return [
        f"{each.name}: not of {', '.join(answer.shapes)}"
        for each in tape()
        if (answer := data.expected(data.find(each.method, each.url), each.status, each.media))
        if answer.media == JSON and answer.shapes
        if not any(wire_schemas().valid(shape, each.answer) for shape in answer.shapes)
    ]


def misjudged(data: Endpoints, schemas: RequestSchemas) -> list[str]:
    """Bodies that were accepted and do not fit, or were refused and do fit, though no rule says why."""
    wrong = []
    for each in tape():
        endpoint = data.find(each.method, each.url)
        if endpoint is None or endpoint.request is None or endpoint.request.media != JSON:
            continue
        errors = schemas.errors(endpoint.request.shape, each.request)
        ruled = any(rule.covers(each.name) for rule in data.rules)
        if each.status == 400 and bool(errors) == ruled:
            wrong.append(f"{each.name}: refused, {'and a rule is needless' if ruled else 'and nothing says why'}")
        if each.status != 400 and errors:
            wrong.append(f"{each.name}: {each.status}, but {errors[0]}")
    return wrong


def unknown_ids(data: Endpoints, documents: Iterable[Mapping[str, Any]]) -> list[str]:
    """Requirements and facts that are named and do not exist."""
    rules, rows = _ids(data, documents)
    return sorted(rules - requirements("api").keys()) + sorted(rows - {fact.id for fact in facts().facts})


def unlinked(data: Endpoints, documents: Iterable[Mapping[str, Any]]) -> list[str]:
    """Requirements that neither an endpoint, an answer, a header, a rule nor a member rests on."""
    return sorted(requirements("api").keys() - _ids(data, documents)[0])


def _ids(data: Endpoints, documents: Iterable[Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    sourced = list(_sourced(data))
    schemas = [schema for document in documents for schema in schemas_in(document)]
    rules = {name for each in sourced for name in each.requirements}
    rows = {name for each in sourced for name in each.facts}
    rules |= {name for schema in schemas for name in schema.get("x-requirements", ())}
    return rules, rows | {name for schema in schemas for name in schema.get("x-facts", ())}


def _answers(data: Endpoints) -> list[Answer]:
    own = [answer for endpoint in data.endpoints for answer in endpoint.answers]
    return [*own, *(answer for family in data.families.values() for answer in family), *data.elsewhere]


def _sourced(value: Any) -> Iterator[Sourced]:
    if isinstance(value, Sourced):
        yield value
    if isinstance(value, BaseModel):
        inner: Iterable[Any] = [getattr(value, name) for name in type(value).model_fields]
    else:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    for each in inner:
        yield from _sourced(each)
