"""Faults of a router that reads bodies in its own way."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.fault import fault
from kimi_conformance.reference.call import Body, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps

    Read = Callable[[bytes], Body | Refusal]

REFUSED: Final = "router.request.malformed-json-refused"
LARGE: Final = "router.request.large-body-kept"

SNIFFED: Final = 15_000
LIMIT: Final = 100_000


def reading(change: Callable[[Read, bytes], Body | Refusal]) -> Apply:
    """Bodies are read in another way, which may make use of the right one."""

    def apply(steps: Steps) -> Steps:
        return replace(steps, read=lambda raw: change(steps.read, raw))

    return apply


@fault("request.malformed-forwarded", reading, REFUSED)
def malformed_forwarded(read: Read, raw: bytes) -> Body:
    """What is no JSON goes out as it is, by the default route."""
    body = read(raw)
    return Body(raw, {}) if isinstance(body, Refusal) else body


@fault("request.empty-forwarded", reading, REFUSED)
def empty_forwarded(read: Read, raw: bytes) -> Body | Refusal:
    """A body without a byte counts as an empty object."""
    return read(raw) if raw else Body(raw, {})


@fault("request.commas-mended", reading, REFUSED)
def commas_mended(read: Read, raw: bytes) -> Body | Refusal:
    """Commas that close a list or an object are taken out."""
    return read(re.sub(rb",\s*([}\]])", rb"\1", raw))


@fault("request.quotes-mended", reading, REFUSED)
def quotes_mended(read: Read, raw: bytes) -> Body | Refusal:
    """In a body that is no JSON, single quotes count as double ones."""
    body = read(raw)
    return read(raw.replace(b"'", b'"')) if isinstance(body, Refusal) else body


@fault("request.rest-ignored", reading, REFUSED)
def rest_ignored(read: Read, raw: bytes) -> Body | Refusal:
    """What follows the first JSON value is ignored."""
    try:
        _, end = json.JSONDecoder().raw_decode(raw.decode())
    except ValueError:
        return read(raw)
    return read(raw.decode()[:end].encode())


@fault("request.lists-opened", reading, REFUSED)
def lists_opened(read: Read, raw: bytes) -> Body | Refusal:
    """A list with one object counts as that object."""
    return read(raw[1:-1]) if raw.startswith(b"[") else read(raw)


@fault("request.first-name-counts", reading, "router.request.duplicate-keys-agree")
def first_name_counts(read: Read, raw: bytes) -> Body | Refusal:
    """Of two models in one body the first decides on the route; the body goes out with both."""
    body = read(raw)
    if isinstance(body, Refusal):
        return body
    return Body(raw, json.loads(raw, object_pairs_hook=lambda pairs: dict(reversed(pairs))))


@fault("request.body-limited", reading, LARGE)
def body_limited(read: Read, raw: bytes) -> Body | Refusal:
    """Bodies of more than 100 KB are refused."""
    return Refusal(413, "the body is too large") if len(raw) > LIMIT else read(raw)


@fault("request.model-sniffed", reading, LARGE)
def model_sniffed(read: Read, raw: bytes) -> Body | Refusal:
    """The model is looked for in the first 15 KB of a body."""
    body = read(raw)
    if isinstance(body, Refusal) or b'"model":' in raw[:SNIFFED]:
        return body
    return Body(raw, {name: value for name, value in body.members.items() if name != "model"})
