"""GET /v1/models of the platform hosts. What must be in it follows from the catalogue, the host and the day."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.catalogue import State, state
from kimi_conformance.judge.api.fitting import misfits
from kimi_conformance.judge.api.hosts_known import KNOWN_FROM, elsewhere, on_platform
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

SUPPORTS: Final = {
    "supports_reasoning": "reasoning",
    "supports_image_in": "image_in",
    "supports_video_in": "video_in",
    "supports_dynamic_tools": "dynamic_tools",
}


def listed(s: Sight) -> list[tuple[int, dict[str, Any]]]:
    """The entries of a list of models, with their places; those that are no objects are left out."""
    data = s.answer.get("data")
    found = enumerate(data) if isinstance(data, list) else ()
    return [(index, each) for index, each in found if isinstance(each, dict)]


def _listed(s: Sight, _c: Contract) -> bool:
    return bool(listed(s))


def _dated(s: Sight, c: Contract) -> bool:
    return _listed(s, c) and on_platform(s) and s.on is not None


def _of_today(s: Sight, c: Contract) -> bool:
    return _dated(s, c) and not s.partial and s.on is not None and s.on >= KNOWN_FROM


def _known(s: Sight, c: Contract) -> bool:
    return not elsewhere(s) and any(c.catalogue.find(str(each.get("id"))) for _, each in listed(s))


@law("api.models.shape", "models")
def shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """The list has the shape of one, and is not empty."""
    yield from misfits(s, c, "models")
    if s.answer.get("data") == []:
        yield Flaw("at least one model", "an empty list", "response /data", "no model is listed")


@law("api.models.ids-unique", "models", when=_listed)
def ids_unique(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """No id stands there twice."""
    ids = [str(each.get("id")) for _, each in listed(s)]
    for twice in sorted({each for each in ids if ids.count(each) > 1}):
        yield Flaw("each id once", twice, "response /data", f"{twice} is listed {ids.count(twice)} times")


@law("api.models.live-listed", "models", when=_of_today)
def live_listed(s: Sight, c: Contract) -> Iterator[Flaw]:
    """What the host serves on the day is listed; what ends soon is already kept from new accounts."""
    ids = {str(each.get("id")) for _, each in listed(s)}
    for model in c.catalogue.models.values():
        new = model.lifecycle.since == s.on
        if s.on and not new and state(model, "platform", s.on) is State.LIVE and model.id not in ids:
            yield Flaw(model.id, "not listed", "response /data", f"{model.id} is served, and not listed")


def _dead(s: Sight, c: Contract, name: str) -> bool:
    model = c.catalogue.find(name)
    if model is None:
        return False
    if model.lifecycle.retired and s.on:
        return s.on > model.lifecycle.retired
    return model.lifecycle.never is True


@law("api.models.dead-not-listed", "models", when=_dated)
def dead_not_listed(s: Sight, c: Contract) -> Iterator[Flaw]:
    """What is retired, or never was, is not listed."""
    for index, each in listed(s):
        if _dead(s, c, str(each.get("id"))):
            message = f"{each['id']} is listed, and is retired or never was"
            yield Flaw("no such entry", shown(each["id"]), f"response /data/{index}/id", message)


@law("api.models.attributes-as-catalogued", "models", when=_known)
def attributes_as_catalogued(s: Sight, c: Contract) -> Iterator[Flaw]:
    """Context and abilities are those of the catalogue, where both say something."""
    for index, each in listed(s):
        model = c.catalogue.find(str(each.get("id")))
        if model is None:
            continue
        known = {member: getattr(model.capabilities, name) for member, name in SUPPORTS.items()}
        for member, value in {"context_length": model.context, **known}.items():
            if value is not None and member in each and each[member] != value:
                where = f"response /data/{index}/{member}"
                message = f"{member} of {model.id} is not what the catalogue says"
                yield Flaw(shown(value), shown(each[member]), where, message)


@law(
    "api.models.answers-without-funds",
    when=lambda s, _c: s.face == "models" and s.key == "drained" and s.status != 0,
)
def answers_without_funds(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Who has no funds is shown the list all the same."""
    if s.status != HTTPStatus.OK:
        yield Flaw("200", answered(s), "response", "an account without funds does not get the list of models")
