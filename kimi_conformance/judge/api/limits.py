"""429: three reasons, told apart by their types, and the headers that say how long to wait."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.errors import TYPES
from kimi_conformance.judge.api.hosts_known import elsewhere, on_coding, on_platform
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.law import When
    from kimi_conformance.judge.api.sight import Sight

QUOTA: Final = "exceeded_current_quota_error"
RATE: Final = "rate_limit_reached_error"
OVERLOAD: Final = "engine_overloaded_error"
WORDS: Final = {
    QUOTA: re.compile(
        r"insufficient balance|exceeded (your )?current (token )?quota|check your account balance|recharge"
    ),
    RATE: re.compile(r"\bmax (rpm|tpm|tpd|concurrency)\b|\b(tpm|tpd|rpm)\b|rate limit|too many requests"),
    OVERLOAD: re.compile(r"overloaded"),
}
"""The stable words of each reason's messages, in small letters."""
LIMIT: Final = re.compile(r"\b(RPM|TPM|TPD|concurrency)\b.*\d", re.IGNORECASE)
WAITS: Final = ("x-retry-after", "msh-cooldown-seconds")


def meant(s: Sight) -> str | None:
    """The reason by the words of the message; None where they name none, or more than one."""
    said = str(s.error.get("message", "")).lower()
    found = [kind for kind, words in WORDS.items() if words.search(said)]
    return found[0] if len(found) == 1 else None


def _limited(s: Sight) -> bool:
    return s.status == HTTPStatus.TOO_MANY_REQUESTS and not elsewhere(s)


def _about(kind: str) -> When:
    return lambda s, _c: _limited(s) and not on_coding(s) and bool(s.error) and kind in (s.error.get("type"), meant(s))


def _is(s: Sight, kind: str) -> bool:
    return _limited(s) and s.error.get("type") == kind


def _words_fit_type(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Words and type of a 429 are about the same reason."""
    reason = meant(s)
    if reason and s.error.get("type") != reason:
        message = "the type of a 429 is not that of its words"
        yield Flaw(reason, shown(s.error.get("type")), "response /error/type", message)


law("api.limits.quota-429", when=_about(QUOTA))(_words_fit_type)
law("api.limits.rate-429", when=_about(RATE))(_words_fit_type)
law("api.limits.overload-429", when=_about(OVERLOAD))(_words_fit_type)


@law("api.limits.429-types", when=lambda s, _c: _limited(s) and s.face is not None and not on_coding(s))
def types_of_429(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Every 429 has one of three types, in OpenAI's shape, on every face."""
    if "type" in s.answer:
        message = "a 429 in another shape than OpenAI's"
        yield Flaw("no such member", shown(s.answer["type"]), "response /type", message)
    yield from type_of_429(s)


def type_of_429(s: Sight) -> Iterator[Flaw]:
    """Flaws of the type of a 429."""
    if s.error.get("type") not in TYPES[429]:
        seen = shown(s.error["type"]) if "type" in s.error else answered(s)
        yield Flaw(" or ".join(TYPES[429]), seen, "response /error/type", "a 429 of no known type")


@law("api.limits.retry-after-on-rate", when=lambda s, _c: _is(s, RATE) and on_platform(s) and s.whole_head)
def retry_after_on_rate(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Who is too fast is told for how many seconds to wait."""
    said = s.header("retry-after")
    if said is None or not re.fullmatch("[1-9][0-9]*", said.strip()):
        message = "a rate limit does not say how long to wait"
        yield Flaw("whole seconds, at least 1", said or "no header", "response header retry-after", message)


def _waits(s: Sight, _c: Contract) -> bool:
    return _limited(s) and any(s.header(name) is not None for name in WAITS)


@law("api.limits.cooldown-headers", when=_waits)
def cooldown_headers(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The three headers say the same."""
    first = s.header("retry-after")
    for name in WAITS:
        said = s.header(name)
        if said is not None and said != first:
            yield Flaw(first or "retry-after beside it", said, f"response header {name}", "two headers disagree")


@law("api.limits.no-retry-after-on-overload", when=lambda s, _c: _is(s, OVERLOAD) and s.whole_head)
def no_retry_after_on_overload(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """An engine that is overloaded does not say for how long."""
    said = s.header("retry-after")
    if said is not None:
        yield Flaw("no header", said, "response header retry-after", "an overload says how long to wait")


@law("api.limits.wording", when=lambda s, _c: _is(s, RATE) and on_platform(s) and s.face == "chat")
def wording(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A rate limit is named, with its number."""
    said = s.error.get("message")
    if not isinstance(said, str) or not LIMIT.search(said):
        expected = "RPM, TPM, TPD or concurrency, and a number"
        yield Flaw(expected, shown(said), "response /error/message", "the limit that was reached is not named")


@law("api.limits.no-budget-headers", when=lambda s, _c: on_platform(s) and s.whole_head)
def no_budget_headers(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """No header tells what is left."""
    for name, value in s.exchange.response.headers if s.exchange.response else ():
        if name.lower().startswith("x-ratelimit"):
            yield Flaw("no such header", value, f"response header {name.lower()}", "a header tells what is left")
