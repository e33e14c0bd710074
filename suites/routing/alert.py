"""Alerts: what the router tells its operators of a call that was limited."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import REFUSED, Scene
from kimi_conformance.oracle import Routed
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.matrix import Matrix

LIMITED: Final = 429
IN_A_ROW: Final = 5

KINDS: Final = {"rate": "429-tokens", "quota": "429-quota", "overload": "429-overload", "wordy": "429-wordy"}
"""Limits without a time to wait, so that no case has to; a used-up balance is not even tried again."""

OUTAGES: Final = {"refused": REFUSED, "error": "webhook-500", "limited": "webhook-429", "silent": "aside-held"}


@cases_of("router.alert.alert-on-429")
def alert_on_429(m: Matrix) -> Iterator[Case]:
    """A call that ends in each kind of 429, the last with an error of 3000 characters."""
    for ask in _limited(m):
        for kind, act in KINDS.items():
            yield _alone(_ending(ask, act), vary="model surface", kind=kind)


@cases_of("router.alert.one-alert-per-episode")
def one_alert_per_episode(m: Matrix) -> Iterator[Case]:
    """The same 429 several times in a row, and several times at once."""
    for ask in _limited(m):
        limited = _ending(ask, KINDS["quota"])
        yield _alone(*[limited] * IN_A_ROW, vary="model surface", order="in-a-row")
        yield _alone(*[limited] * IN_A_ROW, vary="model surface", together=True, order="at-once")


@cases_of("router.alert.none-on-success")
def none_on_success(m: Matrix) -> Iterator[Case]:
    """A call of every kind, streamed and not."""
    for stream in (False, True):
        for ask in m.subjects(stream=stream):
            if _alerts_on_429(m):
                yield case(ask, vary="agent model surface stream", alone=True)


@cases_of("router.alert.alert-tells-quota-from-rate")
def alert_tells_quota_from_rate(m: Matrix) -> Iterator[Case]:
    """A rate limit, and a used-up balance, of two models where there are two."""
    asks = [*_limited(m, most=2)]
    if asks:
        first, last = _ending(asks[0], KINDS["rate"]), _ending(asks[-1], KINDS["quota"])
        yield _alone(first, last, vary="surface")


@cases_of("router.alert.outage-does-not-fail-the-call")
def outage_does_not_fail_the_call(m: Matrix) -> Iterator[Case]:
    """A 429 while the webhook is down in one way or another, and a 429 of another kind when it is up again."""
    for ask in _limited(m):
        for outage, act in OUTAGES.items():
            down = replace(ask, scene=replace(_ending(ask, KINDS["quota"]).scene, webhook=act))
            up = _ending(ask, KINDS["rate"])
            yield _alone(down, up, vary="model surface", webhook=outage)


@cases_of("router.alert.no-secret-in-alert")
def no_secret_in_alert(m: Matrix) -> Iterator[Case]:
    """A rate limit, and a used-up balance."""
    for ask in _limited(m):
        both = (_ending(ask, KINDS["rate"]), _ending(ask, KINDS["quota"]))
        yield _alone(*both, vary="model surface")


def _limited(m: Matrix, most: int = 1) -> Iterator[Ask]:
    """Asks for registered models, each of another one; none where a 429 raises no alert."""
    if not _alerts_on_429(m):
        return
    asks = m.asks(m.ordinary_agents[-1:], m.registered[:most], surfaces=m.surfaces[:1])
    yield from (ask for ask in asks if isinstance(m.world.expect(ask), Routed))


def _alerts_on_429(m: Matrix) -> bool:
    return m.profile.alerts is not None and LIMITED in m.profile.alerts.on


def _ending(ask: Ask, act: str) -> Ask:
    """`ask` for which every destination has the same answer, however often it is asked."""
    return replace(ask, scene=Scene(acts=(act,), others=act))


def _alone(*asks: Ask, vary: str, together: bool = False, **own: str) -> Case:
    """A case in a router that has raised no alarm yet, with nothing beside it: alerts may carry no trace id."""
    return case(
        *asks, vary=vary, together=together, alone=True, fresh=True, disturbs=True, timed=False, before=None, **own
    )
