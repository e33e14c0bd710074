"""What the client's side alone shows, where nobody saw the upstreams: was it served, and whose is a 404."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.fold import fold
from kimi_conformance.judge.api.messages_fold import fold_messages
from kimi_conformance.judge.check import Flaw, client_alone
from kimi_conformance.judge.relayed import got, json_of
from kimi_conformance.judge.streamed import STREAM, reading_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World

JSON: Final = "application/json"
NOT_FOUND: Final = 404
UNAUTHORIZED: Final = frozenset({401, 403})
OF_MODELS: Final = (b"not_found_error", b"model_not_found")
"""Words of Kimi, Anthropic and OpenAI for a model that is not there, or not for this account."""


@client_alone("router.gate.no-own-404-for-a-registered-model", says="tells")
def no_own_404(play: Play, _world: World) -> Iterator[Flaw]:
    """The model is served. A 404 about a model may be an upstream's; one about nothing in particular is no upstream's.

    What else there is shows nothing.
    """
    for trip in play.trips:
        if trip.client.status == NOT_FOUND and not _about_a_model(trip):
            said = got(trip)
            message = f"404 to a registered model, and no upstream's word on a model: {said}"
            yield Flaw("the model is served", said, "client response", message)
        elif flaw := unserved(trip):
            yield flaw


def unserved(trip: Trip) -> Flaw | None:
    """Why nothing can be seen of the answer to an ordinary ask: there is none, or it is no answer of a model."""
    if read_as(trip):
        return None
    seen = got(trip)
    message = f"the client was not served, which shows nothing here: {seen}"
    if outcome(trip) == "served":
        message = f"the answer is none of a model, which shows nothing here: {seen}"
    if trip.client.status in UNAUTHORIZED:
        key = f"the router does not take the client's key ({trip.client.status})"
        message = f"{key}: `client_headers:`, or --key-env, has it"
    return unseen(message)


def unseen(message: str) -> Flaw:
    """Says that the client's side alone does not show it."""
    return Flaw("what the client's side shows", message, "client response", message, Verdict.NOT_OBSERVED)


def _about_a_model(trip: Trip) -> bool:
    """Whether a 404 names the model, or says in a provider's words that there is none."""
    body = trip.client.response.body if trip.client.response else b""
    name = trip.ask.model.value
    named = isinstance(name, str) and name.encode() in body
    return named or any(word in body for word in OF_MODELS)


def read_as(trip: Trip) -> str | None:
    """The media type that an answer of success reads as, whatever it is called; None where no model speaks in it."""
    response = trip.client.response
    if outcome(trip) != "served" or response is None:
        return None
    body = json_of(response)
    if not isinstance(body, Flaw):
        return JSON if _says_something(body, trip.ask.surface) else None
    reading = reading_of(response)
    if isinstance(reading, Flaw):
        return None
    if trip.ask.surface == "messages":
        return STREAM if fold_messages(reading.events).message is not None else None
    return STREAM if fold(reading.events).choices else None


def _says_something(body: dict[str, Any], surface: str) -> bool:
    said = body.get("choices" if surface == "chat" else "content")
    return isinstance(said, list) and (bool(said) or surface == "messages")
