"""The acts of the stand-ins, by name. Each module registers its own."""

from kimi_conformance.upstream.acts import (  # each registers its own
    contents,
    cuts,
    errors,
    garbled,
    packets,
    responses,
    streams,
    transport,
)
from kimi_conformance.upstream.acts.act import ACTS, Act, Heard, act, said

__all__ = [
    "ACTS",
    "Act",
    "Heard",
    "act",
    "contents",
    "cuts",
    "errors",
    "garbled",
    "packets",
    "responses",
    "said",
    "streams",
    "transport",
]
