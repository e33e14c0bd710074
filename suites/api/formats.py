"""Formats of answers: partial mode, JSON objects, JSON that keeps a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material

HELLO = "chat/kimi-k3-hello"


@cases_of("api.partial.prefix-not-repeated")
def prefix_not_repeated(m: Material) -> Iterator[Case]:
    """A sentence that has begun."""
    yield from each(m.named("partial/kimi-k3"))


@cases_of("api.partial.not-with-json-object")
def not_with_json_object(m: Material) -> Iterator[Case]:
    """A JSON object that has begun."""
    yield from each(m.named("partial/kimi-k3-json-object"), m[HELLO])


@cases_of("api.response-format.json-object-is-json")
def json_object_is_json(m: Material) -> Iterator[Case]:
    """A JSON object, whole and streamed."""
    yield from each(m.named("response-format/kimi-k3-json-object", "stream/kimi-k3-json"))


@cases_of("api.response-format.json-schema-is-kept", "api.response-format.strict-is-compact")
def json_schema_is_kept(m: Material) -> Iterator[Case]:
    """JSON by a strict schema."""
    yield from each(m.named("response-format/kimi-k3-schema"))


@cases_of("api.response-format.json-schema-needs-name")
def json_schema_needs_name(m: Material) -> Iterator[Case]:
    """A schema without a name."""
    yield from each(m.named("response-format/kimi-k3-no-name"), m["response-format/kimi-k3-schema"])


@cases_of("api.response-format.unknown-type-refused")
def unknown_type_refused(m: Material) -> Iterator[Case]:
    """A format that is none."""
    yield from each(m.named("response-format/kimi-k3-unknown-type"), m["response-format/kimi-k3-json-object"])
