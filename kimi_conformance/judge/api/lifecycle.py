"""Models come and go: what is gone is answered 404, what is there is not."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.catalogue import State
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.errors import by_gateway
from kimi_conformance.judge.api.hosts_known import on_platform, standing, turning
from kimi_conformance.judge.api.known_good import plain_messages
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.api.refusal import settled
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

FACES: Final = frozenset({"chat", "messages"})
MISSING: Final = "resource_not_found_error"
PLAIN: Final = frozenset({"model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options"})
"""Who asks for no more than this breaks no rule but that of the model."""
NOT_THERE: Final = "not found the model"
NAMELESS: Final = 2024
"""The 404s of this year did not name the model."""


def tells(s: Sight, _c: Contract) -> bool:
    """Whether the answer tells if the model is there: any other rule that is broken may be told first, with 400."""
    plain = s.asked.keys() <= PLAIN and plain_messages(s.asked.get("messages"))
    plain = plain and (s.face == "chat" or "max_tokens" in s.asked)
    by_rule = s.status == HTTPStatus.BAD_REQUEST and not plain
    return s.face in FACES and settled(s) and not by_gateway(s) and not by_rule


def missing(s: Sight) -> Iterator[Flaw]:
    """Flaws of an answer that should be the 404 of a model that is not there."""
    if s.status != HTTPStatus.NOT_FOUND:
        yield Flaw("404", answered(s), "response", f"a model that is not there is answered: {answered(s)}")
    elif s.error.get("type") != MISSING:
        message = "the 404 of a model has another type"
        yield Flaw(MISSING, shown(s.error.get("type")), "response /error/type", message)


def unheard_of(s: Sight, c: Contract) -> bool:
    """Whether the catalogue has no row for the model, and the answer says that it is not there."""
    known = c.catalogue.find(str(s.asked.get("model"))) is not None
    return not known and NOT_THERE in str(s.error.get("message")).lower()


def _retired(s: Sight, c: Contract) -> bool:
    return standing(s, c) is State.RETIRED and not turning(s, c) and tells(s, c)


@law("api.lifecycle.retired-404", when=_retired)
def retired_404(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """What is retired is not answered."""
    yield from missing(s)


def _never(s: Sight, c: Contract) -> bool:
    return on_platform(s) and (standing(s, c) is State.NEVER or unheard_of(s, c)) and tells(s, c)


@law("api.lifecycle.never-404", when=_never)
def never_404(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """What never was is not answered."""
    yield from missing(s)


@law(
    "api.lifecycle.live-served",
    when=lambda s, c: _served(s, c) and not turning(s, c) and tells(s, c),
)
def live_served(s: Sight, c: Contract) -> Iterator[Flaw]:
    """What is served is there. A new account does not get what ends soon, which says nothing."""
    if s.status == HTTPStatus.NOT_FOUND:
        weight = Verdict.NOT_OBSERVED if standing(s, c) is State.ENDING else Verdict.FAIL
        yield Flaw("no 404", answered(s), "response", f"{s.asked['model']} is served, and answered 404", weight)


def _named(s: Sight, _c: Contract) -> bool:
    asked = isinstance(s.asked.get("model"), str) and s.status == HTTPStatus.NOT_FOUND
    return s.face in FACES and asked and on_platform(s) and s.on is not None and s.on.year > NAMELESS and bool(s.error)


@law("api.lifecycle.404-names-model", when=_named)
def names_model(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The 404 of a model says which, and that it may be a matter of permission."""
    said = str(s.error.get("message", ""))
    for words in (s.asked["model"], "permission denied"):
        if words.lower() not in said.lower():
            message = f"the 404 of a model does not say {words}"
            yield Flaw(words, shown(s.error.get("message")), "response /error/message", message)


@law("api.lifecycle.ends-soon", when=lambda s, c: s.ok and s.face in FACES and _served(s, c))
def ends_soon(s: Sight, c: Contract) -> Iterator[Flaw]:
    """A model that ends within two months should be left by then."""
    model = c.catalogue.find(str(s.asked.get("model")))
    if standing(s, c) is State.ENDING and model and model.lifecycle.ends:
        message = f"{model.id} ends on {model.lifecycle.ends}"
        yield Flaw("a model that stays", model.id, "request /model", message)


def _served(s: Sight, c: Contract) -> bool:
    return standing(s, c) in {State.LIVE, State.ENDING}
