"""Sampling: values that a model fixes are refused where they are others, and accepted where they are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material

FIXED = ("top-p", "n", "presence-penalty", "frequency-penalty")


@cases_of("api.sampling.temperature-fixed")
def temperature_fixed(m: Material) -> Iterator[Case]:
    """0.6 to every model with a fixed temperature, and to kimi-k3 some more; without it the request is accepted."""
    for model in m.each("fixed-temperature"):
        twins = m.named(f"chat/{model.id}-hello")
        yield case(m[f"sampling/{model.id}-temperature-0.6"], twins=twins, model=model.id, temperature="0.6")
    for value in ("0.3", "9.9"):
        call = m[f"sampling/kimi-k3-temperature-{value}"]
        yield case(call, twins=m.named("chat/kimi-k3-hello"), model="kimi-k3", temperature=value)


@cases_of("api.sampling.temperature-0.6-without-thinking")
def temperature_06_without_thinking(m: Material) -> Iterator[Case]:
    """Without thinking 1 is refused, and 0.6 accepted."""
    for model in m.each("temperature-by-thinking"):
        twins = m.named(f"sampling/{model.id}-no-thinking-0.6")
        yield case(m[f"sampling/{model.id}-no-thinking-1"], twins=twins, model=model.id, temperature="1")


@cases_of("api.sampling.fixed-value-accepted")
def fixed_value_accepted(m: Material) -> Iterator[Case]:
    """The one temperature that is allowed: while thinking, and without; and the one number of choices."""
    yield from each(m.named("sampling/kimi-k3-temperature-1", "sampling/kimi-k3-n-1"))
    for model in m.each("temperature-by-thinking"):
        yield from each(m.named(f"sampling/{model.id}-no-thinking-0.6"))


def _fixed(m: Material, name: str) -> Iterator[Case]:
    yield case(m[f"sampling/kimi-k3-{name}"], twins=m.named("chat/kimi-k3-hello"), model="kimi-k3")


top_p_fixed = cases_of("api.sampling.top-p-fixed")(lambda m: _fixed(m, "top-p"))
n_fixed = cases_of("api.sampling.n-fixed")(lambda m: _fixed(m, "n"))
presence_penalty_fixed = cases_of("api.sampling.presence-penalty-fixed")(lambda m: _fixed(m, "presence-penalty"))
frequency_penalty_fixed = cases_of("api.sampling.frequency-penalty-fixed")(lambda m: _fixed(m, "frequency-penalty"))
logprobs_refused = cases_of("api.sampling.logprobs-refused")(lambda m: _fixed(m, "logprobs"))
logit_bias_refused = cases_of("api.sampling.logit-bias-refused")(lambda m: _fixed(m, "logit-bias"))


@cases_of("api.sampling.refused-before-inference")
def refused_before_inference(m: Material) -> Iterator[Case]:
    """Every refused value: an error and nothing else."""
    names = ("temperature-0.6", *FIXED)
    yield from each(m.named(*(f"sampling/kimi-k3-{name}" for name in names)), m["chat/kimi-k3-hello"])
