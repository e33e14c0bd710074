"""The outlook of a run for real: which cases are played there, and why the others are not seen."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from kimi_conformance.api.budget import MARGIN, TIER_0_RPM
from kimi_conformance.api.surroundings import LOCAL
from kimi_conformance.contract.placeholders import fill
from kimi_conformance.contract.scene import PLAIN, Scene
from kimi_conformance.judge import ONE_SIDED
from kimi_conformance.oracle import Routed, expect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.router.case import Case
    from kimi_conformance.router.way import Way

NOT_404: Final = "router.gate.no-own-404-for-a-registered-model"
ROW: Final = "router.ledger.one-row-per-call"
SMOKE: Final = 3
"""Calls of a smoke test: as many registered models."""

RICH: Final = Scene(acts=("rich",))

MOST: Final = 3
"""A case of more requests than this is not played for real."""
LARGEST: Final = 20_000
"""So many bytes of a prompt cost more than they show."""
TOKENS: Final = 64
"""How long an answer may be, where the case does not care."""
BOUNDS: Final = frozenset({"max_tokens", "max_completion_tokens"})

SCENE: Final = "live: it takes an upstream that does as it is told"
KEYS: Final = "live: it takes keys that were made for the run"
ONE_CASE: Final = "live: one case of the requirement is played"
ONE_SIDE: Final = "one-sided: nobody sees what the router sends to its upstreams"


@dataclass(frozen=True, slots=True)
class Outlook:
    """The cases that are played, why each of the others is not seen, and the requests that cost, each once."""

    played: tuple[Case, ...]
    unseen: Mapping[str, str]
    asks: tuple[Ask, ...]


def outlook(cases: Sequence[Case], profile: Profile, way: Way) -> Outlook:
    """What of `cases` is played. Between stand-ins that is all; for real one case shows a requirement, if it can.

    Such a case is one that reaches a real service. Cases that were picked by their names are all played, as far as
    `cap` goes; what a stand-in answers costs nothing.
    """
    if not way.live:
        return Outlook(tuple(cases), {}, ())
    cases = [_as_it_comes(case) for case in cases]
    unseen = {case.id: why for case in cases if (why := _why_not(case, profile))}
    played: list[Case] = []
    asks: list[Ask] = []
    shown: set[str] = set()
    able = [_anew(_bounded(case)) for case in cases if case.id not in unseen]
    for case in sorted(able, key=lambda case: not any(_costs(ask, profile) for ask in case.asks)):
        if not (way.picked or way.smoke) and case.requirement in shown:
            unseen[case.id] = ONE_CASE
            continue
        new = _new((ask for ask in case.asks if _costs(ask, profile)), asks)
        if len(asks) + len(new) > way.cap:
            unseen[case.id] = f"the cap of {way.cap} calls leaves this for another run"
            continue
        asks += new
        played.append(case)
        shown.add(case.requirement)
    if profile.one_sided:  # what was asked already shows more for nothing
        free = [case for case in able if unseen.get(case.id) == ONE_CASE and not _new(case.asks, asks)]
        played += free
        unseen = {name: why for name, why in unseen.items() if name not in {case.id for case in free}}
    return Outlook(tuple(played), unseen, tuple(asks))


def needed(cases: Sequence[Case], profile: Profile, way: Way) -> list[Case]:
    """The cases that a run is about: for real without those whose requirement another one shows."""
    unseen = outlook(cases, profile, way).unseen
    return [case for case in cases if unseen.get(case.id) != ONE_CASE]


def smoke(cases: Sequence[Case]) -> list[Case]:
    """The cases of the operator's criteria: up to `SMOKE` registered models, each once, and the rows of these calls."""
    named: dict[str, Case] = {}
    for case in cases:
        if case.requirement == NOT_404 and not case.asks[0].stream:
            named.setdefault(case.asks[0].model.slug, case)
    chosen = list(named.values())[:SMOKE]
    asks = [ask for case in chosen for ask in case.asks]
    rows = [case for case in cases if case.requirement == ROW and all(ask in asks for ask in case.asks)]
    return [*chosen, *rows]


def pace_of(profile: Profile, env: Mapping[str, str], rpm: float | None) -> float:
    """Seconds from call to call: for so many a minute, else as slow as Kimi's lowest tier needs it.

    This machine has no limits, unless somebody says so.
    """
    urls = [profile.url] if profile.one_sided else [upstream.live for upstream in profile.upstreams.values()]
    filled = (fill(url, lambda name: env.get(name.removeprefix("env."), "")) for url in urls if url)
    if rpm is None and all(urlsplit(url).hostname in LOCAL for url in filled):
        return 0.0
    return 60.0 / (TIER_0_RPM if rpm is None else rpm) * MARGIN


def stand_ins_in_live(profile: Profile) -> list[str]:
    """What a reader of a live run must know of the upstreams that are none."""
    if profile.one_sided:
        return ["one-sided: the router runs already, and nobody saw what it sends to its upstreams"]
    played = [name for name, upstream in profile.upstreams.items() if not upstream.live]
    return [f"not live, but stand-ins of ours: {', '.join(played)}"] if played else []


def _why_not(case: Case, profile: Profile) -> str | None:
    """Why a case is not played for real."""
    if any(ask.scene != PLAIN or ask.hangs_up or ask.direct for ask in case.asks):
        return SCENE
    if profile.one_sided and case.requirement not in ONE_SIDED:
        return ONE_SIDE
    if case.requirement.startswith("router.secret.") and not profile.one_sided:
        return KEYS
    if len(case.asks) > MOST:
        return f"live: it takes {len(case.asks)} requests"
    largest = max(_size(ask) for ask in case.asks)
    return f"live: it takes a prompt of {largest:,} bytes" if largest > LARGEST else None


def _as_it_comes(case: Case) -> Case:
    """The case without a scene that only has the upstream say all that Kimi says: the real one says it by itself."""
    return replace(case, asks=tuple(replace(ask, scene=PLAIN) if ask.scene == RICH else ask for ask in case.asks))


def _bounded(case: Case) -> Case:
    """The case with answers of no great length, where nothing is said of that."""
    return replace(case, asks=tuple(_short(ask) for ask in case.asks))


def _short(ask: Ask) -> Ask:
    free = ask.surface == "chat" and ask.body is None and not ask.listing and not BOUNDS & ask.members.keys()
    return replace(ask, members={**ask.members, "max_tokens": TOKENS}) if free else ask


def _anew(case: Case) -> Case:
    """The case with every ask but the first of its kind made anew: the ordinary one after an odd one, say."""
    return replace(case, asks=tuple(replace(ask, again=ask in case.asks[:at]) for at, ask in enumerate(case.asks)))


def _costs(ask: Ask, profile: Profile) -> bool:
    """Whether an ask is meant to reach a real service."""
    if profile.one_sided or ask.body is not None:  # which model the router reads in an odd body is its own affair
        return True
    expected = expect(profile, ask.agent.value, ask.model.value)
    return isinstance(expected, Routed) and profile.upstreams[profile.routes[expected.route].upstream].live is not None


def _new(asks: Iterable[Ask], made: Sequence[Ask]) -> list[Ask]:
    new: list[Ask] = []
    for ask in asks:
        if ask.again or (ask not in made and ask not in new):
            new.append(ask)
    return new


def _size(ask: Ask) -> int:
    return len(json.dumps(ask.members)) if ask.body is None else len(ask.body)
