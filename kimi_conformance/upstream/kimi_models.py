"""The list of models as Kimi gives it (facts 2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MODELS = ("kimi-k3", "kimi-k2.7-code", "kimi-k2.7-code-highspeed", "kimi-k2.6")
"""The four ids of September 2026."""

EFFORTS = {"support": True, "valid_efforts": ["low", "high", "max"], "default_effort": "max"}


def listing(ids: Iterable[str]) -> dict[str, Any]:
    """The body of `GET /v1/models`."""
    return {"object": "list", "data": [entry(id_) for id_ in ids]}


def entry(id_: str) -> dict[str, Any]:
    """One model. The members on thinking stand on the K3 line only."""
    k3 = id_.startswith("kimi-k3")
    seen = {
        "created": 1788143653,
        "id": id_,
        "object": "model",
        "owned_by": "moonshot",
        "permission": [
            {
                "created": 0,
                "id": "",
                "object": "",
                "organization": "moonshot",
                "group": "moonshot",
                "is_blocking": False,
            }
        ],
        "root": "",
        "parent": "",
        "supports_image_in": True,
        "supports_video_in": True,
        "supports_reasoning": True,
        "context_length": 1048576 if k3 else 262144,
    }
    thinking = {
        "supports_dynamic_tools": True,
        "supports_thinking_type": "only",
        "think_efforts": EFFORTS,
        "reasoning_efforts": EFFORTS,
    }
    return {**seen, **thinking} if k3 else seen
