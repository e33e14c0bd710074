"""Streams of the chat wire: what must hold over all their chunks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, event, shown
from kimi_conformance.judge.check import Flaw
from kimi_conformance.sse_event import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

STREAM: Final = "chat.completion.chunk"
FINGERPRINT: Final = re.compile(r"fpv0_[0-9a-f]{8}")
HARMLESS: Final = frozenset({NoticeKind.NO_SPACE, NoticeKind.CRLF})
"""Allowed, and seen: the coding host leaves the blank out."""


def _stream_asked(sight: Sight, _contract: Contract) -> bool:
    return sight.ok and (sight.shape == STREAM or (sight.face == "chat" and sight.asked.get("stream") is True))


def _chunked(sight: Sight, _contract: Contract) -> bool:
    return bool(sight.stream.chunks)


def _whole(sight: Sight, contract: Contract) -> bool:
    return _chunked(sight, contract) and not sight.partial


def _usage_asked(sight: Sight, contract: Contract) -> bool:
    options = sight.asked.get("stream_options")
    return _whole(sight, contract) and isinstance(options, dict) and options.get("include_usage") is True


def _used(sight: Sight, _contract: Contract) -> bool:
    return bool(sight.stream.all_usages)


@law("api.stream.is-event-stream", when=_stream_asked)
def is_event_stream(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Who asks for a stream gets `text/event-stream`, with events in it."""
    if not s.given and s.kind != "text/event-stream" and (s.kind or s.whole_head):
        message = "a stream was asked for, and something else came"
        yield Flaw("text/event-stream", s.kind or "no content-type", "response header content-type", message)
    elif not s.reading.events and not s.partial:
        yield Flaw("events: `data: …` and a blank line", answered(s), "response body", "the stream has no event in it")


