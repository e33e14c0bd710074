"""Gate: each request goes where the decision table says."""

from __future__ import annotations

from itertools import chain, cycle, islice
from typing import TYPE_CHECKING

from kimi_conformance.contract.catalogue import State, live, state
from kimi_conformance.contract.trip import Ask, Named
from kimi_conformance.matrix import slug
from kimi_conformance.oracle import Routed
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.matrix import Matrix

BOTH = (False, True)
AT_ONCE = 50


@cases_of("router.gate.claude-takes-plan-route")
def claude_takes_plan_route(m: Matrix) -> Iterator[Case]:
    """Every plan agent with every Claude name, streamed or not."""
    for ask in m.asks(m.plan_agents, m.models("claude"), streams=BOTH):
        yield case(ask, vary="agent model surface stream")


@cases_of("router.gate.non-claude-leaves-plan-route")
def non_claude_leaves_plan_route(m: Matrix) -> Iterator[Case]:
    """Every plan agent with every registered model, and with one that is not registered."""
    for ask in m.asks(m.plan_agents, m.registered + m.unregistered("unregistered")[:1], streams=BOTH):
        yield case(ask, before=m.twin(ask), vary="agent model surface stream")


@cases_of("router.gate.prefix-test-ignores-case")
def prefix_test_ignores_case(m: Matrix) -> Iterator[Case]:
    """Every plan agent with Claude's name in capitals, and in part."""
    for ask in m.asks(m.plan_agents, m.models("claude-cased")):
        yield case(ask, vary="agent model surface")


@cases_of("router.gate.only-a-prefix-counts")
def only_a_prefix_counts(m: Matrix) -> Iterator[Case]:
    """Every plan agent with every name that looks like Claude's and is not."""
    for ask in m.asks(m.plan_agents, m.models("claude-lookalike")):
        yield case(ask, before=m.twin(ask), vary="agent model surface")


@cases_of("router.gate.other-agents-never-take-plan-route")
def other_agents_never_take_plan_route(m: Matrix) -> Iterator[Case]:
    """Every agent that is not quite a plan agent, with Claude and with a registered model."""
    agents = m.agents("other") + m.agents("builtin") + (() if m.on_wire else m.agents("blanks"))
    for ask in m.asks(agents, m.models("claude")[:1] + m.registered[:1]):
        yield case(ask, before=m.twin(ask), vary="agent model surface")


@cases_of("router.gate.missing-model-takes-default")
def missing_model_takes_default(m: Matrix) -> Iterator[Case]:
    """No model, null and the empty string, with and without a plan."""
    for ask in m.asks(m.ordinary_agents, m.models("missing")):
        yield case(ask, before=m.twin(ask), vary="agent model surface")


@cases_of("router.gate.unregistered-model-takes-default")
def unregistered_model_takes_default(m: Matrix) -> Iterator[Case]:
    """Names that nobody registered, and names that are nearly registered."""
    for ask in m.asks(m.ordinary_agents, m.unregistered("unregistered"), surfaces=m.surfaces[:1]):
        yield case(ask, before=m.twin(ask), vary="agent model")


@cases_of("router.gate.each-registered-model-reaches-its-route")
def each_registered_model_reaches_its_route(m: Matrix) -> Iterator[Case]:
    """Every registered model, with and without a plan, on every surface."""
    for ask in m.asks(m.ordinary_agents, m.registered):
        yield case(ask, vary="agent model surface")


@cases_of("router.gate.tier-belongs-to-route")
def tier_belongs_to_route(m: Matrix) -> Iterator[Case]:
    """A model of every kind of route that has a tier."""
    models = m.models("claude")[:1] + m.registered + m.unregistered("unregistered")[:1] + m.models("missing")[:1]
    for ask in m.asks(m.ordinary_agents, models, streams=BOTH):
        expected = m.world.expect(ask)
        if isinstance(expected, Routed) and expected.tier is not None:
            yield case(ask, vary="agent model surface stream")


