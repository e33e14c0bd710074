"""The acts of the stand-ins, by name. Each module registers its own."""

from kimi_conformance.upstream.acts import (  # each registers its own
    aside,
    changing,
    contents,
    cuts,
    errors,
    garbled,
    packets,
    responses,
    streams,
    transport,
    wordy,
)
from kimi_conformance.upstream.acts.act import ACTS, Act, Heard, act, said

__all__ = [
    "ACTS",
    "Act",
    "Heard",
    "act",
    "aside",
    "changing",
    "contents",
    "cuts",
    "errors",
    "garbled",
    "packets",
    "responses",
    "said",
    "streams",
    "transport",
    "wordy",
]
