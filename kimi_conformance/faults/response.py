"""Faults of answers on their way back to the client."""

from __future__ import annotations

import gzip
import json
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.answers import (
    Object,
    headers,
    is_stream,
    members,
    messages,
    reply,
    whole,
    with_pieces,
    without,
)
from kimi_conformance.faults.fault import fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kimi_conformance.reference.call import Fields, Reply

BODY: Final = "router.response.body-untouched"
REASONING: Final = "router.response.reasoning-kept"
CALLS: Final = "router.response.tool-calls-kept"
USAGE: Final = "router.response.usage-kept"
FINISH: Final = "router.response.finish-reason-kept"
STATUS: Final = "router.response.status-kept"
TYPE: Final = "router.response.content-type-kept"
REQUEST_ID: Final = "router.response.request-id-kept"
UTF8: Final = "router.response.utf8-kept"
GZIP: Final = "router.response.gzip-handled"

KNOWN: Final = frozenset({"id", "object", "created", "model", "choices", "usage", "type", "role", "content"})


@fault("response.own-id", members, BODY)
def own_id(body: Object) -> Object:
    """The answer gets an id of the router's own."""
    return {**body, "id": "chatcmpl-of-the-router"}


@fault("response.known-members-only", members, BODY)
def known_members_only(body: Object) -> Object:
    """Members that the router's types do not have are dropped."""
    kept = {name: value for name, value in body.items() if name in KNOWN or name.startswith("stop")}
    return {**kept, "usage": body["usage"]}


@fault("response.one-more-member", members, BODY, warns=True)
def one_more_member(body: Object) -> Object:
    """The router says its name in the body."""
    return {**body, "gateway": "reference"}


@fault("response.without-reasoning", messages, REASONING, BODY)
def without_reasoning(message: Object) -> Object:
    """Reasoning is swallowed."""
    return {name: value for name, value in message.items() if name != "reasoning_content"}


@fault("response.reasoning-renamed", messages, REASONING)
def reasoning_renamed(message: Object) -> Object:
    """Reasoning goes under the name that OpenRouter gives it."""
    text = message.get("reasoning_content")
    return {**without_member(message, "reasoning_content"), "reasoning": text}


@fault("response.without-signatures", members, REASONING)
def without_signatures(body: Object) -> Object:
    """Thinking blocks lose their signatures."""
    content = body.get("content")
    if not isinstance(content, list):
        return body
    return {**body, "content": [without_member(block, "signature") for block in content]}


@fault("response.call-ids-anew", messages, CALLS)
def call_ids_anew(message: Object) -> Object:
    """Tool calls get ids of the usual look."""
    calls = message.get("tool_calls")
    named = [{**call, "id": f"call_{number:024d}"} for number, call in enumerate(calls or ())]
    return {**message, "tool_calls": named} if calls else message


@fault("response.arguments-parsed", messages, CALLS)
def arguments_parsed(message: Object) -> Object:
    """The arguments of a call arrive as an object, not as its text."""
    calls = message.get("tool_calls")
    parsed = [
        {**call, "function": {**call["function"], "arguments": json.loads(call["function"]["arguments"])}}
        for call in calls or ()
    ]
    return {**message, "tool_calls": parsed} if calls else message


@fault("response.arguments-anew", messages, CALLS, warns=True)
def arguments_anew(message: Object) -> Object:
    """The arguments of a call are parsed and written anew: the same JSON, in another spelling."""
    calls = message.get("tool_calls")
    anew = [
        {**call, "function": {**call["function"], "arguments": json.dumps(json.loads(call["function"]["arguments"]))}}
        for call in calls or ()
    ]
    return {**message, "tool_calls": anew} if calls else message


@fault("response.one-call-only", messages, CALLS)
def one_call_only(message: Object) -> Object:
    """Of several calls the first is passed on."""
    calls = message.get("tool_calls")
    return {**message, "tool_calls": calls[:1]} if calls else message


@fault("response.three-counters", members, USAGE, BODY)
def three_counters(body: Object) -> Object:
    """Of the counters only OpenAI's first three are kept."""
    names = ("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens")
    return {**body, "usage": {name: value for name, value in body["usage"].items() if name in names}}


@fault("response.cached-tokens-moved", members, USAGE)
def cached_tokens_moved(body: Object) -> Object:
    """The counter of cached tokens is kept in OpenAI's place only."""
    return {**body, "usage": without_member(body["usage"], "cached_tokens")}


