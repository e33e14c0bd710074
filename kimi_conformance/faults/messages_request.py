"""Faults of a router that translates messages requests for the chat wire."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.bodies import without
from kimi_conformance.faults.fault import fault
from kimi_conformance.faults.translating import outgoing, outgoing_call, outgoing_message

if TYPE_CHECKING:
    from kimi_conformance.faults.translating import Object

SYSTEM: Final = "router.messages.system-translated"
TEXT: Final = "router.messages.text-translated"
REASONING: Final = "router.messages.thinking-becomes-reasoning"
TOOLS: Final = "router.messages.tools-translated"
CHOICE: Final = "router.messages.tool-choice-translated"
CALLS: Final = "router.messages.tool-use-ids-kept"
RESULTS: Final = "router.messages.tool-results-translated"


@fault("messages.system-dropped", outgoing, SYSTEM)
def system_dropped(body: Object, _sent: Object) -> Object:
    """The system prompt does not go out."""
    return {**body, "messages": [message for message in body["messages"] if message["role"] != "system"]}


@fault("messages.system-last", outgoing, SYSTEM)
def system_last(body: Object, _sent: Object) -> Object:
    """The system prompt stands behind the conversation."""
    return {**body, "messages": sorted(body["messages"], key=lambda message: message["role"] == "system")}


@fault("messages.system-to-user", outgoing_message, SYSTEM)
def system_to_user(message: Object) -> Object:
    """The system prompt goes out as a message of the user's."""
    return {**message, "role": "user"} if message["role"] == "system" else message


@fault("messages.first-block-of-system", outgoing_message, SYSTEM)
def first_block_of_system(message: Object) -> Object:
    """Of a system prompt in blocks the first goes out."""
    several = message["role"] == "system" and isinstance(message["content"], list)
    return {**message, "content": message["content"][0]["text"]} if several else message


@fault("messages.own-system", outgoing, SYSTEM)
def own_system(body: Object, _sent: Object) -> Object:
    """The router begins every conversation with a prompt of its own."""
    return {**body, "messages": [{"role": "system", "content": "Answer in English."}, *body["messages"]]}


@fault("messages.system-as-a-member", outgoing, SYSTEM)
def system_as_a_member(body: Object, sent: Object) -> Object:
    """`system` goes out as a member, where the chat wire has none."""
    kept = [message for message in body["messages"] if message["role"] != "system"]
    return {**body, "messages": kept, **({"system": sent["system"]} if "system" in sent else {})}


@fault("messages.first-block-of-text", outgoing_message, TEXT)
def first_block_of_text(message: Object) -> Object:
    """Of a message in blocks the first goes out."""
    content = message["content"]
    return {**message, "content": content[0].get("text", "")} if isinstance(content, list) and content else message


@fault("messages.blocks-as-json", outgoing_message, TEXT)
def blocks_as_json(message: Object) -> Object:
    """Content in blocks goes out as the JSON of them."""
    content = message["content"]
    return {**message, "content": json.dumps(content)} if isinstance(content, list) else message


@fault("messages.prefill-dropped", outgoing, TEXT)
def prefill_dropped(body: Object, _sent: Object) -> Object:
    """An answer that the client has begun does not go out."""
    messages = body["messages"]
    return {**body, "messages": messages[:-1] if messages[-1]["role"] == "assistant" else messages}


@fault("messages.thinking-dropped", outgoing_message, REASONING)
def thinking_dropped(message: Object) -> Object:
    """What was thought does not go out."""
    return without(message, "reasoning_content")


@fault("messages.thinking-into-text", outgoing_message, REASONING, TEXT)
def thinking_into_text(message: Object) -> Object:
    """What was thought goes out as text, before it what was said."""
    thought = message.get("reasoning_content")
    if thought is None:
        return message
    content = f"<think>{thought}</think>{message['content']}"
    return {**without(message, "reasoning_content"), "content": content}


@fault("messages.images-dropped", outgoing_message, "router.messages.images-translated", warns=True)
def images_dropped(message: Object) -> Object:
    """Pictures do not go out."""
    content = message["content"]
    if not isinstance(content, list):
        return message
    return {**message, "content": [part for part in content if part["type"] == "text"]}


@fault("messages.schema-emptied", outgoing, TOOLS)
def schema_emptied(body: Object, _sent: Object) -> Object:
    """Functions go out without what their schemas say of the parameters."""
    empty = {"type": "object", "properties": {}}
    tools = [{**tool, "function": {**tool["function"], "parameters": empty}} for tool in body.get("tools", ())]
    return {**body, "tools": tools} if tools else body


@fault("messages.schema-tidied", outgoing, TOOLS)
def schema_tidied(body: Object, _sent: Object) -> Object:
    """`format` and `additionalProperties` are taken out of schemas, as for another provider."""

    def tidied(schema: Object) -> Object:
        kept = without(schema, "format", "additionalProperties")
        return {name: tidied(value) if isinstance(value, dict) else value for name, value in kept.items()}

    tools = [
        {**tool, "function": {**tool["function"], "parameters": tidied(tool["function"]["parameters"])}}
        for tool in body.get("tools", ())
    ]
    return {**body, "tools": tools} if tools else body


@fault("messages.tools-as-they-were", outgoing, TOOLS)
def tools_as_they_were(body: Object, sent: Object) -> Object:
    """Tools go out in Anthropic's form."""
    return {**body, "tools": sent["tools"]} if "tools" in sent else body


@fault("messages.choice-dropped", outgoing, CHOICE)
def choice_dropped(body: Object, _sent: Object) -> Object:
    """`tool_choice` does not go out."""
    return without(body, "tool_choice")


