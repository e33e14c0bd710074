"""Tables of models: which answer, since and until when, what they are; and which ids do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.catalogue import State, live, state
from kimi_conformance.contract.tie import Tied
from kimi_conformance.reporting.api_page.view import Said, Told, View, table

if TYPE_CHECKING:
    from datetime import date

    from kimi_conformance.contract.catalogue import Aspect, Host, Model
    from kimi_conformance.reporting.api_page.mark import Mark
    from kimi_conformance.reporting.api_page.ties import Ties

SERVED_BY: Final[dict[Host, str]] = {"platform": "api.lifecycle.live-served", "coding": "api.coding.chat-answered"}
UNKNOWN: Final = "?"
"""What nobody has published."""


def lifecycles(ties: Ties, host: Host, on: date) -> tuple[View, View]:
    """The models that answer on `host` on the day `on`: since when, until when, when that was last seen; and notes."""
    rows, notes = [], []
    for model in live(ties.catalogue, host, on):
        life = model.lifecycle
        seen = ties.known[SERVED_BY[host]].seen_of(model)
        about: tuple[Aspect, ...] = tuple(each for each in model.aspects if each in ("since", "ends")) or ("served",)
        mark = ties.mark(Tied(model=model.id, about=about))
        last = str(life.ends or "not announced")
        rows.append(
            Told((f"`{model.id}`", str(life.since or UNKNOWN), last, str(seen.on) if seen else "not seen"), mark)
        )
        notes += _note(model, mark)
    return table(("Model", "Since", "Last day", "Last seen to answer"), rows), View("lines", lines=tuple(notes))


def attributes(ties: Ties, host: Host, on: date) -> View:
    """What the models of `host` take, and what they cost: on the coding host the plan has a price, not the model."""
    priced = host == "platform"
    head = ("Model", "Context, tokens", "Takes beside text")
    rows = [
        Told(
            (
                f"`{model.id}`",
                f"{model.context:,}" if model.context else UNKNOWN,
                _takes(model),
                *((price_of(model),) if priced else ()),
            ),
            ties.mark(
                Tied(
                    model=model.id,
                    about=tuple(each for each in model.aspects if each in ("context", "price", "capabilities")),
                )
            ),
        )
        for model in live(ties.catalogue, host, on)
    ]
    return table((*head, "USD per 1M tokens: hit / miss / out") if priced else head, rows)


def dead_models(ties: Ties, on: date) -> tuple[View, View]:
    """The ids that the platform answers 404 to on the day `on`: retired ones, and those that never were; and notes."""
    rows, notes = [], []
    for model in ties.catalogue.models.values():
        life, by = model.lifecycle, "api.lifecycle.retired-404"
        about: Aspect = "ends" if life.ends else "retired"
        if life.never:
            by, about, fate = "api.lifecycle.never-404", "never", f"404: never was an id; `{life.meant}` was"
        elif state(model, "platform", on) is State.RETIRED:
            fate = f"404 since {life.retired}" if life.retired else f"404 after {life.ends}"
        else:
            continue
        mark = ties.mark(Tied(by=(by,), model=model.id, about=(about,)))
        rows.append(Told((f"`{model.id}`", fate), mark))
        notes += _note(model, mark)
    return table(("Id", "What became of it"), rows), View("lines", lines=tuple(notes))


def _note(model: Model, mark: Mark | None) -> list[Said]:
    return [Said(f"`{model.id}`: {model.note}", mark)] if model.note else []


def price_of(model: Model) -> str:
    """The price of a million tokens in dollars: a hit of the cache, a miss, output."""
    price = model.price
    return f"{price.hit:.2f} / {price.miss:.2f} / {price.out:.2f}" if price else UNKNOWN


def _takes(model: Model) -> str:
    can = model.capabilities
    kinds = (("images", can.image_in), ("video", can.video_in), ("dynamic tools", can.dynamic_tools))
    return ", ".join(name for name, has in kinds if has) or UNKNOWN
