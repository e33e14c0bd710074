"""Reads an OpenAPI document as a client would: which operation a request is, whether an answer is one of its own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from kimi_conformance.exchange import Piece
from kimi_conformance.sse import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE: Final = "urn:openapi"
METHODS: Final = ("get", "post", "put", "delete", "patch", "head", "options", "trace")
DONE: Final = "[DONE]"


@dataclass(frozen=True)
class Reader:
    """An OpenAPI document as plain data."""

    document: Mapping[str, Any]

    @cached_property
    def _registry(self) -> Registry[Any]:
        return Registry().with_resource(HERE, DRAFT202012.create_resource(self.document))

    def at(self, node: Any) -> Any:
        """`node`, or what it refers to."""
        while isinstance(node, dict) and "$ref" in node:
            node = self.pointed(node["$ref"])
        return node

    def pointed(self, ref: str) -> Any:
        """What a local reference leads to. Raises `KeyError`."""
        found: Any = self.document
        for part in ref.removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found

    def errors(self, schema: Any, value: Any) -> list[str]:
        """What in `value` does not fit a schema of the document."""
        found = Draft202012Validator(_absolute(schema), registry=self._registry).iter_errors(value)
        return [f"{error.json_path}: {error.message}" for error in found]

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Method, path and each operation."""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method in METHODS:
                    yield method.upper(), path, operation

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """The operation of a request; None: there is none."""
        for named, template, operation in self.operations():
            pattern = re.sub(r"\\\{[a-z]+\\\}", "[^/]+", re.escape(template))
            if named == method and re.fullmatch(pattern, path):
                return operation
        return None

    def flaws(self, operation: dict[str, Any], status: int, headers: Mapping[str, str], body: bytes) -> list[str]:
        """What an answer has that the operation does not describe. Names of headers are in lower case."""
        if str(status) not in operation["responses"]:
            return [f"no response {status}"]
        response = self.at(operation["responses"][str(status)])
        media = headers["content-type"].partition(";")[0]
        if media not in response["content"]:
            return [f"no {media} under {status}"]
        schema = response["content"][media]["schema"]
        flaws = list(self._header_flaws(response, headers))
        if media == "text/event-stream":
            return flaws + self.stream_flaws(schema, body)
        return flaws + self.errors(schema, json.loads(body) if media == "application/json" else body.decode("utf-8"))

    def stream_flaws(self, schema: Any, body: bytes) -> list[str]:
        """What in a stream is no event as the schema has them, their data included."""
        event_schema, flaws = schema["anyOf"][0], []
        for event in read([Piece(0.0, body)]).events:
            told = {"data": event.text} | ({} if event.type == "message" else {"event": event.type})
            flaws += self.errors(event_schema, told)
            data = event_schema["properties"]["data"]
            inside = data["anyOf"][0] if "anyOf" in data else data
            if event.text != DONE:
                flaws += self.errors(inside["contentSchema"], json.loads(event.text))
        return flaws

    def _header_flaws(self, response: Any, headers: Mapping[str, str]) -> Iterator[str]:
        for name, header in response.get("headers", {}).items():
            schema, value = self.at(header)["schema"], headers.get(name.lower())
            if value is not None:
                read = int(value) if schema["type"] == "integer" and value.isdigit() else value
                yield from (f"{name}: {error}" for error in self.errors(schema, read))

    def references(self) -> Iterator[str]:
        """Every reference, those of discriminators included."""
        for node in nodes(self.document):
            if isinstance(node, dict):
                yield from (value for key, value in node.items() if key == "$ref" and isinstance(value, str))
                discriminator = node.get("discriminator")
                yield from discriminator["mapping"].values() if isinstance(discriminator, dict) else ()

    def dangling(self) -> list[str]:
        """References that lead nowhere, or out of the document."""
        return sorted({ref for ref in self.references() if not self._leads(ref)})

    def _leads(self, ref: str) -> bool:
        try:
            self.pointed(ref)
        except (KeyError, TypeError):
            return False
        return ref.startswith("#/")

    def idle(self) -> list[str]:
        """Components that nothing refers to."""
        used = set(self.references())
        kinds = {kind: found for kind, found in self.document["components"].items() if kind != "securitySchemes"}
        there = {f"#/components/{kind}/{name}" for kind, found in kinds.items() for name in found}
        return sorted(there - used)

    def examples(self) -> Iterator[tuple[str, Any, Any]]:
        """The name, the schema and the value of every example of a body."""
        for node in nodes(self.document):
            if isinstance(node, dict) and isinstance(node.get("examples"), dict) and "schema" in node:
                for name, example in node["examples"].items():
                    yield name, node["schema"], example["value"]


def _absolute(schema: Any) -> Any:
    """A schema that can stand outside of the document."""
    if isinstance(schema, list):
        return [_absolute(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: HERE + value if key == "$ref" else _absolute(value) for key, value in schema.items()}


def nodes(value: Any) -> Iterator[Any]:
    """Every node but what stands in an example, which may say `$ref` for reasons of its own."""
    yield value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        if key != "value":
            yield from nodes(each)
