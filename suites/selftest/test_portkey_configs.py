"""The Portkey stand-in carries configs out as the open gateway does, and shows each call of a provider."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.exchange import Request, first
from kimi_conformance.upstream import portkey
from kimi_conformance.upstream.acts.act import said
from kimi_conformance.upstream.script import Pause, Reset, Script, json_answer
from suites.selftest.portkey_rows import FALLBACK, KIMI, OTHER, ROOT, ROWS, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.contract.trip import Attempt

BODY = b'{"model":"kimi-k3","messages":[{"role":"user","content":"hello"}]}'


def asked(config: Mapping[str, Any], *answers: Script) -> tuple[Script, tuple[Attempt, ...]]:
    """What comes of a config whose calls are answered so, one after the other; healthy where nothing is left."""
    left = list(answers)
    return gateway(config, lambda leg: left.pop(0) if left else leg.healthy(said("")))


def gateway(config: Mapping[str, Any], play: Callable[[portkey.Leg], Script]) -> tuple[Script, tuple[Attempt, ...]]:
    headers = (("x-portkey-config", json.dumps(config)), ("x-portkey-trace-id", "t-1"))
    return portkey.gateway(Request("POST", portkey.CHAT, headers, BODY), portkey.Config(), play)


def answering(row: Row) -> list[Script]:
    """The answers of a row in the order of its calls; of a healthy one the caller's own."""
    made = {"gone": Script(before=(Reset(),))}
    return [made.get(str(answer)) or json_answer(int(answer), {"said": answer}) for _, answer in row.calls]


def waits(script: Script) -> list[float]:
    return [step.seconds for step in script.before if isinstance(step, Pause)]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ROWS])
def test_a_config_is_carried_out_as_the_open_gateway_does(row: Row) -> None:
    script, attempts = asked(row.config, *answering(row))
    told = (first(script.headers, f"x-portkey-{name}") for name in ("last-used-option-index", "retry-attempt-count"))
    assert (script.status, *told) == (row.status, row.option, row.retries)
    expected = [(option, 500 if answer == "gone" else answer) for option, answer in row.calls]
    assert [(attempt.option, attempt.status) for attempt in attempts] == expected


def test_headers_say_what_was_done() -> None:
    script, _ = asked(KIMI)
    assert {name: value for name, value in script.headers if name.startswith("x-portkey-")} == {
        "x-portkey-last-used-option-index": "config",
        "x-portkey-retry-attempt-count": "0",
        "x-portkey-cache-status": "DISABLED",
        "x-portkey-provider": "moonshot",
        "x-portkey-trace-id": "t-1",
    }


def test_only_the_first_target_is_the_expected_one() -> None:
    seen = []

    def play(leg: portkey.Leg) -> Script:
        seen.append((leg.provider, leg.later))
        return json_answer(500, {})

    gateway({**FALLBACK, "retry": {"attempts": 1}, "targets": [KIMI, OTHER]}, play)
    assert seen == [("moonshot", False)] * 2 + [("openrouter", True)] * 2


def test_it_waits_longer_each_time_and_for_what_a_provider_took() -> None:
    slow = Script(status=503, before=(Pause(0.5),))
    script, _ = asked({**KIMI, "retry": {"attempts": 3}}, slow, json_answer(503, {}), json_answer(503, {}))
    assert waits(script) == [0.5, 0.02, 0.04, 0.08]
    script, _ = asked({**FALLBACK, "targets": [{**KIMI, "retry": {"attempts": 1}}, OTHER]}, slow, slow)
    assert waits(script) == [0.5, 0.02, 0.5]


@pytest.mark.parametrize(
    ("header", "retry", "waited", "count"),
    [
        pytest.param(("Retry-After", "3"), {"use_retry_after_headers": True}, 0.06, "1", id="seconds"),
        pytest.param(("retry-after-ms", "500"), {"use_retry_after_header": True}, 0.01, "1", id="ms"),
        pytest.param(("Retry-After", "100"), {"use_retry_after_headers": True}, 0.02, "-1", id="too-long"),
        pytest.param(("Retry-After", "soon"), {"use_retry_after_headers": True}, 0.02, "1", id="no-number"),
        pytest.param(("Retry-After", "3"), {}, 0.02, "1", id="not-asked-for"),
    ],
)
def test_a_provider_may_say_how_long_to_wait(
    header: tuple[str, str], retry: dict[str, bool], waited: float, count: str
) -> None:
    busy = json_answer(429, {}, (header,))
    script, attempts = asked({**KIMI, "retry": {"attempts": 1, **retry}}, busy)
    assert waits(script) == [pytest.approx(waited)]
    assert [attempt.status for attempt in attempts] == [429, 200]
    assert first(script.headers, "x-portkey-retry-attempt-count") == count


def test_a_provider_that_is_too_slow_is_a_408_which_is_not_retried() -> None:
    slow = Script(before=(Pause(30),))
    script, attempts = asked(
        {**FALLBACK, "request_timeout": 200, "targets": [{**KIMI, "retry": {"attempts": 2}}]}, slow
    )
    assert (script.status, json.loads(script.body)["error"]["type"]) == (408, "timeout_error")
    assert (waits(script), len(attempts)) == ([0.2], 1)
    in_time, _ = asked({**KIMI, "request_timeout": 200}, replace(slow, before=(Pause(0.1),)))
    assert in_time.status == 200


def test_five_retries_are_the_most() -> None:
    _, attempts = gateway({**KIMI, "retry": {"attempts": 50}}, lambda _: json_answer(429, {}))
    assert len(attempts) == 6


def test_a_provider_that_hangs_up_is_told_in_the_open_gateways_words() -> None:
    script, _ = asked(KIMI, Script(before=(Reset(),)))
    assert script.before == ()
    assert json.loads(script.body)["error"]["message"].startswith("Invalid response received from moonshot: ")


def test_later_targets_get_the_request_with_their_own_parameters() -> None:
    bodies = []

    def play(leg: portkey.Leg) -> Script:
        bodies.append(json.loads(leg.request.body)["model"])
        return json_answer(500, {})

    targets = [KIMI, {**OTHER, "override_params": {"model": "moonshotai/kimi-k2.6"}}]
    gateway({**FALLBACK, "targets": targets}, play)
    assert bodies == ["kimi-k3", "moonshotai/kimi-k2.6"]


def test_the_option_of_a_config_without_targets_is_the_config() -> None:
    _, [attempt] = asked({"virtual_key": None, **KIMI})
    assert (attempt.option, attempt.key, attempt.retry) == (ROOT, None, 0)
