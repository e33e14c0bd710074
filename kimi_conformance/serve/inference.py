"""What chat and the Anthropic face have in common: what stands before an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.catalogue import SERVED, state
from kimi_conformance.serve.asking import Asked
from kimi_conformance.serve.invalid import invalid_request
from kimi_conformance.serve.limits import limited, turned_away
from kimi_conformance.serve.refusals import refusal
from kimi_conformance.serve.refusals_messages import said_nothing
from kimi_conformance.serve.shapes import refuse
from kimi_conformance.serve.told import forced
from kimi_conformance.upstream.kimi_wire import Problem

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Model
    from kimi_conformance.serve.call import Call
    from kimi_conformance.upstream.script import Script


def admitted(call: Call, body: dict[str, Any] | None, said: str) -> Script | None:
    """Why a request is not even looked at, if so: asked for by name, no agent, or limits of the account."""
    gate = forced(call, said) or turned_away(call) or limited(call)
    return gate or (None if body is not None else refuse(NO_OBJECT, call.face, call.host))


NO_OBJECT = invalid_request("the body is not a JSON object")
"""modelled: the text for such a body is published nowhere"""


def understood(call: Call, body: dict[str, Any]) -> Asked | Problem:
    """The request to a model that is served here, or why it is refused. The order of the first checks is modelled."""
    named = body.get("model")
    if not isinstance(named, str):
        return invalid_request("model must be a string")
    if problem := said_nothing(body):
        return problem
    model = served(call, named)
    if model is None:
        return unknown(named)
    asked = Asked(body, model, coding=call.host == "coding", sampling=call.face == "chat")
    return refusal(asked) or asked


def served(call: Call, named: str) -> Model | None:
    """The model of this id, if this host serves it today. Coding ids on the platform and the reverse: unknown.

    The coding host was also seen to answer 401, or with another model, to a platform id: it is 404 here, modelled.
    """
    model = call.config.catalogue.find(named)
    return model if model and state(model, call.host, call.config.on) in SERVED else None


def unknown(model: str) -> Problem:
    """404: retired, never there, not yet, or of another host. Kimi says the same to all."""
    return Problem(404, "resource_not_found_error", f"Not found the model {model} or Permission denied")
