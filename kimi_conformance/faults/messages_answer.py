"""Faults of a router that translates answers of the chat wire for clients of /v1/messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.fault import fault
from kimi_conformance.faults.translating import FAILED, answered, error, events, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.faults.translating import Event, Object
    from kimi_conformance.reference.call import Reply

TEXT: Final = "router.messages.text-returned"
THINKING: Final = "router.messages.reasoning-becomes-thinking"
CALLS: Final = "router.messages.tool-calls-become-tool-use"
STOP: Final = "router.messages.stop-reason-translated"
USAGE: Final = "router.messages.usage-translated"
SHAPE: Final = "router.messages.error-shape"
KEPT: Final = "router.messages.error-message-kept"
APART: Final = "router.messages.rate-limits-told-apart"


@fault("messages.thinking-in-text", message, TEXT)
def thinking_in_text(told: Object) -> Object:
    """The reasoning comes back in the text, between tags."""
    thoughts = "".join(block["thinking"] for block in told["content"] if block["type"] == "thinking")
    rest = [block for block in told["content"] if block["type"] != "thinking"]
    return {**told, "content": [{"type": "text", "text": f"<think>{thoughts}</think>"}, *rest]}


@fault("messages.words-lost", events, TEXT)
def words_lost(before: list[Event], event: Event) -> Iterator[Event]:
    """The first piece of a streamed text is lost."""
    first = event["type"] == "content_block_delta" and before[-1]["type"] == "content_block_start"
    if not (first and event["delta"]["type"] == "text_delta"):
        yield event


@fault("messages.no-thinking", message, THINKING, warns=True)
def no_thinking(told: Object) -> Object:
    """The reasoning does not come back."""
    return {**told, "content": [block for block in told["content"] if block["type"] != "thinking"]}


@fault("messages.call-ids-made-anew", message, CALLS)
def call_ids_made_anew(told: Object) -> Object:
    """Calls come back with ids of the router's own."""
    renamed = [
        {**block, "id": f"toolu_{number:024d}"} if block["type"] == "tool_use" else block
        for number, block in enumerate(told["content"])
    ]
    return {**told, "content": renamed}


@fault("messages.calls-merged", events, CALLS)
def calls_merged(before: list[Event], event: Event) -> Iterator[Event]:
    """Two calls at once come back as one: the second's pieces follow the first's."""
    blocks = [each["content_block"]["type"] for each in [*before, event] if each["type"] == "content_block_start"]
    second = blocks.count("tool_use") > 1
    if event["type"] == "content_block_stop" and blocks[-1:] == ["tool_use"] and not second:
        return
    if not (second and event["type"] == "content_block_start"):
        late = event.get("index") is not None and second
        yield {**event, "index": event["index"] - 1} if late else event


@fault("messages.first-call-only", message, CALLS)
def first_call_only(told: Object) -> Object:
    """Of several calls the first comes back."""
    first = next((block for block in told["content"] if block["type"] == "tool_use"), None)
    kept = [block for block in told["content"] if block["type"] != "tool_use" or block is first]
    return {**told, "content": kept}


@fault("messages.input-as-text", message, CALLS)
def input_as_text(told: Object) -> Object:
    """Calls come back with an input that is a text, and not the object itself."""
    content = [
        {**block, "input": str(block["input"])} if block["type"] == "tool_use" else block for block in told["content"]
    ]
    return {**told, "content": content}


@fault("messages.always-end-turn", message, STOP)
def always_end_turn(told: Object) -> Object:
    """Whatever ended the answer, it is told as `end_turn`."""
    return {**told, "stop_reason": "end_turn"}


@fault("messages.stream-always-ends-turn", events, STOP)
def stream_always_ends_turn(_before: list[Event], event: Event) -> Iterator[Event]:
    """The same of a stream."""
    ended = {**event, "delta": {**event.get("delta", {}), "stop_reason": "end_turn"}}
    yield ended if event["type"] == "message_delta" else event


@fault("messages.stop-as-it-was", message, STOP)
def stop_as_it_was(told: Object) -> Object:
    """Why the answer ended is told in the words of the chat wire."""
    words = {"end_turn": "stop", "max_tokens": "length", "tool_use": "tool_calls", "refusal": "content_filter"}
    return {**told, "stop_reason": words[told["stop_reason"]]}


@fault("messages.usage-zero", message, USAGE)
def usage_zero(told: Object) -> Object:
    """Nothing was counted."""
    return {**told, "usage": dict.fromkeys(told["usage"], 0)}


@fault("messages.stream-usage-zero", events, USAGE)
def stream_usage_zero(_before: list[Event], event: Event) -> Iterator[Event]:
    """Nothing was counted in a stream."""
    yield {**event, "usage": dict.fromkeys(event["usage"], 0)} if "usage" in event else event


@fault("messages.cache-counted-twice", message, USAGE, warns=True)
def cache_counted_twice(told: Object) -> Object:
    """The tokens from the cache are told beside the input and within it."""
    used = told["usage"]
    return {**told, "usage": {**used, "input_tokens": used["input_tokens"] + used["cache_read_input_tokens"]}}


@fault("messages.another-model", message, "router.messages.model-named")
def another_model(told: Object) -> Object:
    """The answer names a Claude."""
    return {**told, "model": "claude-sonnet-4-5"}


@fault("messages.completion-returned", message, "router.messages.answer-shape", TEXT)
def completion_returned(told: Object) -> Object:
    """A whole answer comes back as the chat wire has it."""
    text = "".join(block["text"] for block in told["content"] if block["type"] == "text")
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": told["id"], "object": "chat.completion", "model": told["model"], "choices": [choice]}


@fault("messages.error-as-200", answered, "router.messages.error-status-kept")
def error_as_200(reply: Reply, body: bytes) -> tuple[int, bytes]:
    """Errors come back as 200."""
    return 200 if reply.status >= FAILED else reply.status, body


@fault("messages.error-as-500", answered, "router.messages.error-status-kept")
def error_as_500(reply: Reply, body: bytes) -> tuple[int, bytes]:
    """Errors come back as 500."""
    return 500 if reply.status >= FAILED else reply.status, body


@fault("messages.error-in-openais-shape", error, SHAPE)
def error_in_openais_shape(told: Object) -> Object:
    """Errors come back in the shape of the chat wire."""
    return {"error": told["error"]}


@fault("messages.error-without-reason", error, KEPT)
def error_without_reason(told: Object) -> Object:
    """What the upstream says is wrong is replaced by the type of the error."""
    return {**told, "error": {**told["error"], "message": f"Provider error: {told['error']['type']}"}}


@fault("messages.limits-alike", error, APART, warns=True)
def limits_alike(told: Object) -> Object:
    """Every error is told in the same words."""
    return {**told, "error": {"type": "rate_limit_error", "message": "Too many requests"}}
