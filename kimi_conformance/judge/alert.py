"""Alerts: what the router tells its operators of a call that was limited."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.scene import HEALTHY
from kimi_conformance.contract.trip import outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import body_of, must_arrive, shown
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.discord import all_text, breaches, message_of
from kimi_conformance.oracle import own_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Arrival, Play, Trip
    from kimi_conformance.oracle import World

KINDS: Final = (
    ("quota", re.compile("quota|balance|billing|insufficient", re.IGNORECASE)),
    ("overload", re.compile("overload", re.IGNORECASE)),
    ("rate", re.compile(r"rate.{0,3}limit|too.many.requests|\b[rt]p[md]\b", re.IGNORECASE)),
)
"""The kinds of error behind a 429, and the words by which types, codes and people tell them."""

LIMIT: Final = re.compile(r"\b429\b")

OUTAGES: Final = {
    "refused": "refuses connections",
    "webhook-500": "answers 500",
    "webhook-429": "answers 429",
    "aside-held": "does not answer",
}

NAMES: Final = re.compile(r"[0-9a-f]{8,}|kc[0-9a-f]+x\d+|\d+", re.IGNORECASE)


@check("router.alert.alert-on-429")
def alert_on_429(play: Play, world: World) -> Iterator[Flaw]:
    """The call ended in 429, and an alert came that says so and that the webhook takes."""
    yield from must_arrive(play.trips, Verdict.NOT_OBSERVED)
    for trip in play.trips:
        if not trip.arrivals:
            continue
        alerts, status = list(_alerts(trip, world)), trip.client.status
        if not _is_limited(trip, world):
            message = f"the call ended in {status or trip.client.error}: there was nothing to be alarmed about"
            yield Flaw("429", str(status), "client response", message, Verdict.NOT_OBSERVED)
        elif not alerts:
            message = f"the call ended in {status}, and nothing came to the webhook"
            yield Flaw("an alert", "none", "webhook", message)
        for alert in alerts:
            yield from _fits(alert)
        if alerts and not any(_names(alert, trip, world) for alert in alerts):
            yield from _unnamed(alerts[0], trip, world)


@check("router.alert.one-alert-per-episode")
def one_alert_per_episode(play: Play, world: World) -> Iterator[Flaw]:
    """All trips ended in the same 429, and no two alerts lie within one episode."""
    alerts = sorted((alert for trip in play.trips for alert in _alerts(trip, world)), key=lambda alert: alert.t_ms)
    limited = [trip for trip in play.trips if _is_limited(trip, world)]
    if not alerts or len(limited) < len(play.trips):
        seen = f"{len(limited)} of {len(play.trips)} calls were limited, {len(alerts)} alerts"
        message = f"no episode was seen: {seen}"
        yield Flaw("an episode with its alert", seen, "webhook", message, Verdict.NOT_OBSERVED)
        return
    episode_ms = world.profile.alerts.episode_s * 1000 if world.profile.alerts else 0.0
    close = [later for one, later in pairwise(alerts) if later.t_ms - one.t_ms < episode_ms]
    if close:
        first = f"{len(alerts)} alerts for {len(play.trips)} calls"
        gap = (close[0].t_ms - alerts[0].t_ms) / 1000
        message = f"{first} within one episode; the second came {gap:.1f} s after the first"
        yield Flaw("one alert", str(len(alerts)), "webhook", message)


@check("router.alert.none-on-success")
def none_on_success(play: Play, world: World) -> Iterator[Flaw]:
    """Every trip was served, and nothing came to the webhook."""
    yield from must_arrive(play.trips, Verdict.NOT_OBSERVED)
    for trip in play.trips:
        if trip.arrivals and outcome(trip) != "served":
            message = "the call was not served: this says nothing about successes"
            yield Flaw("2xx", str(trip.client.status), "client response", message, Verdict.NOT_OBSERVED)
            continue
        for alert in _alerts(trip, world):
            if _may_be_another_calls(alert, trip):
                message = f"an alert of an earlier call may have come late: {_said(alert)}"
                yield Flaw("no alert", _said(alert), "webhook", message, Verdict.NOT_OBSERVED)
                continue
            yield Flaw("no alert", _said(alert), "webhook", f"a call that succeeded raised an alert: {_said(alert)}")


@check("router.alert.alert-tells-quota-from-rate")
def alert_tells_quota_from_rate(play: Play, world: World) -> Iterator[Flaw]:
    """The alerts of two trips, one limited and one out of money, differ in words of their own."""
    told = [(trip, alert) for trip in play.trips for alert in [*_alerts(trip, world)][:1]]
    if len(told) < len(play.trips):
        message = f"{len(told)} alerts for {len(play.trips)} kinds of error: there is nothing to compare"
        yield Flaw("an alert for each", str(len(told)), "webhook", message, Verdict.NOT_OBSERVED)
        return
    words = {_own_words(alert, trip, world) for trip, alert in told}
    if len(words) == 1:
        message = f"the alerts for a rate limit and for a used-up balance are alike: {_said(told[0][1])}"
        yield Flaw("words that differ", _said(told[-1][1]), "webhook", message)


@check("router.alert.outage-does-not-fail-the-call")
def outage_does_not_fail_the_call(play: Play, world: World) -> Iterator[Flaw]:
    """A client whose call raises an alert gets the same answer whether or not the webhook lives."""
    yield from must_arrive(play.trips, Verdict.NOT_OBSERVED)
    usual = [trip.client.status for trip in play.trips if trip.ask.scene.webhook == HEALTHY and not trip.client.error]
    for trip in play.trips:
        down = trip.ask.scene.webhook
        if down == HEALTHY or not trip.arrivals:
            continue
        fate = trip.client.error or f"status {trip.client.status}"
        due = {*usual, *(arrival.exchange.status for arrival in trip.arrivals)}
        if trip.client.error or trip.client.status not in due:
            held = " and kept waiting" if fate.startswith("timeout") else ""
            message = f"with a webhook that {OUTAGES.get(down, down)} the call was failed{held}: {fate}"
            wanted = " or ".join(sorted(str(status) for status in due))
            yield Flaw(wanted, fate, "client response", message)
    if not any(_alerts(trip, world) for trip in play.trips):
        yield Flaw("an alert", "none", "webhook", "the webhook was never called", Verdict.NOT_OBSERVED)


def _may_be_another_calls(alert: Arrival, trip: Trip) -> bool:
    """Whether an alert has no trace id and speaks of a limit: it may be about any call that was limited before."""
    text = _text(alert)
    return trip.mark not in text and any(words.search(text) for words in (LIMIT, *(words for _, words in KINDS)))


def _alerts(trip: Trip, world: World) -> tuple[Arrival, ...]:
    """What came to the webhook because of a trip."""
    alerts = world.profile.alerts
    return tuple(arrival for arrival in trip.side if alerts and arrival.upstream == alerts.upstream)


def _is_limited(trip: Trip, world: World) -> bool:
    """Whether a call ended in what the profile promises an alert for."""
    return world.profile.alerts is not None and trip.client.status in world.profile.alerts.on


def _fits(alert: Arrival) -> Iterator[Flaw]:
    """What of an alert the webhook does not take."""
    message = message_of(alert.exchange.request.body)
    if message is None:
        kind = alert.exchange.request.header("content-type") or "no content type"
        if "json" in kind or "form-data" not in kind:
            yield Flaw("a JSON object", kind, "webhook request", "the alert is no JSON object")
        return
    for breach in breaches(message):
        where = f"webhook request /{breach.where.replace('.', '/')}" if breach.where else "webhook request"
        size = len(str(message.get("content") or ""))
        said = f"the webhook refuses the alert: {breach.where or 'the message'}: {breach.says}"
        yield Flaw(breach.says, f"content of {size} characters", where, said)


def _names(alert: Arrival, trip: Trip, world: World) -> bool:
    return not list(_unnamed(alert, trip, world))


def _unnamed(alert: Arrival, trip: Trip, world: World) -> Iterator[Flaw]:
    """What an alert should name and does not: the model, and the kind of error."""
    text = _text(alert)
    names = _models(trip, world)
    if not any(name.lower() in text.lower() for name in names):
        wanted = " or ".join(sorted(names))
        yield Flaw(wanted, _said(alert), "webhook request", f"the alert names no model: {_said(alert)}")
    kind = _kind(trip)
    if kind is None:
        message = "the error says no type that is known here: whether the alert names it cannot be told"
        yield Flaw("a known type of error", "none", "upstream", message, Verdict.NOT_OBSERVED)
    elif not kind[1].search(text):
        message = f"the alert does not say that the error is one of {kind[0]}: {_said(alert)}"
        yield Flaw(kind[0], _said(alert), "webhook request", message)


def _kind(trip: Trip) -> tuple[str, re.Pattern[str]] | None:
    """The kind of the error that the client got, else of the first at an upstream, by its type and code."""
    upstream = (arrival.exchange for arrival in trip.arrivals if arrival.exchange.status == trip.client.status)
    for exchange in (trip.client, *upstream):
        said = message_of(exchange.response.body) if exchange.response else None
        error = (said or {}).get("error")
        told = " ".join(str(error.get(name)) for name in ("type", "code")) if isinstance(error, dict) else ""
        if kind := next(((name, words) for name, words in KINDS if words.search(told)), None):
            return kind
    return None


def _models(trip: Trip, world: World) -> set[str]:
    asked: Any = trip.ask.model.value
    seen = [body.get("model") for arrival in trip.arrivals if not isinstance(body := body_of(arrival), Flaw)]
    named = [asked, own_name(world.profile, asked) if isinstance(asked, str) else None, *seen]
    return {name for name in named if isinstance(name, str) and name}


def _own_words(alert: Arrival, trip: Trip, world: World) -> str:
    """An alert without the names and numbers in which it differs from every other."""
    text = _text(alert)
    for name in sorted(_models(trip, world), key=len, reverse=True):
        text = text.replace(name, "MODEL")
    return NAMES.sub("#", text.replace(trip.mark, "TRACE"))


def _text(alert: Arrival) -> str:
    """What an alert says; the whole body where it is no message."""
    body = alert.exchange.request.body
    message = message_of(body)
    return body.decode("utf-8", "replace") if message is None else all_text(message)


def _said(alert: Arrival) -> str:
    return shown(_text(alert))
