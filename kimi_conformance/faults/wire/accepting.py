"""Answers where a refusal belongs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.wire.whole import holding, response, typed, written
from kimi_conformance.faults.wire.wire_fault import wire

if TYPE_CHECKING:
    from kimi_conformance.exchange import Exchange
    from kimi_conformance.faults.wire.wire_fault import Apply

from dataclasses import replace

RULES: Final = (
    "api.chat.empty-messages-refused",
    "api.chat.empty-assistant-refused",
    "api.chat.stop-at-most-five",
    "api.chat.remote-image-refused",
    "api.sampling.temperature-fixed",
    "api.sampling.temperature-0.6-without-thinking",
    "api.sampling.top-p-fixed",
    "api.sampling.n-fixed",
    "api.sampling.presence-penalty-fixed",
    "api.sampling.frequency-penalty-fixed",
    "api.sampling.logprobs-refused",
    "api.sampling.logit-bias-refused",
    "api.thinking.disable-refused",
    "api.thinking.reasoning-sent-back",
    "api.tools.required-refused-while-thinking",
    "api.tools.named-refused-while-thinking",
    "api.tools.unknown-choice-refused",
    "api.tools.required-without-tools-refused",
    "api.tools.unknown-type-refused",
    "api.tools.function-name-checked",
    "api.tools.schema-flavour-checked",
    "api.tools.tool-call-id-needed",
    "api.tools.dynamic-tools-placed",
    "api.response-format.json-schema-needs-name",
    "api.response-format.unknown-type-refused",
    "api.messages.named-tool-refused",
    "api.responses.effort-checked",
    "api.responses.tool-choice-only-auto",
    "api.responses.temperature-fixed",
    "api.responses.json-object-refused",
    "api.responses.cache-retention-refused",
    "api.files.bad-purpose-refused",
)
"""What requires a refusal."""
KEYS: Final = (
    "api.auth.invalid-key-401",
    "api.hosts.ai-key-on-cn-401",
    "api.hosts.cn-key-on-ai-401",
    "api.hosts.missing-key-401-other-type",
    "api.hosts.platform-key-on-coding-401",
    "api.hosts.coding-key-on-platform-401",
)
"""What requires a 401."""
GONE: Final = (
    "api.lifecycle.retired-404",
    "api.lifecycle.never-404",
    "api.coding.ids-only-here",
    "api.messages.unknown-model-404",
)
"""What requires the 404 of a model."""
NOWHERE: Final = ("api.errors.unknown-path", "api.errors.wrong-method", "api.messages.models-path-404")
"""What requires the gateway's error."""


def accepted(*refused: int) -> Apply:
    """What was refused with one of these is answered, as if all were well."""

    def apply(exchange: Exchange) -> Exchange:
        if exchange.status not in refused:
            raise LookupError("not refused")
        made = written(_healthy(exchange))
        return response(lambda found: holding(typed(replace(found, status=200), "application/json"), made))(exchange)

    return apply


def _healthy(exchange: Exchange) -> dict[str, Any]:
    """An answer that any request on that path could have."""
    try:
        asked = json.loads(exchange.request.body)
    except ValueError:
        asked = {}
    model, path = asked.get("model", "kimi-k3"), exchange.request.url
    if path.endswith("/chat/completions"):
        message = {"role": "assistant", "content": "Certainly.", "reasoning_content": "Why not?"}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        used = {"prompt_tokens": 9, "completion_tokens": 8, "total_tokens": 17}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1788396033, "model": model}
        return {**head, "choices": choices, "usage": used}
    if path.endswith("/messages"):
        said = [{"type": "text", "text": "Certainly."}]
        head = {"id": "chatcmpl-1", "type": "message", "role": "assistant", "model": model, "content": said}
        return {**head, "stop_reason": "end_turn", "usage": {"input_tokens": 9, "output_tokens": 8}}
    if path.endswith("/files"):
        head = {"id": "file_1", "object": "file", "bytes": 4, "created_at": 1788396033, "filename": "a.txt"}
        return {**head, "purpose": "file-extract", "status": "ready"}
    return {"object": "list", "data": [{"id": "kimi-k3", "object": "model"}]}


FAULTS: Final = (
    wire("accept-everything", "What breaks a rule is answered.", accepted(400, 404), *RULES, on="refused/*"),
    wire("accept-any-key", "No key is refused.", accepted(401), *KEYS, on="key/*"),
    wire("accept-any-model", "A model that is not there is answered.", accepted(404), *GONE, on="gone/model-*"),
    wire("accept-any-path", "Every path and method is there.", accepted(404, 405), *NOWHERE, on="gone/path-*"),
    wire(
        "accept-unknown-model-on-responses",
        "A model that is not there is answered on the Responses face.",
        accepted(400),
        "api.responses.unknown-model-400",
        on="responses-unknown-model",
    ),
)
