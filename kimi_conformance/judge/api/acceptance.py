"""Acceptances: laws of the form "who asks for this is answered 200"."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.chat import served
from kimi_conformance.judge.api.hosts_known import KNOWN_FROM
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.refusal import broke_down, decided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.law import When
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.judge.check import Flaw

BESIDE: Final = frozenset({HTTPStatus.NOT_FOUND})
"""What says nothing of the request's members: a model that the account does not have."""


def judged(sight: Sight) -> bool:
    """Whether the answer says what Kimi thinks of the request's members; a text that is too risky says nothing.

    Nor does the time before `KNOWN_FROM`, of which it is not known what was taken.
    """
    known = sight.on is None or sight.on >= KNOWN_FROM
    return known and decided(sight) and sight.status not in BESIDE and sight.error.get("type") != "content_filter"


def trusted(sight: Sight) -> bool:
    """Whether a refusal may be held against Kimi: with its own key; where the key is unknown, only a breakdown may."""
    if sight.key == "unknown":
        return sight.ok or sight.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return sight.key == "own"


def acceptance(requirement: str, when: When, *, breakdowns: bool = False) -> None:
    """Register the law that requests of which `when` is true are answered 200.

    `breakdowns`: a breakdown of the server's own, which says nothing of the request's members, is held against it too.
    """

    @law(requirement, when=lambda s, c: judged(s) and (breakdowns or not broke_down(s)) and when(s, c))
    def accepted(s: Sight, _c: Contract) -> Iterator[Flaw]:
        yield from served(s)