@fault("messages.choice-as-it-was", outgoing, CHOICE)
def choice_as_it_was(body: Object, sent: Object) -> Object:
    """`tool_choice` goes out in Anthropic's form."""
    return {**body, "tool_choice": sent["tool_choice"]} if "tool_choice" in sent else body


@fault("messages.any-becomes-auto", outgoing, CHOICE)
def any_becomes_auto(body: Object, _sent: Object) -> Object:
    """`any` goes out as `auto`."""
    return {**body, "tool_choice": "auto"} if body.get("tool_choice") == "required" else body


@fault("messages.ids-made-anew", outgoing_call, CALLS)
def ids_made_anew(call: Object) -> Object:
    """Calls go out with ids of the router's own."""
    return {**call, "id": f"call_{uuid.uuid4().hex}"}


@fault("messages.arguments-encoded-twice", outgoing_call, CALLS)
def arguments_encoded_twice(call: Object) -> Object:
    """Arguments go out as the JSON of their JSON."""
    function = call["function"]
    return {**call, "function": {**function, "arguments": json.dumps(function["arguments"])}}


@fault("messages.arguments-as-an-object", outgoing_call, CALLS)
def arguments_as_an_object(call: Object) -> Object:
    """Arguments go out as an object, where the chat wire has a text."""
    function = call["function"]
    return {**call, "function": {**function, "arguments": json.loads(function["arguments"])}}


@fault("messages.arguments-in-pythons-words", outgoing_call, CALLS)
def arguments_in_pythons_words(call: Object) -> Object:
    """Arguments go out as Python writes an object."""
    function = call["function"]
    return {**call, "function": {**function, "arguments": str(json.loads(function["arguments"]))}}


@fault("messages.one-call-only", outgoing_message, CALLS)
def one_call_only(message: Object) -> Object:
    """Of several calls in one message the first goes out."""
    return {**message, "tool_calls": message["tool_calls"][:1]} if "tool_calls" in message else message


@fault("messages.results-swapped", outgoing, RESULTS)
def results_swapped(body: Object, _sent: Object) -> Object:
    """The results of several calls go out under each other's ids."""
    ids = [message["tool_call_id"] for message in body["messages"] if message["role"] == "tool"]
    messages = [
        {**message, "tool_call_id": ids.pop()} if message["role"] == "tool" else message for message in body["messages"]
    ]
    return {**body, "messages": messages}


@fault("messages.results-reversed", outgoing, RESULTS, warns=True)
def results_reversed(body: Object, _sent: Object) -> Object:
    """The results of several calls go out in the reverse order, each under its own id."""
    results = [message for message in body["messages"] if message["role"] == "tool"]
    messages = [results.pop() if message["role"] == "tool" else message for message in body["messages"]]
    return {**body, "messages": messages}


@fault("messages.results-behind-text", outgoing, RESULTS)
def results_behind_text(body: Object, _sent: Object) -> Object:
    """Results go out behind all else that was said."""
    return {**body, "messages": sorted(body["messages"], key=lambda message: message["role"] == "tool")}


@fault("messages.results-to-user", outgoing_message, RESULTS)
def results_to_user(message: Object) -> Object:
    """Results go out as messages of the user's."""
    return {"role": "user", "content": message["content"]} if message["role"] == "tool" else message


@fault("messages.failed-results-dropped", outgoing, RESULTS)
def failed_results_dropped(body: Object, sent: Object) -> Object:
    """Results that are errors do not go out."""
    blocks = [block for message in sent["messages"] for block in message["content"] if isinstance(block, dict)]
    failed = {block["tool_use_id"] for block in blocks if block.get("is_error")}
    return {**body, "messages": [each for each in body["messages"] if each.get("tool_call_id") not in failed]}


@fault("messages.text-beside-results-dropped", outgoing, RESULTS)
def text_beside_results_dropped(body: Object, _sent: Object) -> Object:
    """What a user says beside results does not go out."""
    roles = ["", *(message["role"] for message in body["messages"])]
    kept = [
        message
        for before, message in zip(roles, body["messages"], strict=False)
        if (before, message["role"]) != ("tool", "user")
    ]
    return {**body, "messages": kept}


@fault("messages.bound-dropped", outgoing, "router.messages.max-tokens-kept")
def bound_dropped(body: Object, _sent: Object) -> Object:
    """`max_tokens` does not go out."""
    return without(body, "max_tokens")


@fault("messages.bound-raised", outgoing, "router.messages.max-tokens-kept")
def bound_raised(body: Object, _sent: Object) -> Object:
    """`max_tokens` goes out as 4096 at the least."""
    return {**body, "max_tokens": max(body["max_tokens"], 4096)}


@fault("messages.stops-as-they-were", outgoing, "router.messages.stop-sequences-translated")
def stops_as_they_were(body: Object, sent: Object) -> Object:
    """`stop_sequences` goes out under its own name."""
    kept = without(body, "stop")
    return {**kept, "stop_sequences": sent["stop_sequences"]} if "stop_sequences" in sent else kept


@fault("messages.temperature-scaled", outgoing, "router.messages.sampling-kept")
def temperature_scaled(body: Object, _sent: Object) -> Object:
    """The temperature goes out at six tenths, as an old page of Kimi's says of its Anthropic face."""
    return {**body, "temperature": body["temperature"] * 0.6} if "temperature" in body else body


@fault("messages.temperature-added", outgoing, "router.messages.sampling-kept")
def temperature_added(body: Object, _sent: Object) -> Object:
    """A request without a temperature goes out with one."""
    return {"temperature": 0.7, **body}
