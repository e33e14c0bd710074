"""What a chat request is refused for, in order: the first that holds is told. The order is modelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.serve import refusals_format, refusals_messages, refusals_sampling, refusals_tools

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.serve.asking import Asked
    from kimi_conformance.upstream.kimi_wire import Problem

CHECKS: Final[tuple[Callable[[Asked], Problem | None], ...]] = (
    refusals_sampling.thinking,
    refusals_sampling.temperature,
    refusals_sampling.fixed,
    refusals_sampling.unsupported,
    refusals_sampling.stop,
    refusals_sampling.budget,
    refusals_messages.roles,
    refusals_messages.empty_assistant,
    refusals_messages.empty_text,
    refusals_messages.images,
    refusals_messages.partial,
    refusals_messages.answered_calls,
    refusals_messages.reasoning_sent_back,
    refusals_tools.placed,
    refusals_tools.declared,
    refusals_tools.choice,
    refusals_format.response_format,
    refusals_messages.context,
)


def refusal(asked: Asked) -> Problem | None:
    """Why the request is refused, if so."""
    return next((problem for check in CHECKS if (problem := check(asked))), None)
