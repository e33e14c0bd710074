"""The acts of the stand-ins, by name. Each module registers its own."""

from kimi_conformance.upstream.acts import errors, garbled, streams, transport
from kimi_conformance.upstream.acts.act import ACTS, Act, Heard, act, said

__all__ = ["ACTS", "Act", "Heard", "act", "errors", "garbled", "said", "streams", "transport"]
