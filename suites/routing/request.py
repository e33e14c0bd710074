"""Request: what the client sent reaches the upstream, whole, once, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product
from typing import TYPE_CHECKING

from kimi_conformance.contract.bodies import twice_named
from kimi_conformance.oracle import Routed
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.matrix import Matrix


@cases_of("router.request.temperature-untouched")
def temperature_untouched(m: Matrix) -> Iterator[Case]:
    """Every temperature, and none, for a registered model and for one that nobody knows, streamed or not."""
    for ask, stream in product(m.subjects(), (False, True)):
        for slug, members in m.bodies.members["temperature"].items():
            asked = replace(ask, members=members, stream=stream)
            yield case(asked, vary="agent model surface stream", temperature=slug)


@cases_of("router.request.sampling-untouched")
def sampling_untouched(m: Matrix) -> Iterator[Case]:
    """Every sampling member by itself, and none at all."""
    for ask in m.subjects(surfaces=("chat",)):
        for slug, members in m.bodies.members["sampling"].items():
            yield case(replace(ask, members=members), vary="agent model", member=slug)


@cases_of("router.request.model-name-untouched")
def model_name_untouched(m: Matrix) -> Iterator[Case]:
    """Every registered model, Claude's names, and names of nobody's, spelled in every way."""
    names = m.registered + m.models("claude") + m.models("claude-cased") + m.unregistered("unregistered")
    for ask in m.asks(m.ordinary_agents[-1:], names):
        if isinstance(m.world.expect(ask), Routed):
            yield case(ask, vary="agent model surface")


@cases_of("router.request.unknown-fields-kept")
def unknown_fields_kept(m: Matrix) -> Iterator[Case]:
    """Every member that is Kimi's own, for a registered model; one that is nobody's, for every kind of model."""
    for ask in m.subjects(surfaces=("chat",)):
        kimis_own = m.bodies.members["kimi"] if ask.model in m.registered else {}
        for slug, members in (kimis_own | m.bodies.members["nobody"]).items():
            yield case(replace(ask, members=members), vary="agent model", member=slug)


@cases_of("router.request.history-kept")
def history_kept(m: Matrix) -> Iterator[Case]:
    """Conversations with all that a client must send back, and all that may stand in a text."""
    for ask in m.subjects():
        for slug, messages in m.bodies.conversations(ask.surface).items():
            yield case(replace(ask, members={"messages": messages}), vary="agent model surface", history=slug)


@cases_of("router.request.system-prompt-kept")
def system_prompt_kept(m: Matrix) -> Iterator[Case]:
    """A system prompt in each surface's own form."""
    for ask in m.subjects():
        yield case(replace(ask, members=m.bodies.systems[ask.surface]), vary="agent model surface")


@cases_of("router.request.tools-untouched")
def tools_untouched(m: Matrix) -> Iterator[Case]:
    """Tools with schemas of every kind, and each way to choose among them."""
    for ask in m.subjects():
        for slug, members in m.bodies.tools[ask.surface].items():
            yield case(replace(ask, members=members), vary="agent model surface", tools=slug)


@cases_of("router.request.dialect-fits-upstream")
def dialect_fits_upstream(m: Matrix) -> Iterator[Case]:
    """A model of every kind of route, on every surface, streamed or not."""
    models = m.models("claude")[:1] + m.registered + m.unregistered("unregistered")[:1]
    for ask in m.asks(m.ordinary_agents, models, streams=(False, True)):
        if isinstance(m.world.expect(ask), Routed):
            yield case(ask, vary="agent model surface stream")


@cases_of("router.request.kimi-uses-openai-face")
def kimi_uses_openai_face(m: Matrix) -> Iterator[Case]:
    """Every registered model whose upstream speaks Kimi, and Anthropic not."""
    for ask in m.asks(m.ordinary_agents[:1], m.registered):
        expected = m.world.expect(ask)
        if isinstance(expected, Routed):
            spoken = m.profile.upstreams[m.profile.routes[expected.route].upstream].speaks
            if "kimi" in spoken and "anthropic" not in spoken:
                yield case(ask, vary="agent model surface")


@cases_of("router.request.large-body-kept")
def large_body_kept(m: Matrix) -> Iterator[Case]:
    """An agent's first request, and larger ones, with the model in front and at the end."""
    subjects = [*m.subjects()]
    for ask in subjects:
        for slug, size, place in (("59k", 59_000, "first"), ("59k", 59_000, "last"), ("1m", 1_000_000, "last")):
            yield case(_grown(m, ask, size, place), vary="agent model surface", size=slug, place=place)
    for ask in subjects[:1]:
        yield case(_grown(m, ask, 10_000_000, "last"), vary="agent model surface", size="10m", place="last")


@cases_of("router.request.duplicate-keys-agree")
def duplicate_keys_agree(m: Matrix) -> Iterator[Case]:
    """A model named twice, so that the first name and the last lead to different routes."""
    models = m.models("claude")[:1] + m.registered[:1] + m.unregistered("unregistered")[:1]
    asks = m.asks(m.ordinary_agents, models)
    for one, other in permutations(asks, 2):
        alike = (one.agent, one.surface) == (other.agent, other.surface)
        if alike and m.world.expect(one) != m.world.expect(other):
            body = twice_named(one.surface, one.model.value, other.model.value)
            odd = replace(one, body=body)
            yield case(odd, before=m.ordinary(odd), vary="agent surface", first=one.model.slug, last=other.model.slug)


@cases_of("router.request.one-request-per-request")
def one_request_per_request(m: Matrix) -> Iterator[Case]:
    """A request of every sort, each of which is answered at once by a healthy upstream."""
    models = m.models("claude")[:1] + m.registered[:1] + m.unregistered("unregistered")[:1]
    for ask in m.asks(m.ordinary_agents, models, streams=(False, True)):
        if isinstance(m.world.expect(ask), Routed):
            yield case(ask, vary="agent model surface stream")
    for ask in m.subjects():
        yield case(
            replace(ask, members=m.bodies.tools[ask.surface]["schema"]), vary="agent model surface", what="tools"
        )


@cases_of("router.request.malformed-json-refused")
def malformed_json_refused(m: Matrix) -> Iterator[Case]:
    """An ordinary request, which is accepted; then a body that is no JSON, or no object."""
    for ask in m.asks(m.ordinary_agents[:1], (m.registered + m.models("unregistered"))[:1]):
        for slug in m.bodies.malformed:
            odd = replace(ask, body=m.bodies.broken(slug, ask.surface, ask.model.value))
            yield case(odd, before=m.ordinary(odd), vary="surface", body=slug, alone=True)


def _grown(m: Matrix, ask: Ask, size: int, place: str) -> Ask:
    return replace(ask, members=m.bodies.large(ask.surface, size), model_last=place == "last")
