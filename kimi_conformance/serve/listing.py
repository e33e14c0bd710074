"""The lists of models, made from the catalogue: what the host serves on the day (facts 2.4, evidence 066)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.catalogue import live
from kimi_conformance.upstream.kimi_models import row, thinking
from kimi_conformance.upstream.kimi_wire import JSON, headers
from kimi_conformance.upstream.script import json_answer

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Model
    from kimi_conformance.contract.model_rules import Effort
    from kimi_conformance.serve.call import Call
    from kimi_conformance.upstream.script import Script

SHOWN: Final = {
    "kimi-for-coding": "K2.8 Preview",
    "kimi-for-coding-highspeed": "K2.7 Code Highspeed",
    "k3-256k": "K3-256k",
}
"""Names on the coding host in September 2026; of a model that was not listed then its id: modelled."""
UNDATED: Final = ("k3-256k",)
"""Rows without `created`."""

UNKNOWN_CONTEXT: Final = 1048576
"""Of a model whose context under the plan is not published: modelled, that of its twin on the platform."""


def models(call: Call) -> Script:
    """The platform's list; to an account without funds too, which is modelled: nobody has published either."""
    rows = [entry(model) for model in live(call.config.catalogue, "platform", call.config.on)]
    return json_answer(200, {"object": "list", "data": rows}, headers(JSON))


def entry(model: Model) -> dict[str, Any]:
    """One row; the members on thinking where the model has efforts. What is unknown of a model is false: modelled."""
    can = model.capabilities
    seen = row(
        model.id,
        context=model.context,
        image=bool(can.image_in),
        video=bool(can.video_in),
        reasoning=bool(can.reasoning),
    )
    effort = model.thinking and model.thinking.effort
    return {**seen, **thinking(efforts(effort), dynamic_tools=bool(can.dynamic_tools))} if effort else seen


def coding_models(call: Call) -> Script:
    """The coding host's list."""
    rows = [coding_entry(model) for model in live(call.config.catalogue, "coding", call.config.on)]
    return json_answer(200, {"data": rows, "object": "list", "has_more": False}, headers(JSON))


def coding_entry(model: Model) -> dict[str, Any]:
    """One row of it."""
    can, effort = model.capabilities, model.thinking and model.thinking.effort
    return {
        "id": model.id,
        **({} if model.id in UNDATED else {"created": 1761264000}),
        "object": "model",
        "display_name": SHOWN.get(model.id, model.id),
        "type": "model",
        "context_length": model.context or UNKNOWN_CONTEXT,
        "supports_reasoning": bool(can.reasoning),
        "supports_image_in": bool(can.image_in),
        "supports_video_in": bool(can.video_in),
        "supports_dynamic_tools": bool(can.dynamic_tools),
        "supports_thinking_type": "only",
        **({"think_efforts": efforts(effort)} if effort else {}),
    }


def efforts(effort: Effort) -> dict[str, Any]:
    """The efforts of a model as its row says them."""
    return {"support": True, "valid_efforts": list(effort.values), "default_effort": effort.default}
