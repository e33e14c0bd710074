"""The whole document: a pure function of the contracts, of what is known of them, and of the tape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.reporting.openapi.answers import shared_headers, shared_responses
from kimi_conformance.reporting.openapi.components import component_schemas
from kimi_conformance.reporting.openapi.operations import SCHEMES, parameter, paths
from kimi_conformance.reporting.openapi.page import as_yaml

if TYPE_CHECKING:
    from kimi_conformance.contract.endpoints import Outside
    from kimi_conformance.reporting.openapi.material import Material

HEAD: Final = """\
# The API of Kimi (Moonshot AI) as the contracts of kimi-conformance have it: no document of Moonshot's.
# Written by `kimi-conformance docs`, not to be edited by hand.
"""
ABOUT: Final = """\
What the Kimi API is known to do, from published answers, Moonshot's documents and code; not a document of Moonshot's.

- `x-requirements` names the requirements that something rests on; `x-requirement-index` says what each asks and how it
  is known. `x-facts` names rows of the index of published facts.
- `x-provenance` says how something is known, and of which day that is: `live` or `recorded` (by this suite), `observed`
  (a real answer that somebody published), `reported`, `documented`, `modelled` (never seen). What rests on requirements
  is known as the weakest of them; an answer and a member as the best tape that has it. `unseen` says why no tape does.
- A member without `x-provenance` is one of the wire that a face is compatible with; of Kimi nothing is published of it.
- Members that no schema names are accepted and ignored in requests, and may appear in answers.
- The schema of a stream is that of each of its events: fields of text, of which `data` is JSON with a schema of its
  own, or an end. What reads a stream as one text finds that allowed, too; the examples are such texts.
- `x-models` lists the models that take a member, of those that are served on the day of the newest evidence.
- `x-default` is what holds where a member is left out. It is not `default`, which generated clients would send.
- A 429 has three reasons, told apart by `error.type`; its examples show one of each.
- Any other path, and a method that a path does not have, is answered like `components.responses.Elsewhere404`.
"""


def openapi_document(material: Material) -> str:
    """The document as YAML: the same text for the same material."""
    return HEAD + as_yaml(openapi(material))


def openapi(material: Material) -> dict[str, Any]:
    """The document as plain data."""
    groups = dict.fromkeys(each.group for each in material.endpoints.endpoints)
    hosts = material.endpoints.hosts
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Kimi API",
            "version": str(material.day),
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [
            {"url": hosts[name].server, "description": hosts[name].says} for name in ("platform-ai", "platform-cn")
        ],
        "tags": [{"name": group} for group in groups],
        "security": [{SCHEMES["bearer"]: []}],
        "paths": paths(material),
        "components": {
            "schemas": component_schemas(material),
            "responses": shared_responses(material),
            "parameters": {name: parameter(material, each) for name, each in material.endpoints.parameters.items()},
            "headers": shared_headers(material),
            "securitySchemes": _schemes(),
        },
        "x-outside": [_outside(each) for each in material.endpoints.outside],
        "x-requirement-index": {
            name: {"level": rule.level, "says": rule.says, **material.known([name])}
            for name, rule in material.requirements.items()
        },
    }


def _schemes() -> dict[str, Any]:
    own = "Each host has keys of its own, `sk-…` on the platforms and `sk-kimi-…` on Kimi Code; any other gets a 401."
    return {
        SCHEMES["bearer"]: {"type": "http", "scheme": "bearer", "description": own},
        SCHEMES["x-api-key"]: {"type": "apiKey", "in": "header", "name": "x-api-key", "description": own},
    }


def _outside(found: Outside) -> dict[str, Any]:
    return {
        "path": found.path,
        "summary": found.summary,
        "why": found.why,
        **({"x-requirements": list(found.requirements)} if found.requirements else {}),
    }
