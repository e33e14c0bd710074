"""The rules that models follow, which the catalogue names: sampling, thinking and effort, the choice of tools."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from kimi_conformance.contract.frozen import Frozen


class Temperature(Frozen):
    """The only temperature that is allowed while the model thinks, and while it does not."""

    thinking: float
    otherwise: float


class TemperatureRange(Frozen):
    """A temperature of the caller's choice, within `low` and `high`; `default` where the request has none."""

    low: float
    high: float
    default: float

    @model_validator(mode="after")
    def _in_range(self) -> TemperatureRange:
        if not self.low <= self.default <= self.high:
            raise ValueError("a temperature_range needs low <= default <= high")
        return self


class Sampling(Frozen):
    """What a model allows of the sampling parameters: a fixed `temperature`, or any of `temperature_range`.

    The others are fixed too: the only value that is allowed, None where it is free or unknown.
    """

    temperature: Temperature | None = None
    temperature_range: TemperatureRange | None = None
    top_p: float | None = None
    n: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None

    @model_validator(mode="after")
    def _fixed_or_free(self) -> Sampling:
        if (self.temperature is None) == (self.temperature_range is None):
            raise ValueError("sampling takes exactly one of 'temperature' and 'temperature_range'")
        return self


class Effort(Frozen):
    """The values of `reasoning_effort`, and which of them holds where the request has none."""

    values: tuple[str, ...] = Field(min_length=1)
    default: str
    unknown: Literal["accepted", "refused"] | None = None

    @model_validator(mode="after")
    def _default_is_a_value(self) -> Effort:
        if self.default not in self.values:
            raise ValueError(f"the default effort {self.default!r} is none of the values")
        return self


class Thinking(Frozen):
    """What becomes of `thinking: {type: disabled}`, and of `reasoning_effort`. None where nobody knows.

    `ignores_effort`: the model has no efforts; the member is accepted and changes nothing.
    """

    disable: Literal["honoured", "refused"] | None = None
    effort: Effort | None = None
    ignores_effort: Literal[True] | None = None


Choice = Literal["auto", "none", "required", "named"]


class ToolChoice(Frozen):
    """The values of `tool_choice` that are accepted while the model thinks, and while it does not.

    `named` stands for an object that names a function. No `otherwise`: it always thinks.
    """

    thinking: tuple[Choice, ...]
    otherwise: tuple[Choice, ...] | None = None
