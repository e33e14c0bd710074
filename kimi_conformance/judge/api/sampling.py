"""Sampling: what Kimi's current models fix, and refuse to have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeGuard

from kimi_conformance.contract.catalogue import PREDICATES, fixed_temperature
from kimi_conformance.judge.api.acceptance import judged
from kimi_conformance.judge.api.chat import served
from kimi_conformance.judge.api.known_good import keeps
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.refusal import model_of, refusal, thinking_off
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.law import When
    from kimi_conformance.judge.api.sight import Sight

FIXED: Final = {
    "top_p": "api.sampling.top-p-fixed",
    "n": "api.sampling.n-fixed",
    "presence_penalty": "api.sampling.presence-penalty-fixed",
    "frequency_penalty": "api.sampling.frequency-penalty-fixed",
}
CLOSE: Final = 1e-6


def _number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(asked: float, fixed: float) -> bool:
    return abs(asked - fixed) <= CLOSE


def _differs(asked: float, fixed: float) -> bool:
    """Whether it is another value. 0 may count as none, as it does where nothing is said; nobody has seen it tried."""
    return asked != 0 and not _same(asked, fixed)


def _temperature(s: Sight, c: Contract, *, thinking: bool) -> float | None:
    """The only temperature for this request, where the request names one and its thinking is as asked for here."""
    model = model_of(s, c)
    if model is None or not _number(s.asked.get("temperature")) or thinking_off(s) == thinking:
        return None
    return fixed_temperature(model, thinking=thinking)


def _other_temperature(s: Sight, c: Contract) -> bool:
    fixed = _temperature(s, c, thinking=True)
    return fixed is not None and _differs(s.asked["temperature"], fixed)


def _other_temperature_without_thinking(s: Sight, c: Contract) -> bool:
    model, fixed = model_of(s, c), _temperature(s, c, thinking=False)
    known = model is not None and PREDICATES["temperature-by-thinking"](model)
    return known and fixed is not None and _differs(s.asked["temperature"], fixed)


def _fixed_value(s: Sight, c: Contract) -> bool:
    """Whether a member has the one value that it may have; which others have is not asked."""
    fixed = _temperature(s, c, thinking=not thinking_off(s))
    warm = fixed is not None and _same(s.asked["temperature"], fixed)
    model = model_of(s, c)
    rules = {name: getattr(model.sampling, name) if model and model.sampling else None for name in FIXED}
    return warm or any(_number(s.asked.get(name)) and s.asked[name] == only for name, only in rules.items())


def _other(member: str) -> When:
    def asked(s: Sight, c: Contract) -> bool:
        model, value = model_of(s, c), s.asked.get(member)
        fixed = getattr(model.sampling, member) if model and model.sampling else None
        return fixed is not None and _number(value) and _differs(value, fixed)

    return asked


def _k3(member: str) -> When:
    def asked(s: Sight, c: Contract) -> bool:
        model = model_of(s, c)
        return model is not None and model.id == "kimi-k3" and bool(s.asked.get(member))

    return asked


def _names_sampling(s: Sight, _c: Contract) -> bool:
    members = {"temperature", "top_p", "n", "presence_penalty", "frequency_penalty"}
    return s.face == "chat" and s.status == 400 and bool(members & s.asked.keys())  # noqa: PLR2004 - RFC 9110, 15.5.1


refusal("api.sampling.temperature-fixed", _other_temperature, names=r"temperature.*\b1\b")
refusal(
    "api.sampling.temperature-0.6-without-thinking", _other_temperature_without_thinking, names=r"temperature.*\b0\.6\b"
)
for name, requirement in FIXED.items():
    refusal(requirement, _other(name), names=rf"\b{name}\b|only ")
refusal("api.sampling.logprobs-refused", _k3("logprobs"), names="logprobs")
refusal("api.sampling.logit-bias-refused", _k3("logit_bias"), names="logit_bias")


@law(
    "api.sampling.fixed-value-accepted",
    when=lambda s, c: judged(s) and _fixed_value(s, c) and (s.ok or keeps(s, c)),
)
def fixed_value_accepted(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The one value that is allowed is accepted."""
    yield from served(s)


@law("api.sampling.refused-before-inference", when=_names_sampling)
def refused_before_inference(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A refused value costs nothing: the answer is an error, and has no usage."""
    for member in ("usage", "choices"):
        if member in s.answer:
            message = f"a refused request has {member}: it was worked on"
            yield Flaw("an error and nothing else", f"a member {member}", f"response /{member}", message)