@law("api.stream.well-formed", STREAM)
def well_formed(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Each event is one JSON object or `[DONE]`, framed as the standard says."""
    if not s.reading.events and not s.partial:
        yield Flaw("at least one event", answered(s), "response body", "the stream has no event in it")
    for number in s.stream.broken:
        data = s.reading.events[number].data[:120].decode("utf-8", "backslashreplace")
        yield Flaw("a JSON object, or [DONE]", data, event(s, number), "the data of an event is neither")
    for notice in s.reading.notices:
        if notice.kind in HARMLESS or (notice.kind is NoticeKind.UNFINISHED and (s.partial or s.exchange.error)):
            continue
        yield Flaw(
            "plain events", notice.message, f"response byte {notice.offset}", f"{notice.kind.value}: {notice.message}"
        )


@law("api.stream.chunk-shape", STREAM, when=_chunked)
def chunk_shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """Each chunk has the shape of a chunk."""
    for number, chunk in s.stream.chunks:
        if not c.schemas.valid(STREAM, chunk):
            for error in c.schemas.errors(STREAM, chunk):
                yield Flaw(error.expected, error.actual, event(s, number, error.at), error.message)


@law("api.stream.one-id", STREAM, when=_chunked)
def one_id(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """All chunks have one id."""
    first, *others = s.stream.ids.items()
    for value, number in others:
        yield Flaw(shown(first[0]), shown(value), event(s, number, "/id"), "the id changes within the stream")


@law("api.stream.one-created", STREAM, when=_chunked)
def one_created(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """All chunks have one time of creation."""
    first, *others = s.stream.created.items()
    for value, number in others:
        yield Flaw(shown(first[0]), shown(value), event(s, number, "/created"), "`created` changes within the stream")


@law("api.stream.role-first-and-once", STREAM, when=_chunked)
def role_first_and_once(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The role, which is the assistant's, stands in the first chunk of each choice, and nowhere else."""
    for index, choice in s.stream.choices.items():
        places = [number for number, _ in choice.roles]
        if choice.first not in places:
            message = f"the first chunk of choice {index} has no role"
            yield Flaw("delta.role", "none", event(s, choice.first, "/choices/0/delta"), message)
        for number, role in choice.roles:
            if role != "assistant":
                where = event(s, number, "/choices/0/delta/role")
                yield Flaw("assistant", shown(role), where, f"choice {index} is spoken by another than the assistant")
            if number != choice.first:
                message = f"choice {index} names its role after its first chunk"
                yield Flaw(
                    "the role in the first chunk only", "again", event(s, number, "/choices/0/delta/role"), message
                )


@law("api.stream.one-finish", STREAM, when=_whole)
def one_finish(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Each choice finishes once, and has nothing to say after it."""
    if not s.stream.choices:
        yield Flaw("at least one choice", "none", "response", "no chunk has a choice in it")
    for index, choice in s.stream.choices.items():
        if not choice.finishes:
            yield Flaw("one finish_reason", "none", f"response, choice {index}", f"choice {index} never finishes")
        for number in dict.fromkeys([*(number for number, _ in choice.finishes[1:]), *choice.late]):
            yield Flaw(
                "nothing after finish_reason", "more", event(s, number), f"choice {index} goes on after its finish"
            )


@law("api.stream.done-once-and-last", STREAM, when=_whole)
def done_once_and_last(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """`[DONE]` ends the stream: once, and nothing after it."""
    if not s.stream.done:
        ended = f": {s.exchange.error}" if s.exchange.error else ""
        yield Flaw("[DONE]", "none", "response, its end", f"the stream ends without [DONE]{ended}")
        return
    first, *others = s.stream.done
    for number in others:
        yield Flaw("one [DONE]", "another", event(s, number), "[DONE] stands twice")
    if not others and first != s.stream.size - 1:
        yield Flaw("nothing after [DONE]", "more events", event(s, first + 1), "events follow [DONE]")


@law("api.stream.no-error-inside", STREAM, when=lambda s, _c: bool(s.reading.events))
def no_error_inside(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """No error stands inside a stream that has begun."""
    for number in s.stream.errors:
        data = s.reading.events[number].data[:160].decode("utf-8", "backslashreplace")
        yield Flaw("chunks to the end", data, event(s, number, "/error"), "an error stands inside the stream")


@law("api.stream.usage-reachable", STREAM, when=_whole)
def usage_reachable(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The usage can be found: in the last chunk of a choice, or at the top level of a chunk."""
    if not s.stream.all_usages:
        yield Flaw("usage in the last choice, or at top level", "none", "response", "no chunk has the usage")


@law("api.stream.usage-in-last-choice", STREAM, when=_whole)
def usage_in_last_choice(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The chunk that finishes a choice has its usage in it, whether it was asked for or not."""
    for index, choice in s.stream.choices.items():
        for number, _ in choice.finishes[:1]:
            if number not in [at for at, _ in choice.usages]:
                message = f"the chunk that finishes choice {index} has no usage in the choice"
                yield Flaw("choices[].usage", "none", event(s, number, "/choices"), message)


@law("api.stream.usage-chunk-when-asked", STREAM, when=_usage_asked)
def usage_chunk_when_asked(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """`include_usage` adds one chunk without choices, with the usage at its top level, after the finish."""
    found = [number for number, chunk in s.stream.chunks if chunk.get("choices") == [] and chunk.get("usage")]
    if len(found) != 1:
        what = "one chunk with choices [] and usage"
        yield Flaw(what, str(len(found)), "response", "include_usage was asked for, and that chunk is not there once")
        return
    last = max((number for choice in s.stream.choices.values() for number, _ in choice.finishes), default=-1)
    if found[0] < last:
        yield Flaw("after the finish", "before it", event(s, found[0]), "the chunk with the usage comes too early")
    if found[0] > min(s.stream.done, default=found[0]):
        yield Flaw("before [DONE]", "after it", event(s, found[0]), "the chunk with the usage comes too late")


@law("api.stream.usage-agrees", STREAM, when=_used)
def usage_agrees(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Where a stream with one choice says its usage twice, what both count is the same."""
    if len(s.stream.choices) > 1:
        return
    (_, first), *others = s.stream.all_usages
    for number, used in others:
        both = first.keys() & used.keys() if isinstance(first, dict) and isinstance(used, dict) else ()
        if used != first and (not both or any(first[name] != used[name] for name in both)):
            yield Flaw(shown(first), shown(used), event(s, number, "/usage"), "the stream's usages differ")


@law("api.stream.folds-to-completion", STREAM, when=_whole)
def folds_to_completion(s: Sight, c: Contract) -> Iterator[Flaw]:
    """Put together, the stream has the shape of a whole answer."""
    for error in c.schemas.errors("chat.completion", s.stream.whole()):
        yield Flaw(error.expected, error.actual, f"response, folded, {error.at}", error.message)


@law("api.stream.reasoning-before-content", STREAM, when=_chunked)
def reasoning_before_content(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Reasoning comes before content and calls."""
    for index, choice in s.stream.choices.items():
        last, first = choice.last_reasoning, choice.first_content
        if last is not None and first is not None and last > first:
            message = f"choice {index} reasons on after its content has begun"
            yield Flaw("reasoning first", "reasoning after content", event(s, last), message)


@law("api.stream.fingerprint", STREAM, when=_chunked)
def fingerprint(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Chunks with choices have a `system_fingerprint`."""
    for number, chunk in s.stream.chunks:
        if chunk.get("choices") and not FINGERPRINT.fullmatch(str(chunk.get("system_fingerprint"))):
            found = shown(chunk.get("system_fingerprint"))
            yield Flaw("fpv0_…", found, event(s, number, "/system_fingerprint"), "no fingerprint of the usual form")
            return
