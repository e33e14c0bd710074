"""Findings about alerts, whole: what was expected, what came, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.trip import ABSENT, Arrival
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Exchange, Request, Response
from suites.selftest.plays import again, arrived, ask, findings, in_brief, onward, profile, sentences, trip
from suites.selftest.test_judge_alert import (
    APART,
    NONE,
    ON_429,
    ONCE,
    OUTAGE,
    OVERLOAD,
    QUOTA,
    TOLD,
    alert,
    down,
    limited,
    told,
)

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

FAIL, UNSEEN, WARN = Verdict.FAIL, Verdict.NOT_OBSERVED, Verdict.WARN
RATE_LIMIT = "kimi-k2.6: rate limit"
HEADLESS = told(alerts=None)


def seen(requirement: str, *trips: Trip, of: Any = TOLD) -> list[tuple[Verdict, str, str, str]]:
    """The findings, without their sentences."""
    return in_brief(requirement, *trips, of=of)


def said(requirement: str, *trips: Trip) -> list[str]:
    """The sentences of the findings."""
    return sentences(requirement, *trips, of=TOLD)


def sent(body: bytes, *headers: tuple[str, str]) -> Arrival:
    """A request to the webhook with this body."""
    return Arrival("alerts", Exchange(Request("POST", "/hook", headers, body), Response(204)), 10.0)


# alert-on-429


def test_a_call_that_was_not_limited_says_nothing_of_alerts() -> None:
    assert seen(ON_429, limited(status=200)) == [(UNSEEN, "429", "200", "client response")]
    assert "ended in 200" in said(ON_429, limited(status=200))[0]


def test_a_call_without_an_answer_is_told_by_its_error() -> None:
    (message,) = said(ON_429, limited(status=None, error="reset"))
    assert "ended in reset" in message


def test_an_alert_that_never_came_is_missed_at_the_webhook() -> None:
    assert seen(ON_429, limited()) == [(FAIL, "an alert", "none", "webhook")]


def test_every_trip_is_looked_at_also_behind_one_that_reached_nobody() -> None:
    lost = again(limited(mark="kc2"), arrivals=())
    assert [one[2] for one in seen(ON_429, lost, limited())] == ["none; the client got status 429", "none"]


def test_a_profile_without_alerts_promises_none() -> None:
    (found,) = seen(ONCE, limited(alert("429")), of=HEADLESS)
    assert found[2] == "0 of 1 calls were limited, 0 alerts"


def test_small_and_capital_letters_of_a_name_are_one() -> None:
    asked = ask("Kimi-K9", agent="dispo")
    one = again(limited(alert("kimi-k9: rate limit"), asked=asked), arrivals=(onward("kimi", asked, status=429),))
    assert seen(ON_429, one) == []


def test_the_names_that_would_do_are_told_in_order() -> None:
    asked = ask(ABSENT, agent="dispo")
    arrivals = tuple(onward("kimi", asked, model=name, status=429) for name in ("k5", "k2", "k4", "k1", "k3"))
    (found,) = seen(ON_429, again(limited(alert("rate limit"), asked=asked), arrivals=arrivals))
    assert found[1] == "k1 or k2 or k3 or k4 or k5"


def test_type_and_code_of_an_error_are_read_as_one_text() -> None:
    asked = ask(agent="dispo")
    answer = b'{"error": {"type": "too", "code": "many requests"}}'
    one = trip(asked, onward("kimi", asked, status=429), status=429, answer=answer, of=TOLD)
    assert seen(ON_429, again(one, side=(alert(RATE_LIMIT),))) == []


def test_an_alert_that_is_no_json_is_told_by_its_type() -> None:
    plain = sent(b"kimi-k2.6: rate limit", ("content-type", "text/plain"))
    untyped, broken = (
        sent(b"kimi-k2.6: rate limit"),
        sent(b"{kimi-k2.6: rate limit", ("content-type", "application/json")),
    )
    assert [seen(ON_429, limited(one))[0] for one in (plain, untyped, broken)] == [
        (FAIL, "a JSON object", "text/plain", "webhook request"),
        (FAIL, "a JSON object", "no content type", "webhook request"),
        (FAIL, "a JSON object", "application/json", "webhook request"),
    ]


def test_an_alert_may_come_as_a_form_with_files() -> None:
    form = sent(
        b'--x\r\n\r\n{"content": "kimi-k2.6: rate limit"}\r\n--x--', ("content-type", "multipart/form-data; boundary=x")
    )
    assert seen(ON_429, limited(form)) == []


def test_a_form_that_calls_itself_json_is_none() -> None:
    odd = sent(b"kimi-k2.6: rate limit", ("content-type", "application/json, multipart/form-data"))
    assert [one[1] for one in seen(ON_429, limited(odd))] == ["a JSON object"]


@pytest.mark.parametrize(
    ("message", "expected", "actual", "where", "says"),
    [
        (
            {"embeds": [{"title": "t" * 257, "description": RATE_LIMIT}]},
            "Must be 256 or fewer in length.",
            "content of 0 characters",
            "webhook request /embeds/0/title",
            "embeds.0.title: ",
        ),
        (
            {"content": RATE_LIMIT + "x" * 2000},
            "Must be 2000 or fewer in length.",
            "content of 2021 characters",
            "webhook request /content",
            "content: ",
        ),
        (
            {"text": RATE_LIMIT},
            "Cannot send an empty message",
            "content of 0 characters",
            "webhook request",
            "the message: ",
        ),
    ],
)
def test_what_the_webhook_refuses_is_told_where_it_stands(
    message: Any, expected: str, actual: str, where: str, says: str
) -> None:
    assert seen(ON_429, limited(alert(message)))[0] == (FAIL, expected, actual, where)
    assert says in said(ON_429, limited(alert(message)))[0]


def test_an_alert_names_the_model_as_the_client_or_the_upstream_calls_it() -> None:
    asked = ask("moonshot/kimi-k3", agent="dispo")
    renamed = again(limited(asked=asked), arrivals=(onward("kimi", asked, model="kimi-k3", status=429),))
    for name in ("Moonshot/Kimi-K3", "kimi-k3"):
        assert seen(ON_429, again(renamed, side=(alert(f"{name}: rate limit"),))) == []
    (found,) = seen(ON_429, again(renamed, side=(alert("K3: rate limit"),)))
    assert found == (FAIL, "kimi-k3 or moonshot/kimi-k3", '"K3: rate limit"', "webhook request")


def test_the_name_under_which_clients_ask_stands_for_the_model() -> None:
    of = told(sends={"kimi-k2.6": "house-kimi"})
    asked = ask("house-kimi", agent="dispo")
    one = again(limited(alert(RATE_LIMIT), asked=asked), arrivals=(onward("kimi", asked, status=429),))
    assert seen(ON_429, one, of=of) == []


@pytest.mark.parametrize("model", [ABSENT, None, 7, ""])
def test_a_call_that_names_no_model_wants_the_upstreams_name_in_its_alert(model: Any) -> None:
    asked = ask(model, agent="dispo")
    one = limited(alert("rate limit on kimi-k3"), asked=asked)
    assert seen(ON_429, again(one, arrivals=(onward("kimi", asked, model="kimi-k3", status=429),))) == []
    (found,) = seen(ON_429, again(one, arrivals=(onward("kimi", asked, model="kimi-k9", status=429),)))
    assert found[1] == "kimi-k9"


def test_an_upstream_that_got_no_json_names_no_model() -> None:
    asked = ask(agent="dispo")
    one = again(limited(alert(RATE_LIMIT), asked=asked), arrivals=(arrived("gateway", b"no", status=429),))
    assert seen(ON_429, one) == []


def test_an_error_without_a_known_type_is_said_to_have_none() -> None:
    assert seen(ON_429, limited(alert(RATE_LIMIT), kind="odd")) == [
        (UNSEEN, "a known type of error", "none", "upstream")
    ]


def test_an_alert_of_the_wrong_kind_is_told_by_the_kind_that_is_right() -> None:
    found = seen(ON_429, limited(alert(RATE_LIMIT), kind=QUOTA))
    assert found == [(FAIL, "quota", f'"{RATE_LIMIT}"', "webhook request")]
    assert [one[1] for one in seen(ON_429, limited(alert(RATE_LIMIT), kind=OVERLOAD))] == ["overload"]


@pytest.mark.parametrize(
    ("status", "due"), [pytest.param(429, [], id="the-same-status"), pytest.param(503, [UNSEEN], id="another-status")]
)
def test_a_type_that_the_client_was_not_told_is_taken_from_the_upstream(status: int, due: list[Verdict]) -> None:
    asked = ask(agent="dispo")
    error = b'{"error": {"type": "rate_limit_reached_error"}}'
    one = trip(
        asked,
        arrived("gateway", {"model": "kimi-k2.6"}, status=status, answer=error),
        status=429,
        answer=b"busy",
        of=TOLD,
    )
    assert [found[0] for found in seen(ON_429, again(one, side=(alert(RATE_LIMIT),)))] == due


@pytest.mark.parametrize(
    "answer",
    [
        b'{"error": {"code": "insufficient_quota"}}',
        b'{"error": {"type": 1, "code": "quota"}}',
        b'{"error": {"type": "no", "code": "billing"}}',
    ],
)
def test_a_code_tells_the_kind_as_a_type_does(answer: bytes) -> None:
    asked = ask(agent="dispo")
    one = trip(asked, onward("kimi", asked, status=429), status=429, answer=answer, of=TOLD)
    assert seen(ON_429, again(one, side=(alert("kimi-k2.6: quota"),))) == []


@pytest.mark.parametrize("answer", [b"[]", b'{"error": "quota"}', b"{}", b'{"error": null}'])
def test_an_answer_without_an_error_object_has_no_type(answer: bytes) -> None:
    asked = ask(agent="dispo")
    one = trip(asked, onward("kimi", asked, status=429), status=429, answer=answer, of=TOLD)
    assert [found[0] for found in seen(ON_429, again(one, side=(alert(RATE_LIMIT),)))] == [UNSEEN]


def test_what_never_was_answered_has_no_type() -> None:
    asked = ask(agent="dispo")
    unanswered = arrived("gateway", {"model": "kimi-k2.6"}, status=None)
    one = trip(asked, unanswered, status=429, answer=b"{}", of=TOLD)
    assert [found[0] for found in seen(ON_429, again(one, side=(alert(RATE_LIMIT),)))] == [UNSEEN]


# one-alert-per-episode


def episode(*times: float) -> list[Trip]:
    """Limited calls with an alert each at these times."""
    return [limited(alert("429", at), mark=f"kc{number}") for number, at in enumerate(times)]


def test_two_alerts_are_told_with_the_seconds_between_them() -> None:
    (found,) = findings(ONCE, *episode(1000.0, 3500.0), of=TOLD)
    assert (found.expected, found.actual, found.where) == ("one alert", "2", "webhook")
    assert "the second came 2.5 s after the first" in found.message


def test_a_third_alert_close_behind_the_second_is_told_against_the_first() -> None:
    (found,) = findings(ONCE, *episode(1000.0, 70_000.0, 71_000.0), of=TOLD)
    assert "came 70.0 s after the first" in found.message


def test_an_alert_at_the_very_end_of_an_episode_is_one_of_the_next() -> None:
    assert seen(ONCE, *episode(1000.0, 61_000.0)) == []


def test_alerts_are_put_in_order_of_time_before_they_are_compared() -> None:
    assert [found[0] for found in seen(ONCE, *episode(70_000.0, 1000.0, 1500.0))] == [FAIL]
    assert seen(ONCE, *episode(70_000.0, 1000.0)) == []


def test_where_no_alert_came_no_episode_was_seen() -> None:
    assert seen(ONCE, limited(), limited(mark="kc2")) == [
        (UNSEEN, "an episode with its alert", "2 of 2 calls were limited, 0 alerts", "webhook")
    ]


def test_two_alerts_are_no_episode_where_a_call_was_not_limited() -> None:
    both = [*episode(1000.0, 1001.0), limited(status=200, mark="kc9")]
    assert [found[0] for found in seen(ONCE, *both)] == [UNSEEN]


# none-on-success


def served(*alerts: Arrival, mark: str = "kc1") -> Trip:
    """A call that was served, and what came to the webhook all the same."""
    asked = ask()
    return again(trip(asked, onward("kimi", asked), mark=mark, of=TOLD), side=alerts)


def test_a_call_that_reached_nobody_says_nothing_of_successes() -> None:
    for lost in (served(), limited()):
        (found,) = seen(NONE, again(lost, arrivals=()))
        assert found[2] == f"none; the client got status {lost.client.status}"


def test_a_call_that_failed_says_nothing_of_successes_and_hides_none_behind_it() -> None:
    assert seen(NONE, limited(alert("kimi-k2.6 answered")), served(alert("hello"), mark="kc2")) == [
        (UNSEEN, "2xx", "429", "client response"),
        (FAIL, "no alert", '"hello"', "webhook"),
    ]


def test_an_alert_that_may_be_anothers_hides_none_behind_it() -> None:
    assert seen(NONE, served(alert(RATE_LIMIT), alert("hello"))) == [
        (UNSEEN, "no alert", f'"{RATE_LIMIT}"', "webhook"),
        (FAIL, "no alert", '"hello"', "webhook"),
    ]


def test_what_is_said_in_bytes_that_are_no_text_is_shown_all_the_same() -> None:
    (found,) = seen(NONE, served(sent(b"hello \xff")))
    assert found == (FAIL, "no alert", '"hello \\ufffd"', "webhook")


# alert-tells-quota-from-rate


def kinds(rate: str, quota: str, model: Any = "kimi-k2.6") -> tuple[Trip, Trip]:
    """A call limited by its rate, one by its money, and what was told of each."""
    asked = ask(model, agent="dispo")
    return limited(alert(rate), asked=asked, mark="kc1"), limited(alert(quota), kind=QUOTA, asked=asked, mark="kc2")


def test_alerts_that_are_alike_are_shown() -> None:
    both = kinds("429 (kc1)", "429 (kc2)")
    assert seen(APART, *both) == [(WARN, "words that differ", '"429 (kc2)"', "webhook")]
    assert '"429 (kc1)"' in said(APART, *both)[0]


def test_of_several_alerts_for_a_call_the_first_counts() -> None:
    first, second = kinds("429", "429")
    assert [found[0] for found in seen(APART, again(first, side=(alert("429"), alert("rate"))), second)] == [WARN]


def test_a_missing_alert_leaves_nothing_to_compare() -> None:
    first, _ = kinds("429", "429")
    assert seen(APART, first, limited(kind=QUOTA, mark="kc2")) == [(UNSEEN, "an alert for each", "1", "webhook")]


def test_names_of_models_are_no_words_that_tell_the_kinds_apart() -> None:
    asked = ask("kimi-k3", agent="dispo")
    other = limited(alert("429 on kimi-k3"), kind=QUOTA, asked=asked, mark="kc2")
    assert [found[0] for found in seen(APART, kinds("429 on kimi-k2.6", "")[0], other)] == [WARN]


def test_a_name_that_holds_another_is_taken_out_whole() -> None:
    asked = ask("kimi", agent="dispo")
    longer = again(limited(asked=asked, mark="kc1"), arrivals=(onward("kimi", asked, model="kimi-next", status=429),))
    plain = limited(alert("429 on kimi"), kind=QUOTA, asked=asked, mark="kc2")
    assert [found[0] for found in seen(APART, again(longer, side=(alert("429 on kimi-next"),)), plain)] == [WARN]
    names = ("k3", "k3a", "k3ab", "k3abc", "k3abcd")
    nested = again(longer, arrivals=tuple(onward("kimi", asked, model=name, status=429) for name in names))
    five = again(plain, side=(alert("kimi kimi kimi kimi kimi"),))
    assert [found[0] for found in seen(APART, again(nested, side=(alert(" ".join(names)),)), five)] == [WARN]
    prefixed = again(longer, arrivals=(onward("kimi", asked, model="a/kimi", status=429),))
    assert [found[0] for found in seen(APART, again(prefixed, side=(alert("429 on a/kimi"),)), plain)] == [WARN]


def test_a_trace_id_is_no_word_that_tells_the_kinds_apart() -> None:
    one = limited(alert("429, trace first-call"), mark="first-call")
    other = limited(alert("429, trace second-call"), kind=QUOTA, mark="second-call")
    assert [found[0] for found in seen(APART, one, other)] == [WARN]


# outage-does-not-fail-the-call


def test_with_a_webhook_that_is_down_a_failed_call_is_told_by_what_was_due() -> None:
    one, usual = limited(alert("429"), asked=down(), status=500), limited(kind=QUOTA, status=504, mark="kc2")
    assert seen(OUTAGE, one, usual) == [(FAIL, "429 or 504", "status 500", "client response")]
    assert "a webhook that answers 500 the call was failed: status 500" in said(OUTAGE, one, usual)[0]


def test_a_call_that_waits_for_a_dead_webhook_is_said_to_have_waited() -> None:
    late = limited(alert("429"), asked=down("aside-held"), status=None, error="timeout: 15 s")
    assert "does not answer the call was failed and kept waiting: timeout" in said(OUTAGE, late)[0]
    broken = limited(alert("429"), asked=down("refused"), status=None, error="reset after a timeout")
    assert "refuses connections the call was failed: reset" in said(OUTAGE, broken)[0]
    assert seen(OUTAGE, broken) == [(FAIL, "429", "reset after a timeout", "client response")]


def test_an_answer_that_was_broken_off_is_no_answer_whatever_its_status() -> None:
    cut = limited(alert("429"), asked=down("webhook-429"), error="cut")
    assert seen(OUTAGE, cut) == [(FAIL, "429", "cut", "client response")]
    assert "a webhook that answers 429 the call" in said(OUTAGE, cut)[0]


def test_an_outage_of_another_kind_is_told_by_its_name() -> None:
    odd = limited(alert("429"), asked=down("aside-slow"), status=500)
    assert "a webhook that aside-slow the call" in said(OUTAGE, odd)[0]


def test_what_a_call_gets_that_was_broken_off_is_not_usual() -> None:
    one = limited(alert("429"), asked=down(), status=500)
    cut = limited(kind=QUOTA, status=500, error="cut", mark="kc2")
    assert [found[1] for found in seen(OUTAGE, one, cut)] == ["429"]


def test_a_call_with_a_healthy_webhook_may_end_in_anything() -> None:
    assert seen(OUTAGE, limited(alert("429"), status=200), limited(alert("429"), asked=down(), mark="kc2")) == []


def test_calls_that_reached_nobody_hide_none_behind_them() -> None:
    lost = again(limited(alert("429"), asked=down(), status=500), arrivals=())
    failed = limited(alert("429"), asked=down(), status=500, mark="kc2")
    assert [found[0] for found in seen(OUTAGE, lost, failed)] == [UNSEEN, FAIL]


def test_a_webhook_that_nobody_called_shows_nothing() -> None:
    assert seen(OUTAGE, limited(asked=down())) == [(UNSEEN, "an alert", "none", "webhook")]


def test_a_profile_without_a_webhook_shows_nothing() -> None:
    assert seen(OUTAGE, limited(alert("429"), asked=down()), of=profile()) == [(UNSEEN, "an alert", "none", "webhook")]
