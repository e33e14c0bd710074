"""The paths: one operation for each endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.endpoints import JSON
from kimi_conformance.reporting.openapi.answers import responses, sources
from kimi_conformance.reporting.openapi.components import HERE
from kimi_conformance.reporting.openapi.examples import request_examples

if TYPE_CHECKING:
    from kimi_conformance.contract.endpoints import Endpoint, Parameter, Rule
    from kimi_conformance.reporting.openapi.material import Material

SCHEMES: Final = {"bearer": "bearer", "x-api-key": "apiKey"}
"""The name of the security scheme for each way in which a key goes along."""


def paths(material: Material) -> dict[str, Any]:
    """Every path, in the order of the contract, with its servers where these are not those of the document."""
    found: dict[str, Any] = {}
    for endpoint in material.endpoints.endpoints:
        item = found.setdefault(endpoint.path, {})
        if endpoint.hosts == ("coding",):
            item["servers"] = servers(material, endpoint)
        item[endpoint.method.lower()] = operation(material, endpoint)
    return found


def servers(material: Material, endpoint: Endpoint) -> list[dict[str, str]]:
    """The hosts of an endpoint."""
    rows = [material.endpoints.hosts[name] for name in endpoint.hosts]
    return [{"url": row.server, "description": row.says} for row in rows]


def operation(material: Material, endpoint: Endpoint) -> dict[str, Any]:
    """One endpoint."""
    rules = rules_of(material, endpoint)
    return {
        "operationId": endpoint.id,
        "tags": [endpoint.group],
        "summary": endpoint.summary,
        **_described(endpoint, rules),
        "security": [{SCHEMES[name]: []} for name in endpoint.keys],
        **_parameters(endpoint),
        **_body(material, endpoint),
        "responses": responses(material, endpoint),
        **sources(material, endpoint),
        **({"x-rules": [_rule(material, rule) for rule in rules]} if rules else {}),
    }


def rules_of(material: Material, endpoint: Endpoint) -> list[Rule]:
    """The rules about bodies that requests to this endpoint were refused for."""
    asked = [name for name, each in material.tape.items() if material.endpoints.find(each.method, each.url) == endpoint]
    return [rule for rule in material.endpoints.rules if any(map(rule.covers, asked))]


def parameter(material: Material, found: Parameter) -> dict[str, Any]:
    """A part of the path, a query parameter or a header."""
    required = {"required": True} if found.place == "path" else {}
    return {
        "name": found.name,
        "in": found.place,
        "description": found.says,
        **required,
        "schema": found.json_schema,
        **sources(material, found),
    }


def _described(endpoint: Endpoint, rules: list[Rule]) -> dict[str, str]:
    listed = "\n".join(f"- {rule.says}" for rule in rules)
    beyond = f"Rules that the schema of the body cannot say:\n\n{listed}" if rules else None
    said = "\n\n".join(each for each in (endpoint.says, beyond) if each)
    return {"description": said} if said else {}


def _rule(material: Material, rule: Rule) -> dict[str, Any]:
    return {"says": rule.says, "why": rule.why, **sources(material, rule)}


def _parameters(endpoint: Endpoint) -> dict[str, Any]:
    found = [{"$ref": f"#/components/parameters/{name}"} for name in endpoint.parameters]
    return {"parameters": found} if found else {}


def _body(material: Material, endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.request is None:
        return {}
    schema = {"$ref": HERE + material.names[endpoint.request.shape, ""]}
    examples = request_examples(material, endpoint) if endpoint.request.media == JSON else {}
    content = {"schema": schema, **({"examples": examples} if examples else {})}
    return {"requestBody": {"required": True, "content": {endpoint.request.media: content}}}
