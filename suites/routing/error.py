"""Error: upstreams that refuse, break off, or stay silent; and what the client gets of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import HEALTHY, REFUSED, Scene
from kimi_conformance.judge.patience import patience_s
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of
from kimi_conformance.upstream.acts.transport import SILENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.matrix import Matrix

BOTH: Final = (False, True)

BEFORE: Final = ("upstream-reset", "upstream-closed")
WITHIN: Final = ("reset-after-head", "reset-in-body")

SILENT: Final = Scene(acts=("slow-head",), others="slow-head")

FATAL: Final = ("500", "504-html", "400-gzip", *BEFORE, *WITHIN, "short")
"""What routers have died of, or been wedged by."""


@cases_of("router.error.401-kept")
def _401_kept(m: Matrix) -> Iterator[Case]:
    """Both kinds of 401, for a model of every kind of route, streamed or not."""
    yield from _refused_with(m, ("401-wrong-key", "401-no-key"))


@cases_of("router.error.403-kept")
def _403_kept(m: Matrix) -> Iterator[Case]:
    """A key that may not, for a model of every kind of route, streamed or not."""
    yield from _refused_with(m, ("403",))


@cases_of("router.error.404-of-upstream-kept")
def _404_of_upstream_kept(m: Matrix) -> Iterator[Case]:
    """A model that the router knows and its upstream does not, streamed or not."""
    yield from _refused_with(m, ("404-model",))


@cases_of("router.error.400-kept")
def _400_kept(m: Matrix) -> Iterator[Case]:
    """A parameter that the upstream does not take, streamed or not."""
    yield from _refused_with(m, ("400-temperature",))


@cases_of("router.error.429-types-kept")
def _429_types_kept(m: Matrix) -> Iterator[Case]:
    """Too many requests, an engine that is overloaded, an account that is empty; streamed or not."""
    yield from _refused_with(m, ("429-rate", "429-overload", "429-quota"))


@cases_of("router.error.5xx-kept")
def _5xx_kept(m: Matrix) -> Iterator[Case]:
    """Everything that is the upstream's own fault, streamed or not."""
    yield from _refused_with(m, ("499", "500", "500-unexpected", "503"))


@cases_of("router.error.gzip-error-handled")
def gzip_error_handled(m: Matrix) -> Iterator[Case]:
    """An error that is compressed, for a model of every kind of route."""
    yield from _refused_with(m, ("400-gzip",), streams=(False,))


@cases_of("router.error.html-504-handled")
def html_504_handled(m: Matrix) -> Iterator[Case]:
    """The page of a proxy that stands before the upstream, streamed or not."""
    yield from _refused_with(m, ("504-html",))


@cases_of("router.error.refused-answered")
def refused_answered(m: Matrix) -> Iterator[Case]:
    """An ordinary request, which is served; and the same where nobody listens at the upstream."""
    for ask in m.subjects():
        yield case(replace(ask, scene=Scene(acts=(REFUSED,))), before=ask, vary="agent model surface", disturbs=True)


@cases_of("router.error.reset-answered")
def reset_answered(m: Matrix) -> Iterator[Case]:
    """Connections that end before the answer begins, and within it."""
    for ask, act in product(m.subjects(), (*BEFORE, *WITHIN)):
        yield case(replace(ask, scene=_all(act)), vary="agent model surface", act=act, disturbs=True)
    for ask, act in product(m.subjects(stream=True), BEFORE):
        yield case(replace(ask, scene=_all(act)), vary="agent model surface stream", act=act, disturbs=True)


@cases_of("router.error.wrong-length-visible")
def wrong_length_visible(m: Matrix) -> Iterator[Case]:
    """Half of an answer behind a Content-Length that promises the whole."""
    for ask in m.subjects():
        yield case(replace(ask, scene=_all("short")), vary="agent model surface", disturbs=True)


@cases_of("router.error.slow-bounded")
def slow_bounded(m: Matrix) -> Iterator[Case]:
    """An upstream that says nothing, and one that says no more: for the model that is tried elsewhere least."""
    promised = m.profile.limits.model_fields_set
    acts = [act for act, bound in (("slow-head", "answer_s"), ("slow-body", "stream_gap_s")) if bound in promised]
    quickest = min(m.subjects(), key=lambda ask: patience_s(replace(ask, scene=SILENT), m.profile), default=None)
    if quickest is None or patience_s(replace(quickest, scene=SILENT), m.profile) >= SILENCE_S:
        return
    for act, stream in product(acts, BOTH):
        slow = replace(quickest, scene=_all(act), stream=stream)
        yield case(slow, vary="agent model surface stream", act=act, disturbs=True)


@cases_of("router.error.router-survives")
def router_survives(m: Matrix) -> Iterator[Case]:
    """A request that fails in each of the ways that routers have died of, and an ordinary one right after it."""
    for ask in [*m.subjects()][:1]:
        for act in FATAL:
            yield case(replace(ask, scene=_all(act)), ask, vary="agent model surface", act=act, disturbs=True)


def _refused_with(m: Matrix, acts: Sequence[str], streams: Sequence[bool] = BOTH) -> Iterator[Case]:
    """Every kind of route, with every destination failing alike: whoever takes a call over has no more to say."""
    for ask, act, stream in product([*m.subjects()], acts, streams):
        failing: Ask = replace(ask, scene=_all(act), stream=stream)
        made = case(failing, vary="agent model surface stream", disturbs=True)
        yield replace(made, axes=(*made.axes, ("act", act))) if len(acts) > 1 else made


def _all(act: str) -> Scene:
    return Scene(acts=(act,), others=HEALTHY if act == REFUSED else act)
