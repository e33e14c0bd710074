"""Kimi Code: api.kimi.com/coding and its twin, with keys, models and words of their own."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.catalogue import State
from kimi_conformance.judge.api.acceptance import acceptance, trusted
from kimi_conformance.judge.api.fitting import misfits
from kimi_conformance.judge.api.hosts_known import elsewhere, on_coding, on_platform, standing
from kimi_conformance.judge.api.known_good import DOCUMENTED, keeps
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.lifecycle import missing, tells
from kimi_conformance.judge.api.limits import type_of_429
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

WORDS_401: Final = re.compile(r"appears to be invalid or may have expired|invalid authentication", re.IGNORECASE)


@law("api.coding.models-shape", "coding.models")
def models_shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """The list of models has the shape that it has here."""
    yield from misfits(s, c, "coding.models")


@law("api.coding.usages-shape", "coding.usages")
def usages_shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """The quota has its shape: numbers are strings."""
    yield from misfits(s, c, "coding.usages")


def _here(s: Sight) -> bool:
    return on_coding(s) and not elsewhere(s)


def _key_refused(s: Sight, _c: Contract) -> bool:
    """What is said where no key is sent is not known."""
    asked = s.exchange.request
    sent = asked.header("authorization") is not None or asked.header("x-api-key") is not None
    return _here(s) and sent and s.status == HTTPStatus.UNAUTHORIZED and s.key != "none" and bool(s.error)


@law(
    "api.coding.401-wording",
    when=_key_refused,
)
def wording_of_401(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A 401 says that the key is not good, or not any more."""
    said = s.error.get("message")
    if not isinstance(said, str) or not WORDS_401.search(said):
        expected = "invalid or expired, or Invalid Authentication"
        yield Flaw(expected, shown(said), "response /error/message", "a 401 in words that are not known")


@law("api.coding.agents-only-403", when=lambda s, _c: _here(s) and s.status == HTTPStatus.FORBIDDEN)
def agents_only(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A 403 says that access is not given, by its type."""
    if s.error.get("type") != "access_terminated_error":
        seen = shown(s.error["type"]) if "type" in s.error else answered(s)
        yield Flaw("access_terminated_error", seen, "response /error/type", "a 403 of another type")


def _plain(s: Sight, c: Contract) -> bool:
    return on_coding(s) and trusted(s) and s.asked.keys() <= DOCUMENTED and keeps(s, c)


acceptance("api.coding.chat-answered", _plain, breakdowns=True)


@law("api.coding.429-type", when=lambda s, _c: _here(s) and s.status == HTTPStatus.TOO_MANY_REQUESTS)
def coding_429_type(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A 429 has one of the three types that it has on the platform."""
    yield from type_of_429(s)


@law(
    "api.coding.ids-only-here",
    when=lambda s, c: on_platform(s) and standing(s, c) is State.OTHER_HOST and tells(s, c),
)
def ids_only_here(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The platform does not know what only the coding host has."""
    yield from missing(s)
