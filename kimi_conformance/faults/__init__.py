"""Deliberate defects of the reference router, by id: the suite is worth what it notices of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults import (
    alerts,
    aside,
    breaking,
    delivery,
    echo,
    errors,
    fallback,
    history,
    leaving,
    members,
    memory,
    messages_answer,
    messages_request,
    messages_stream,
    models,
    odd_names,
    plan,
    portkey,
    reading,
    response,
    retry,
    rows,
    sampling,
    secret,
    stream,
    stream_life,
    table,
    tools,
)
from kimi_conformance.faults.fault import Fault
from kimi_conformance.reference import STEPS, config_from_env, create

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kimi_conformance.reference.asgi import App

__all__ = ["FAULTS", "Fault", "app_from_env"]


def app_from_env() -> App:
    """The reference router with the fault that REFERENCE_FAULT names: a factory for ASGI servers."""
    return create(config_from_env(), FAULTS[os.environ["REFERENCE_FAULT"]].apply(STEPS))


def _by_id(faults: Iterable[Fault]) -> Mapping[str, Fault]:
    found: dict[str, Fault] = {}
    for fault in faults:
        if fault.id in found:
            raise ValueError(f"two faults are called {fault.id}")
        found[fault.id] = fault
    return found


_MODULES: Final = (
    plan,
    odd_names,
    table,
    memory,
    sampling,
    members,
    history,
    tools,
    reading,
    delivery,
    models,
    portkey,
    secret,
    echo,
    response,
    stream,
    stream_life,
    leaving,
    messages_request,
    messages_answer,
    messages_stream,
    errors,
    breaking,
    retry,
    fallback,
    rows,
    aside,
    alerts,
)

FAULTS: Final = _by_id(value for module in _MODULES for value in vars(module).values() if isinstance(value, Fault))
