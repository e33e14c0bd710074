"""Loads the schemas of the wire: apart from the other contracts, since jsonschema takes its time to import."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, SchemaError

from kimi_conformance.contract.request_schema import REQUEST_SHAPES, RequestSchemas
from kimi_conformance.contract.schema import SHAPES, Schemas
from kimi_conformance.registry.problems import ContractError, Problem
from kimi_conformance.registry.yaml_text import text_of

if TYPE_CHECKING:
    from pathlib import Path


def load_wire_schemas(folder: Path) -> Schemas:
    """The schemas in `folder`: one file per shape, SHAPE.schema.json, whose `$id` is kimi:SHAPE.

    Raises `ContractError` where one is missing or broken.
    """
    return Schemas.of({shape: _schema(folder / f"{shape}.schema.json", f"kimi:{shape}") for shape in SHAPES})


def load_request_schemas(folder: Path) -> RequestSchemas:
    """Those of requests, which lie in the same `folder`. Raises as `load_wire_schemas` does."""
    return RequestSchemas.of(
        {str(shape): _schema(folder / f"{shape}.schema.json", f"kimi:{shape}") for shape in REQUEST_SHAPES}
    )


def _schema(path: Path, name: str) -> dict[str, Any]:
    try:
        document = json.loads(text_of(path))
        Draft202012Validator.check_schema(document)
    except json.JSONDecodeError as error:
        raise ContractError([Problem(path, error.lineno, f"no JSON: {error.msg}")]) from None
    except SchemaError as error:
        raise ContractError([Problem(path, None, f"no JSON Schema: {error.json_path}: {error.message}")]) from None
    if not isinstance(document, dict) or document.get("$id") != name:
        raise ContractError([Problem(path, None, f"the schema's $id must be '{name}'")])
    return document
