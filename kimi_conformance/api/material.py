"""What the suites make cases of: the calls of contracts/calls.yaml, for the models that are served on a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kimi_conformance.api.call import Call
from kimi_conformance.contract.catalogue import PREDICATES, State, live, state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from kimi_conformance.contract.calls import Calls, CallSpec
    from kimi_conformance.contract.catalogue import Catalogue, Model
    from kimi_conformance.contract.catalogue import Host as CatalogueHost


@dataclass(frozen=True, slots=True)
class Material:
    """The calls by name, and the models that are served. A call of a model's own comes before that of a template."""

    calls: Mapping[str, Call]
    models: tuple[Model, ...]
    templates: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Call:
        """The call of that name; an absent one, where its model is not served. Raises `KeyError` for any other."""
        if name not in self.calls and any(_made_of(name, template) for template in self.templates):
            return Call(name, "", "", absent=f"{name} is about a model that is not served")
        return self.calls[name]

    def named(self, *names: str) -> tuple[Call, ...]:
        """Several calls."""
        return tuple(self[name] for name in names)

    def each(self, predicate: str) -> Iterator[Model]:
        """The served models that have a property (`live`: all)."""
        return (model for model in self.models if predicate == "live" or PREDICATES[predicate](model))

    def has(self, name: str) -> bool:
        """Whether there is such a call: those of models that are not served any more are gone."""
        return name in self.calls


def material(calls: Calls, catalogue: Catalogue, on: date) -> Material:
    """The calls for the day `on`. A call that names a model of its own needs no model that is served."""
    models = live(catalogue, "platform", on)
    found: dict[str, Call] = {}
    for name, spec in calls.calls.items():
        if spec.each is None:
            found[name] = _of_the_day(_call(name, spec, found), spec, catalogue, on)
    for name, spec in calls.calls.items():
        for model in models if spec.each else ():
            own = name.replace("{model}", model.id)
            if own not in found and (spec.each == "live" or PREDICATES[str(spec.each)](model)):
                found[own] = _call(own, spec, found, model.id)
    return Material(found, models, tuple(name for name, spec in calls.calls.items() if spec.each))


def _made_of(name: str, template: str) -> bool:
    before, _, after = template.partition("{model}")
    return name.startswith(before) and name.endswith(after)


def _of_the_day(call: Call, spec: CallSpec, catalogue: Catalogue, on: date) -> Call:
    """The call as it can be made on the day `on`: with a model that stands in for one that is not served (any more).

    A model stands in for another where it has the same rules of sampling, and the same choice of tools.
    """
    model = catalogue.find(call.model or "")
    kind: CatalogueHost = "coding" if call.host == "coding" else "platform"
    if model is None or spec.past or spec.any_day or state(model, kind, on) not in {State.RETIRED, State.NOT_YET}:
        return call
    rules = (model.sampling, model.tool_choice)
    for other in live(catalogue, kind, on):
        if (other.sampling, other.tool_choice) == rules:
            return replace(call, body={**(call.body or {}), "model": other.id})
    return replace(call, absent=f"{model.id} is not served on {on}, and no model has the same rules")


def _call(name: str, spec: CallSpec, known: Mapping[str, Call], model: str | None = None) -> Call:
    body: dict[str, Any] | None = spec.content
    if body is not None and model is not None:
        body = {**body, "model": model}
    return Call(
        name=name,
        method=spec.method,
        path=spec.path,
        host=spec.host,
        key=spec.key or spec.host,
        body=body,
        form=spec.form,
        headers=tuple(spec.headers.items()),
        x_api_key=spec.x_api_key,
        past=spec.past,
        takes=known[spec.takes] if spec.takes else None,
    )
