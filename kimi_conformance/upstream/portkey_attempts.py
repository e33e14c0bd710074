"""What Portkey makes of one target of a config: it calls it, and again, until it is served or has tried enough.

Measured on the open gateway 1.15.2: a provider without an answer is called again whatever the statuses say, and counts
as a 500; the count of retries is -1 where they ran out. Its waits of 1, 2, 4 … s are `SCALE` of that here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.trip import Attempt
from kimi_conformance.exchange import first
from kimi_conformance.upstream.portkey_config import Retry
from kimi_conformance.upstream.script import Close, Pause, Reset, Script, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kimi_conformance.upstream.portkey_config import Option
    from kimi_conformance.upstream.script import Step

SCALE: Final = 0.02
MOST: Final = 5
"""As many retries as Portkey's documents allow (the open gateway knows no bound)."""
WAIT_S: Final = 60.0
"""A provider that wants a longer wait is not waited for."""
RETRY_AFTER: Final = (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001), ("retry-after", 1.0))
"""Where a provider says how long to wait, in the order of Portkey's look, and how many seconds its unit has."""
NEVER: Final = Retry(attempts=0, on_status_codes=())
TOO_MANY: Final = 429
EXHAUSTED: Final = "-1"


@dataclass(frozen=True, slots=True)
class Made:
    """The answer that a target came to, which pauses as long as it took, and the calls that were made for it."""

    script: Script
    attempts: tuple[Attempt, ...]

    @property
    def waits(self) -> tuple[Step, ...]:
        """The pauses alone: what is left of an answer that a fallback takes the place of."""
        return _pauses((*self.script.before, *self.script.steps))


def attempted(option: Option, provider: str, key: str | None, play: Callable[[], Script]) -> Made:
    """Call a target as often as its config has it; `play` is what its provider answers to each call."""
    retry = option.target.retry or NEVER
    most = min(retry.attempts, MOST)
    attempts: list[Attempt] = []
    waits: tuple[Step, ...] = ()
    hopeless = False
    while True:
        script = _within(option.target.request_timeout, play())
        gone = any(isinstance(step, Close | Reset) for step in script.before)
        if gone:
            script = _no_answer(script, provider)
        tried = len(attempts)
        attempts.append(Attempt(option.place, provider, key, tried, script.status))
        retried = script.status in retry.on_status_codes
        if tried == most or not (gone or retried):
            break
        wait = _wanted(script) if retry.use_retry_after and script.status == TOO_MANY else None
        hopeless |= wait is not None and wait >= WAIT_S  # measured: it is called again all the same
        backoff = 2.0**tried if wait is None or hopeless else wait
        waits = (*waits, *_pauses((*script.before, *script.steps)), Pause(backoff * SCALE))
    count = EXHAUSTED if hopeless or (tried == most and retried) else str(tried)
    told = (
        ("x-portkey-last-used-option-index", option.place),
        ("x-portkey-retry-attempt-count", count),
        ("x-portkey-cache-status", "DISABLED"),
        ("x-portkey-provider", provider),
    )
    script = replace(script, headers=(*script.headers, *told), before=(*waits, *script.before))
    return Made(script, tuple(attempts))


def _within(timeout_ms: float | None, script: Script) -> Script:
    """The answer, or the 408 in its place where the provider takes longer to begin it than the config allows."""
    took = sum(step.seconds for step in script.before if isinstance(step, Pause))
    if timeout_ms is None or took * 1000 <= timeout_ms:
        return script
    message = f"Request exceeded the timeout sent in the request: {timeout_ms:g}ms"
    error = {"message": message, "type": "timeout_error", "param": None, "code": None}
    return replace(json_answer(408, {"error": error}), before=(Pause(timeout_ms / 1000),))


def _no_answer(script: Script, provider: str) -> Script:
    """What the client of Portkey gets where a provider hung up without a word."""
    said = '{"html-message":"Message: fetch failed Cause: SocketError: other side closed Name: TypeError"}'
    message = f"Invalid response received from {provider}: {said}"
    error = {"message": message, "type": None, "param": None, "code": None}
    return replace(json_answer(500, {"error": error, "provider": provider}), before=_pauses(script.before))


def _wanted(script: Script) -> float | None:
    """The seconds that a provider wants to be left alone, where it says so in digits."""
    for name, unit in RETRY_AFTER:
        if value := first(script.headers, name):
            return int(value) * unit if value.strip().isdecimal() and int(value) else None
    return None


def _pauses(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if isinstance(step, Pause))
