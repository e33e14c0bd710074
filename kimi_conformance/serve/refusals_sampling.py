"""Parameters of the model itself: sampling, thinking, stops, the budget (facts, section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.catalogue import fixed_temperature
from kimi_conformance.serve.invalid import invalid, invalid_request

if TYPE_CHECKING:
    from kimi_conformance.serve.asking import Asked
    from kimi_conformance.upstream.kimi_wire import Problem

FIXED: Final = ("top_p", "n", "presence_penalty", "frequency_penalty")
MOST_STOPS: Final = 5
LONGEST_STOP: Final = 32
BUDGETS: Final = ("max_completion_tokens", "max_tokens")


def thinking(asked: Asked) -> Problem | None:
    """A model that always thinks refuses to stop."""
    policy = asked.model.thinking
    if asked.disables and policy and policy.disable == "refused":
        return invalid("invalid thinking: only type=enabled is allowed for this model")
    return None


def temperature(asked: Asked) -> Problem | None:
    """Fixed by whether the model thinks; a range on models of old, whose text is modelled."""
    given, sampling = asked.body.get("temperature"), asked.model.sampling
    if given is None or not asked.sampling or sampling is None:
        return None
    only = fixed_temperature(asked.model, thinking=asked.thinks)
    if only is not None:
        return _only("temperature", given, only)
    free = sampling.temperature_range
    if free and not (_number(given) and free.low <= given <= free.high):
        return invalid(f"invalid temperature: must be between {free.low:g} and {free.high:g}")
    return None


def fixed(asked: Asked) -> Problem | None:
    """The other parameters have one value each."""
    if not asked.sampling or asked.model.sampling is None:
        return None
    for name in FIXED:
        only, given = getattr(asked.model.sampling, name), asked.body.get(name)
        if only is not None and given is not None and (problem := _only(name, given, only)):
            return problem
    return None


def unsupported(asked: Asked) -> Problem | None:
    """Refused on kimi-k3 (probes of 2026-09-02), so on models of its rules. The order of the three is modelled."""
    if not asked.sampling or asked.model.sampling is None or asked.model.sampling.temperature is None:
        return None
    if asked.body.get("logprobs") not in (None, False):
        return invalid("invalid logprobs: only false is allowed for this model")
    if asked.body.get("top_logprobs") is not None:
        return invalid_request("logprobs must be set to true if top_logprobs is used")
    if asked.body.get("logit_bias") is not None:
        return invalid_request("logit_bias is not supported yet")
    return None


def stop(asked: Asked) -> Problem | None:
    """At most five stops; that a longer one than 32 bytes is refused is documented, its text modelled."""
    given = asked.body.get("stop")
    if isinstance(given, list) and len(given) > MOST_STOPS:
        expected = f"Expected an array with maximum length {MOST_STOPS}, but got {len(given)}"
        return invalid(f"stop array too long. {expected}")
    stops = given if isinstance(given, list) else [given]
    if any(isinstance(one, str) and len(one.encode("utf-8", "replace")) > LONGEST_STOP for one in stops):
        return invalid_request(f"stop is too long, it has {LONGEST_STOP} bytes at most")
    return None


def budget(asked: Asked) -> Problem | None:
    """A bound is a positive number: modelled."""
    for name in BUDGETS:
        given = asked.body.get(name)
        if given is not None and not (isinstance(given, int) and not isinstance(given, bool) and given > 0):
            return invalid_request(f"{name} must be a positive integer")
    return None


def _only(name: str, given: Any, value: float) -> Problem | None:
    if _number(given) and given == value:
        return None
    return invalid(f"invalid {name}: only {value:g} is allowed for this model")


def _number(given: Any) -> bool:
    return isinstance(given, (int, float)) and not isinstance(given, bool)