@fault("response.usage-recounted", members, USAGE)
def usage_recounted(body: Object) -> Object:
    """The router counts the tokens itself."""
    return {**body, "usage": {name: 7 if isinstance(value, int) else value for name, value in body["usage"].items()}}


@fault("response.always-stop", members, FINISH)
def always_stop(body: Object) -> Object:
    """Every answer ends with stop."""
    if "stop_reason" in body:
        return {**body, "stop_reason": "end_turn"}
    return {**body, "choices": [{**choice, "finish_reason": "stop"} for choice in body["choices"]]}


@fault("response.filter-is-stop", members, FINISH)
def filter_is_stop(body: Object) -> Object:
    """A reason that OpenAI's first API had not is stop."""
    choices = [
        {**choice, "finish_reason": "stop"} if choice["finish_reason"] == "content_filter" else choice
        for choice in body.get("choices", ())
    ]
    return {**body, "choices": choices} if choices else body


@fault("response.created", reply, STATUS)
def created(answer: Reply) -> Reply:
    """What a POST brought is answered with 201."""
    return replace(answer, status=201)


@fault("response.always-200", reply, STATUS, warns=True)
def always_200(answer: Reply) -> Reply:
    """Every success is 200."""
    return replace(answer, status=200 if answer.status < 300 else answer.status)  # noqa: PLR2004 - RFC 9110, 15.4


@fault("response.plain-text", headers, TYPE)
def plain_text(fields: Fields) -> Fields:
    """Everything is text/plain."""
    return (*without(fields, b"content-type"), (b"content-type", b"text/plain; charset=utf-8"))


@fault("response.latin-1", headers, TYPE)
def latin_1(fields: Fields) -> Fields:
    """A charset is named that JSON never has."""
    kind = next(value for name, value in fields if name.lower() == b"content-type").split(b";")[0]
    return (*without(fields, b"content-type"), (b"content-type", kind + b"; charset=iso-8859-1"))


@fault("response.streams-as-json", reply, TYPE)
def streams_as_json(answer: Reply) -> Reply:
    """A stream is called JSON."""
    fields = (*without(answer.headers, b"content-type"), (b"content-type", b"application/json"))
    return replace(answer, headers=fields) if is_stream(answer) else answer


@fault("response.own-headers-only", headers, REQUEST_ID, warns=True)
def own_headers_only(fields: Fields) -> Fields:
    """Of the upstream's headers only those about the body are passed on."""
    return tuple((name, value) for name, value in fields if name.lower().startswith(b"content-"))


@fault("response.normalized", messages, UTF8)
def normalized(message: Object) -> Object:
    """Texts are brought into a normal form."""
    return {**message, "content": unicodedata.normalize("NFC", message["content"])}


@fault("response.ascii", messages, UTF8)
def in_ascii(message: Object) -> Object:
    """What is not ASCII becomes a question mark."""
    return {**message, "content": message["content"].encode("ascii", "replace").decode()}


@fault("response.decoded-as-latin-1", whole, UTF8)
def decoded_as_latin_1(body: bytes) -> bytes:
    """The body is decoded as latin-1, and encoded as UTF-8."""
    return body.decode("latin-1").encode()


@fault("response.gzip-unnamed", headers, GZIP)
def gzip_unnamed(fields: Fields) -> Fields:
    """A body in gzip is passed on without the header that says so."""
    return without(fields, b"content-encoding")


@fault("response.gunzipped-by-name", reply, GZIP)
def gunzipped_by_name(answer: Reply) -> Reply:
    """The client library unpacks the body, and the header that says gzip is passed on."""
    if is_stream(answer) or not any(name.lower() == b"content-encoding" for name, _ in answer.headers):
        return answer

    async def unpacked(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield gzip.decompress(b"".join([piece async for piece in pieces]))

    return with_pieces(answer, unpacked(answer.pieces))


@fault("response.gzip-for-everybody", reply, GZIP, warns=True)
def gzip_for_everybody(answer: Reply) -> Reply:
    """Every answer is packed, whether its client takes that or not."""
    if is_stream(answer) or any(name.lower() == b"content-encoding" for name, _ in answer.headers):
        return answer

    async def packed(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield gzip.compress(b"".join([piece async for piece in pieces]))

    told = with_pieces(answer, packed(answer.pieces))
    return replace(told, headers=(*told.headers, (b"content-encoding", b"gzip")))


def without_member(value: dict[str, Any], name: str) -> dict[str, Any]:
    """The object without one member."""
    return {key: member for key, member in value.items() if key != name}
