"""Keys: which are accepted, and what the refusal looks like."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.hosts_known import elsewhere, on_coding
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

UNKNOWN_KEY: Final = "invalid_authentication_error"
NO_KEY: Final = "incorrect_api_key_error"
FACES: Final = frozenset({"chat", "messages", "responses", "models", "coding.models"})
"""Where refusals of keys were seen."""
EARLIER: Final = frozenset({429, 502, 503, 504})
"""What may be answered before a key is looked at."""


def key_seen(sight: Sight) -> bool:
    """Whether the answer says what Kimi thinks of the key. The coding host looks at the client first, and says 403."""
    gated = sight.host == "coding" and sight.status == HTTPStatus.FORBIDDEN
    said = sight.ok or sight.status >= HTTPStatus.BAD_REQUEST
    return sight.face in FACES and said and sight.status not in EARLIER and not gated


def unauthorized(s: Sight, kind: str) -> Iterator[Flaw]:
    """Flaws of an answer that should be a 401 of the type `kind`."""
    if s.status != HTTPStatus.UNAUTHORIZED:
        yield Flaw("401", answered(s), "response", f"not refused with 401: {answered(s)}")
    elif s.error.get("type") != kind:
        message = f"refused with another type than {kind}"
        yield Flaw(kind, shown(s.error.get("type")), "response /error/type", message)


@law(
    "api.auth.own-key-accepted",
    when=lambda s, _c: s.key in {"own", "drained"} and s.status != 0 and s.status not in EARLIER,
)
def own_key_accepted(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A key of this host is not refused."""
    if s.status == HTTPStatus.UNAUTHORIZED:
        yield Flaw("no 401", answered(s), "response", "the host refuses its own key")


@law("api.auth.invalid-key-401", when=lambda s, _c: s.key == "wrong" and key_seen(s))
def invalid_key_401(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A key that nobody made is refused."""
    yield from unauthorized(s, UNKNOWN_KEY)


def _refused(s: Sight, _c: Contract) -> bool:
    return s.status == HTTPStatus.UNAUTHORIZED and s.face in FACES and not on_coding(s) and not elsewhere(s)


@law("api.auth.401-shape", when=_refused)
def shape_of_401(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Every 401 says who it is by one of two types, and why in words."""
    if not s.error:
        yield Flaw("an object with an error in it", answered(s), "response body", "a 401 without an error object")
        return
    if s.error.get("type") not in (UNKNOWN_KEY, NO_KEY):
        expected = f"{UNKNOWN_KEY} or {NO_KEY}"
        yield Flaw(expected, shown(s.error.get("type")), "response /error/type", "a 401 of another type")
    if not isinstance(s.error.get("message"), str) or not s.error["message"]:
        seen = shown(s.error.get("message"))
        yield Flaw("a sentence", seen, "response /error/message", "a 401 that says nothing")


def _in_x_api_key(s: Sight, _c: Contract) -> bool:
    asked = s.exchange.request
    alone = asked.header("x-api-key") is not None and asked.header("authorization") is None
    return s.face == "messages" and s.key == "own" and alone and key_seen(s)


@law("api.auth.x-api-key-on-messages", when=_in_x_api_key)
def x_api_key_on_messages(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The Anthropic face takes a key in `x-api-key`."""
    if s.status == HTTPStatus.UNAUTHORIZED:
        yield Flaw("no 401", answered(s), "response", "a key in x-api-key is not seen")
