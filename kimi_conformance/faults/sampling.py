"""Faults of a router that has views on sampling."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from kimi_conformance.faults.bodies import body, chat_body, value_of, without
from kimi_conformance.faults.fault import fault

if TYPE_CHECKING:
    from kimi_conformance.faults.bodies import Object

temperature = value_of("temperature")


@fault("request.temperature-scaled", temperature, "router.request.temperature-untouched")
def temperature_scaled(sent: float) -> float:
    """Temperatures go out at 0.6 of their value, as on Kimi's Anthropic-compatible face."""
    return sent * 0.6


@fault("request.temperature-0.6-injected", body, "router.request.temperature-untouched")
def temperature_06_injected(members: Object) -> Object:
    """A request without temperature goes out with 0.6."""
    return {"temperature": 0.6, **members}


@fault("request.temperature-1-injected", body, "router.request.temperature-untouched")
def temperature_1_injected(members: Object) -> Object:
    """A request without temperature goes out with 1."""
    return {"temperature": 1, **members}


@fault("request.temperature-clamped", temperature, "router.request.temperature-untouched")
def temperature_clamped(sent: float) -> float:
    """Temperatures are kept between 0.01 and 1."""
    return min(max(sent, 0.01), 1)


@fault("request.temperature-in-32-bits", temperature, "router.request.temperature-untouched", warns=True)
def temperature_in_32_bits(sent: float) -> Any:
    """Temperatures go through a float of 32 bits: 0.6 goes out as 0.6000000238418579."""
    return struct.unpack("f", struct.pack("f", sent))[0]


@fault("request.temperature-as-text", temperature, "router.request.temperature-untouched")
def temperature_as_text(sent: float) -> str:
    """Temperatures go out as strings."""
    return str(sent)


@fault("request.temperature-dropped", body, "router.request.temperature-untouched")
def temperature_dropped(members: Object) -> Object:
    """No temperature goes out, of models that leave it free neither."""
    return without(members, "temperature")


@fault("request.top-p-dropped", body, "router.request.sampling-untouched")
def top_p_dropped(members: Object) -> Object:
    """No top_p goes out."""
    return without(members, "top_p")


@fault("request.n-injected", body, "router.request.sampling-untouched")
def n_injected(members: Object) -> Object:
    """A request without n goes out with 1."""
    return {"n": 1, **members}


@fault("request.bound-injected", body, "router.request.sampling-untouched")
def bound_injected(members: Object) -> Object:
    """A request without max_tokens goes out with 4096."""
    return {"max_tokens": 4096, **members}


@fault("request.bound-lowered", value_of("max_tokens"), "router.request.sampling-untouched")
def bound_lowered(sent: int) -> int:
    """max_tokens is never more than 256."""
    return min(sent, 256)


@fault("request.bound-renamed", chat_body, "router.request.sampling-untouched", warns=True)
def bound_renamed(members: Object) -> Object:
    """max_tokens goes out as max_completion_tokens."""
    return {"max_completion_tokens" if name == "max_tokens" else name: value for name, value in members.items()}


@fault("request.bound-renamed-back", chat_body, "router.request.sampling-untouched", warns=True)
def bound_renamed_back(members: Object) -> Object:
    """max_completion_tokens goes out as max_tokens."""
    return {"max_tokens" if name == "max_completion_tokens" else name: value for name, value in members.items()}


@fault("request.stop-as-text", value_of("stop"), "router.request.sampling-untouched")
def stop_as_text(sent: list[str]) -> str:
    """A list of stop words goes out as its first."""
    return sent[0]
