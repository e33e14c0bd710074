"""Faults of the router's own list of models."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.fault import fault, itself

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Answer
    from kimi_conformance.reference.config import Config

LISTED: Final = "router.models.lists-registered-models"
SHAPE: Final = "router.models.shape"


def listing(change: Callable[[list[Any]], Any]) -> Apply:
    """The body of the list is made of its entries in another way."""

    def apply(steps: Steps) -> Steps:
        def list_models(config: Config) -> Answer:
            answer = steps.list_models(config)
            return _with_body(answer, json.dumps(change(json.loads(answer.body)["data"])).encode())

        return replace(steps, list_models=list_models)

    return apply


def _with_body(answer: Answer, body: bytes) -> Answer:
    headers = tuple((name, value) for name, value in answer.headers if name != b"content-length")
    return replace(answer, headers=(*headers, (b"content-length", b"%d" % len(body))), body=body)


@fault("models.one-forgotten", listing, LISTED)
def one_forgotten(entries: list[Any]) -> Any:
    """A registered model is not on the list."""
    return {"object": "list", "data": entries[:-1]}


@fault("models.empty", listing, LISTED)
def empty(_: list[Any]) -> Any:
    """The list is empty."""
    return {"object": "list", "data": []}


@fault("models.under-other-names", listing, LISTED)
def under_other_names(entries: list[Any]) -> Any:
    """The list has the names that another service gives to the models."""
    return {"object": "list", "data": [{**entry, "id": f"moonshotai/{entry['id']}"} for entry in entries]}


@fault("models.bare", listing, SHAPE)
def bare(entries: list[Any]) -> Any:
    """The list is a bare array."""
    return entries


@fault("models.of-names", listing, SHAPE, LISTED)
def of_names(entries: list[Any]) -> Any:
    """The entries are names, not objects."""
    return {"object": "list", "data": [entry["id"] for entry in entries]}


@fault("models.doubled", listing, SHAPE)
def doubled(entries: list[Any]) -> Any:
    """A model is listed twice."""
    return {"object": "list", "data": [*entries, entries[0]]}


@fault("models.without-ids", listing, SHAPE, LISTED)
def without_ids(entries: list[Any]) -> Any:
    """The entries have names instead of ids."""
    return {"object": "list", "data": [{"object": "model", "name": entry["id"]} for entry in entries]}


@fault("models.not-a-list", listing, SHAPE)
def not_a_list(entries: list[Any]) -> Any:
    """The list calls itself a page."""
    return {"object": "page", "data": entries}


@fault("models.not-served", itself, SHAPE, LISTED)
def not_served(steps: Steps) -> Steps:
    """The list is not served: 404, in plain text."""

    def list_models(config: Config) -> Answer:
        plain = ((b"content-type", b"text/plain"),)
        return _with_body(replace(steps.list_models(config), status=404, headers=plain), b"Not Found")

    return replace(steps, list_models=list_models)
