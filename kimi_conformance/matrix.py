"""The matrix of a profile: agent x model x surface x stream, in the spellings that cases use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, product
from typing import TYPE_CHECKING

from kimi_conformance.contract.reach import AgentBearer, AgentPort
from kimi_conformance.contract.spelling import AgentGroup, ModelGroup, spell
from kimi_conformance.contract.trip import ABSENT, NO_AGENT, Ask, Named
from kimi_conformance.oracle import Refused, Routed, is_registered, sent_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.contract.bodies import Bodies
    from kimi_conformance.contract.profile import Profile, Route
    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.contract.spelling import Spellings
    from kimi_conformance.oracle import World


@dataclass(frozen=True, slots=True)
class Matrix:
    """The axes of a profile, and the asks that can be made of them."""

    world: World
    spellings: Spellings
    bodies: Bodies

    @property
    def profile(self) -> Profile:
        """The profile under test."""
        return self.world.profile

    @property
    def plan_agents(self) -> tuple[Named, ...]:
        """The agents that have a plan."""
        return _named(self.profile.policy.plan_agents)

    @property
    def registered(self) -> tuple[Named, ...]:
        """The registered models, as a client of this router names them."""
        slugs = _named(self.profile.policy.models)
        return tuple(Named(model.slug, sent_name(self.profile, model.value)) for model in slugs)

    @property
    def on_wire(self) -> bool:
        """Whether requests go over HTTP, and not to a bare decision."""
        return self.profile.decide is None

    @property
    def surfaces(self) -> tuple[Surface, ...]:
        """The surfaces on which a client can ask for a completion."""
        return self.profile.client_surfaces

    @property
    def ordinary_agents(self) -> tuple[Named, ...]:
        """One agent of each sort that can be named: none, and the first with a plan."""
        nobody = (NO_AGENT,) if self._can_name(NO_AGENT) else ()
        return nobody + self.plan_agents[:1]

    def model(self, name: str) -> Named:
        """A model of the catalogue, as a client of this router names it."""
        return Named(slug(name), sent_name(self.profile, name))

    def models(self, group: ModelGroup) -> tuple[Named, ...]:
        """The model names of a group of spellings, as a client of this router sends them."""
        registered = next(iter(self.registered), None)
        word = None if registered is None else str(registered.value)
        names = spell(self.spellings.models[group], registered=word)
        return tuple(
            Named(name.slug, sent_name(self.profile, name.value)) if isinstance(name.value, str) else name
            for name in names
        )

    def unregistered(self, group: ModelGroup) -> tuple[Named, ...]:
        """The names of a group that this profile has not registered all the same."""
        return tuple(model for model in self.models(group) if not is_registered(self.profile, model.value))

    def agents(self, group: AgentGroup) -> tuple[Named, ...]:
        """The agents of a group of spellings that have no plan and can be named to this router."""
        plan = next(iter(self.profile.policy.plan_agents), None)
        every = spell(self.spellings.agents[group], plan=plan)
        return tuple(a for a in every if self._can_name(a) and a.value not in self.profile.policy.plan_agents)

    def asks(
        self,
        agents: Iterable[Named],
        models: Iterable[Named],
        *,
        surfaces: Iterable[Surface] | None = None,
        streams: Iterable[bool] = (False,),
    ) -> Iterator[Ask]:
        """Every combination that is in the matrix: one whose expected route serves the surface, or that is refused."""
        axes = product(agents, models, self.surfaces if surfaces is None else surfaces, streams)
        for agent, model, surface, stream in axes:
            ask = Ask(agent=agent, model=model, surface=surface, stream=stream)
            expected = self.world.expect(ask)
            if isinstance(expected, Refused) or self.profile.serves(expected.route, surface):
                yield ask

    def subjects(self, surfaces: Iterable[Surface] | None = None, *, stream: bool = False) -> Iterator[Ask]:
        """One ask of each kind that is routed: a registered model, Claude on its plan, and a stranger."""
        served = [surface for surface in (self.surfaces if surfaces is None else surfaces) if surface in self.surfaces]
        streams = (stream,)
        for ask in chain(
            self.asks(self.ordinary_agents[-1:], self.registered[:1], surfaces=served, streams=streams),
            self.asks(self.plan_agents[:1], self.models("claude")[:1], surfaces=served, streams=streams),
            self.asks(
                self.ordinary_agents[:1], self.unregistered("unregistered")[:1], surfaces=served, streams=streams
            ),
        ):
            if isinstance(self.world.expect(ask), Routed):
                yield ask

    def each_route(self, *, stream: bool = False) -> Iterator[tuple[Ask, Route]]:
        """An ask for every route that can be asked for, on each of its surfaces."""
        names = [
            f"{prefix}{next(iter(self.profile.policy.models), 'some-model')}" for prefix in self.profile.policy.prefixes
        ]
        prefixed = tuple(Named(slug(name), name) for name in names)
        asked = chain(
            self.asks(self.ordinary_agents[:1], (*self.registered, *prefixed), streams=(stream,)),
            self.asks(self.plan_agents, self.models("claude")[:1], streams=(stream,)),
            self.asks(self.ordinary_agents[:1], self.unregistered("unregistered")[:1], streams=(stream,)),
        )
        seen = set()
        for ask in asked:
            expected = self.world.expect(ask)
            if isinstance(expected, Routed) and (expected.route, ask.surface) not in seen:
                seen.add((expected.route, ask.surface))
                yield ask, self.profile.routes[expected.route]

    def at_most(self, number: int) -> int:
        """So many requests at once as the router takes, and no more than `number`."""
        return min(number, self.profile.limits.at_once or number)

    def twin(self, ask: Ask) -> Ask | None:
        """The accepted twin of an ask that must be refused: alike but for its model. None for one that is routed."""
        if isinstance(self.world.expect(ask), Routed):
            return None
        return self.ordinary(ask)

    def ordinary(self, ask: Ask) -> Ask | None:
        """An ordinary ask of the same agent on the same surface, which must be accepted."""
        models = self.registered + self.models("claude")[:1] + self.models("unregistered")[:1]
        asks = self.asks([ask.agent], models, surfaces=[ask.surface])
        return next((one for one in asks if isinstance(self.world.expect(one), Routed)), None)

    def _can_name(self, agent: Named) -> bool:
        way = self.profile.agent
        if not self.on_wire:
            return True  # a bare decision is told in its question
        if agent.value is ABSENT:
            return not isinstance(way, AgentPort)
        return way is not None and not isinstance(way, AgentBearer | AgentPort)


def slug(name: str) -> str:
    """`name` as a word of a case id: `[a-z0-9._-]+`."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-") or "x"


def _named(names: Iterable[str]) -> tuple[Named, ...]:
    seen: dict[str, str] = {}
    for name in names:
        word = slug(name)
        while word in seen:
            word += "-2"
        seen[word] = name
    return tuple(Named(word, name) for word, name in seen.items())
