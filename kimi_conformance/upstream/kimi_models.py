"""The list of models as Kimi gives it (facts 2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MODELS = (
    "kimi-k3.1-pro",
    "kimi-k3.1-pro-highspeed",
    "kimi-k3",
    "kimi-k2.7-code",
    "kimi-k2.7-code-highspeed",
    "kimi-k2.6",
)
"""The ids of November 2026."""

EFFORTS = {"support": True, "valid_efforts": ["low", "high", "max"], "default_effort": "max"}


def listing(ids: Iterable[str]) -> dict[str, Any]:
    """The body of `GET /v1/models`."""
    return {"object": "list", "data": [entry(id_) for id_ in ids]}


def entry(id_: str) -> dict[str, Any]:
    """One model. The members on thinking stand on the K3 line only; K3.1 has neither video nor dynamic tools."""
    k3, k31 = id_.startswith("kimi-k3"), id_.startswith("kimi-k3.1")
    seen = row(id_, context=1048576 if k3 else 262144, image=True, video=not k31, reasoning=True)
    return {**seen, **thinking(EFFORTS, dynamic_tools=not k31)} if k3 else seen


def row(id_: str, *, context: int | None, image: bool, video: bool, reasoning: bool) -> dict[str, Any]:
    """The members that every row has; without `context_length` where nobody knows it."""
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
        "supports_image_in": image,
        "supports_video_in": video,
        "supports_reasoning": reasoning,
    }
    return seen if context is None else {**seen, "context_length": context}


def thinking(efforts: dict[str, Any], *, dynamic_tools: bool) -> dict[str, Any]:
    """The members that rows of the K3 line have besides."""
    return {
        "supports_dynamic_tools": dynamic_tools,
        "supports_thinking_type": "only",
        "think_efforts": efforts,
        "reasoning_efforts": efforts,
    }
