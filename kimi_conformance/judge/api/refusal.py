"""Refusals: laws of the form "who asks for this is refused with that"."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.catalogue import SERVED, state
from kimi_conformance.judge.api.law import Contract, When, law
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.catalogue import Model
    from kimi_conformance.judge.api.sight import Sight

BEFORE: Final = frozenset({401, 403, 429, 503, 504})
"""What is said before a request is looked at: keys, funds, limits, overload."""


REFUSED: Final[dict[str, When]] = {}
"""Requirement id -> which requests break its rule, whatever became of them."""


def decided(sight: Sight) -> bool:
    """Whether the request itself was looked at."""
    return sight.exchange.response is not None and sight.status != 0 and sight.status not in BEFORE


def broken(sight: Sight, contract: Contract) -> frozenset[str]:
    """The requirements whose rules the request breaks, as far as we know."""
    return frozenset(name for name, when in REFUSED.items() if when(sight, contract))


def _elsewhere(sight: Sight) -> bool:
    """Whether it was refused for something that this rule is not about: no such model, or a risky text."""
    missing = sight.status == HTTPStatus.NOT_FOUND and sight.error.get("type") == "resource_not_found_error"
    return missing or sight.error.get("type") == "content_filter"


def model_of(sight: Sight, contract: Contract) -> Model | None:
    """The catalogue's row of the model that was asked for, where the host serves it on that day.

    Where the host is unknown any will do, and where the day is, the model is taken to have been served.
    """
    model = contract.catalogue.find(str(sight.asked.get("model")))
    if model is None:
        return None
    kind = None if sight.host is None else "coding" if sight.host == "coding" else "platform"
    hosts = [host for host in model.hosts if kind in (None, host)]
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
    status: int = 400,
    kind: str = "invalid_request_error",
    face: str | None = "chat",
) -> None:
    """Register the law that requests of which `when` is true are refused.

    `names` is a regular expression that the message must match, in any case: the member, or the rule; where a request
    breaks several rules, the message may name any of them. Without `face` the request may have any.
    """

    def breaks(sight: Sight, contract: Contract) -> bool:
        return (face is None or sight.face == face) and when(sight, contract)

    def bears(sight: Sight, contract: Contract) -> bool:
        elsewhere = status != HTTPStatus.NOT_FOUND and _elsewhere(sight)
        return decided(sight) and not elsewhere and breaks(sight, contract)

    REFUSED[requirement] = breaks

    @law(requirement, when=bears)
    def refused(s: Sight, c: Contract) -> Iterator[Flaw]:
        if s.status != status:
            yield Flaw(str(status), answered(s), "response", f"not refused with {status}: {answered(s)}")
            return
        if s.error.get("type") != kind:
            message = f"refused with another type than {kind}"
            yield Flaw(kind, shown(s.error.get("type")), "response /error/type", message)
        said = s.error.get("message")
        named = isinstance(said, str) and re.search(names, said, re.IGNORECASE)
        if not named and not (said and broken(s, c) - {requirement}):
            message = "the message names neither the member nor the rule"
            yield Flaw(f"a message that matches {names}", shown(said), "response /error/message", message)
