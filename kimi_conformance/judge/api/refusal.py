"""Refusals: laws of the form "who asks for this is refused with that"."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.catalogue import SERVED, state
from kimi_conformance.judge.api.hosts_known import KNOWN_FROM, elsewhere
from kimi_conformance.judge.api.law import Contract, When, law
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.catalogue import Model
    from kimi_conformance.judge.api.sight import Sight

BEFORE: Final = frozenset({401, 402, 403, 408, 429, 499, 503, 504})
"""What is said before a request is looked at: keys, funds, limits, overload."""
EDGE_FROM: Final = 520
"""From this status on it is the edge that speaks (Cloudflare, 5xx errors)."""
KIND: Final = "invalid_request_error"
KNOWN_YEAR: Final = 2026
"""What was refused in the years before is not known."""

REFUSED: Final[dict[str, When]] = {}
"""Requirement id -> which requests break its rule, whatever became of them."""


def decided(sight: Sight) -> bool:
    """Whether Kimi looked at the request itself. Who is sent on to another address learns nothing."""
    looked = sight.ok or sight.status >= HTTPStatus.BAD_REQUEST
    return looked and sight.status not in BEFORE and not elsewhere(sight)


def broke_down(sight: Sight) -> bool:
    """Whether the server broke down: a 500 as the documents have it, or an answer of the edge alone."""
    documented = sight.error.get("type") in ("server_error", "unexpected_output")
    return _by_edge(sight) or (sight.status == HTTPStatus.INTERNAL_SERVER_ERROR and documented)


def _by_edge(sight: Sight) -> bool:
    too_large = sight.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and not sight.error
    return too_large or sight.status == HTTPStatus.BAD_GATEWAY or sight.status >= EDGE_FROM


def settled(sight: Sight) -> bool:
    """Whether Kimi looked at the request, and the edge did not answer in its place."""
    return decided(sight) and not _by_edge(sight)


def broken(sight: Sight, contract: Contract) -> frozenset[str]:
    """The requirements whose rules the request breaks, as far as we know."""
    return frozenset(name for name, when in REFUSED.items() if when(sight, contract))


def _about_another_rule(sight: Sight) -> bool:
    """Whether it was refused for something that this rule is not about: no such model, or a risky text."""
    missing = sight.status == HTTPStatus.NOT_FOUND and sight.error.get("type") == "resource_not_found_error"
    return missing or sight.error.get("type") == "content_filter"


def model_of(sight: Sight, contract: Contract) -> Model | None:
    """The catalogue's row of the model that was asked for, where the host serves it on that day.

    Where the host is unknown any will do, and where the day is, the model is taken to have been served. The aliases of
    the coding host move: what they were before nobody knows.
    """
    model = contract.catalogue.find(str(sight.asked.get("model")))
    if model is None:
        return None
    kind = None if sight.host is None else "coding" if sight.host == "coding" else "platform"
    early = sight.on is not None and sight.on < KNOWN_FROM
    hosts = [host for host in model.hosts if kind in (None, host) and not (early and host == "coding")]
    return model if any(sight.on is None or state(model, host, sight.on) in SERVED for host in hosts) else None


def thinking_off(sight: Sight) -> bool:
    """Whether the request asks for no thinking."""
    thinking = sight.asked.get("thinking")
    return isinstance(thinking, dict) and thinking.get("type") == "disabled"


def refusal(
    requirement: str,
    when: When,
    *,
    names: str,
    face: str = "chat",
) -> None:
    """Register the law that requests of which `when` is true are refused.

    `names` is a regular expression that the message must match, in any case: the member, or the rule; where a request
    breaks several rules, the message may name any of them. `face`: which the request is for.
    """

    def breaks(sight: Sight, contract: Contract) -> bool:
        return sight.face == face and when(sight, contract)

    def bears(sight: Sight, contract: Contract) -> bool:
        known = sight.on is None or sight.on.year >= KNOWN_YEAR
        return known and settled(sight) and not _about_another_rule(sight) and breaks(sight, contract)

    REFUSED[requirement] = breaks

    @law(requirement, when=bears)
    def refused(s: Sight, c: Contract) -> Iterator[Flaw]:
        if s.status != HTTPStatus.BAD_REQUEST:
            yield Flaw("400", answered(s), "response", f"not refused with 400: {answered(s)}")
            return
        if s.error.get("type") != KIND:
            message = f"refused with another type than {KIND}"
            yield Flaw(KIND, shown(s.error.get("type")), "response /error/type", message)
        said = s.error.get("message")
        named = isinstance(said, str) and re.search(names, said, re.IGNORECASE)
        if not named and not (said and broken(s, c) - {requirement}):
            message = "the message names neither the member nor the rule"
            yield Flaw(f"a message that matches {names}", shown(said), "response /error/message", message)