@cases_of("router.gate.built-in-names-are-names")
def built_in_names_are_names(m: Matrix) -> Iterator[Case]:
    """Models, and agents, that are called like what every object has."""
    models = m.asks(m.ordinary_agents, m.models("builtin"))
    agents = m.asks(m.agents("builtin"), m.models("claude")[:1] + m.registered[:1] + m.models("builtin")[:2])
    for ask in chain(models, agents):
        yield case(ask, before=m.twin(ask), vary="agent model surface")


@cases_of("router.gate.non-string-model-is-refused")
def non_string_model_is_refused(m: Matrix) -> Iterator[Case]:
    """An ordinary request, which is accepted; a model that is no string; and the ordinary one again."""
    for ask in m.asks(m.ordinary_agents, m.models("non-string"), surfaces=m.surfaces[:1]):
        if ordinary := m.ordinary(ask):
            yield case(ask, ordinary, before=ordinary, vary="agent model", disturbs=True)


@cases_of("router.gate.same-for-streams")
def same_for_streams(m: Matrix) -> Iterator[Case]:
    """The same request twice: plain, and streamed."""
    models = m.models("claude")[:1] + m.registered[:1] + m.unregistered("unregistered")[:1]
    plain, streamed = (m.asks(m.ordinary_agents, models, streams=(stream,)) for stream in BOTH)
    for pair in zip(plain, streamed, strict=True):
        if isinstance(m.world.expect(pair[0]), Routed):
            yield case(*pair, vary="agent model surface")


@cases_of("router.gate.same-for-every-surface")
def same_for_every_surface(m: Matrix) -> Iterator[Case]:
    """The same request on every surface that its route serves."""
    for agent in m.ordinary_agents:
        for model in m.models("claude")[:1] + m.registered + m.unregistered("unregistered")[:1]:
            asks = tuple(m.asks([agent], [model]))
            if len(asks) > 1 and isinstance(m.world.expect(asks[0]), Routed):
                yield case(*asks, vary="agent model")


@cases_of("router.gate.no-memory-between-requests")
def no_memory_between_requests(m: Matrix) -> Iterator[Case]:
    """Requests for different routes in turn, to and fro; and fifty at once."""
    models = m.models("claude")[:1] + m.registered + m.unregistered("unregistered")[:1]
    asks = [ask for ask in m.asks(m.ordinary_agents, models) if isinstance(m.world.expect(ask), Routed)]
    if len(asks) > 1:
        yield case(*asks, *reversed(asks), order="to-and-fro")
        yield case(*islice(cycle(asks), m.at_most(AT_ONCE)), together=True, order="at-once")


@cases_of("router.gate.prefix-resolved")
def prefix_resolved(m: Matrix) -> Iterator[Case]:
    """A registered model, a stranger, and Claude behind every prefix, where it is no Claude any more."""
    words = [*[*m.profile.policy.models][:1], "some-model", "claude-sonnet-4-5"]
    names = [prefix + word for prefix in m.profile.policy.prefixes for word in words]
    for ask in m.asks(m.ordinary_agents, [Named(slug(name), name) for name in names]):
        yield case(ask, vary="agent model surface")


@cases_of("router.gate.no-own-404-for-a-registered-model")
def no_own_404_for_a_registered_model(m: Matrix) -> Iterator[Case]:
    """Every registered model, asked for by a plan agent where there is one."""
    for ask in m.asks(m.ordinary_agents[-1:], m.registered, streams=BOTH):
        yield case(ask, vary="agent model surface stream")


@cases_of("router.gate.registered-models-are-served")
def registered_models_are_served(m: Matrix) -> Iterator[Case]:
    """Every registered model that the catalogue knows."""
    for name, model in zip(m.profile.policy.models, m.registered, strict=True):
        if m.world.catalogue.find(name):
            yield case(Ask(model, surface=m.surfaces[0]), vary="model")


@cases_of("router.gate.live-kimi-models-registered")
def live_kimi_models_registered(m: Matrix) -> Iterator[Case]:
    """Every model that is live on the platform, where the profile registers any of the catalogue's."""
    if not any(m.world.catalogue.find(name) for name in m.profile.policy.models):
        return
    for model in live(m.world.catalogue, "platform", m.world.on):
        if state(model, "platform", m.world.on) is State.LIVE:
            yield case(Ask(m.model(model.id), surface=m.surfaces[0]), vary="model")
