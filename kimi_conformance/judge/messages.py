"""Messages: what stands in a request on /v1/messages, and in one of the chat wire, side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import FACES, body_of, face, must_arrive, pairs, path_of
from kimi_conformance.judge.check import Check, Flaw
from kimi_conformance.judge.request import members_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kimi_conformance.contract.trip import Arrival, Play
    from kimi_conformance.oracle import World

Object: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Translated:
    """A messages request that went out on the chat wire: what was sent, what arrived, and where."""

    sent: Object
    seen: Object
    arrival: Arrival


Translation: TypeAlias = "Callable[[Translated, World], Iterable[Flaw]]"


def carried(members: Sequence[str], translation: Translation) -> Check:
    """A check that these members arrive unharmed on an Anthropic face, or rightly translated on the chat wire."""
    unharmed = members_kept(members)

    def carried_over(play: Play, world: World) -> Iterator[Flaw]:
        yield from must_arrive(play.trips)
        for trip, arrival in pairs(play):
            asked = face(arrival.exchange.request.url)
            if asked == FACES["messages"]:
                yield from unharmed(replace(play, trips=(replace(trip, arrivals=(arrival,)),)), world)
                continue
            body = body_of(arrival)
            if asked != FACES["chat"]:
                path = path_of(arrival.exchange.request.url)
                message = "the router asks on a wire that is neither Anthropic's nor the chat wire"
                yield Flaw(" or ".join(FACES.values()), path, "upstream path", message, Verdict.NOT_OBSERVED)
            elif isinstance(body, Flaw):
                yield body
            else:
                yield from translation(Translated(trip.sent.json(), body, arrival), world)

    return carried_over


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message says, on either wire. `results` and `calls` by the ids that join them."""

    at: int
    role: str
    texts: tuple[str, ...] = ()
    thoughts: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    calls: tuple[Object, ...] = ()
    results: tuple[tuple[Any, tuple[str, ...]], ...] = field(default=())


def turns_sent(body: Object) -> list[Turn]:
    """The messages of a messages request. The suite wrote it, so that it has the form."""
    found = []
    for at, message in enumerate(body["messages"]):
        blocks = blocks_of(message["content"])
        images = tuple(
            f"data:{block['source']['media_type']};base64,{block['source']['data']}" for block in _of("image", blocks)
        )
        results = tuple(
            (block["tool_use_id"], texts_of(block.get("content", ""))) for block in _of("tool_result", blocks)
        )
        thoughts = tuple(block["thinking"] for block in _of("thinking", blocks))
        calls = tuple(_of("tool_use", blocks))
        found.append(Turn(at, message["role"], texts_of(blocks), thoughts, images, calls, results))
    return found


def turns_seen(body: Object) -> list[Turn]:
    """The messages of a chat request, whatever form they have."""
    messages = body.get("messages")
    found = []
    for at, message in enumerate(messages if isinstance(messages, list) else ()):
        said = message if isinstance(message, dict) else {}
        texts = texts_of(said.get("content"))
        role = str(said.get("role"))
        if role == "tool":
            found.append(Turn(at, role, results=((said.get("tool_call_id"), texts),)))
            continue
        thoughts = tuple(said[name] for name in ("reasoning_content", "reasoning") if isinstance(said.get(name), str))
        calls = said.get("tool_calls")
        made = tuple(call for call in calls if isinstance(call, dict)) if isinstance(calls, list) else ()
        found.append(Turn(at, role, texts, thoughts, tuple(_images(said.get("content"))), made))
    return found


def blocks_of(content: Any) -> list[Object]:
    """Content as a list of blocks; a plain text is one."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def texts_of(content: Any) -> tuple[str, ...]:
    """The texts of content, one for each block or part that has one."""
    return tuple(block["text"] for block in _of("text", blocks_of(content)) if isinstance(block.get("text"), str))


def says(sent: Iterable[str], seen: Iterable[str]) -> bool:
    """Whether the texts that were sent are there whole and in order, with nothing but blanks between and around."""
    joined = r"\s*".join(re.escape(text) for text in sent)
    return re.fullmatch(rf"\s*{joined}\s*", "".join(seen)) is not None


def harmed(sent: Sequence[str], seen: Sequence[str]) -> Verdict | None:
    """How bad it is that `seen` is what became of `sent`: blanks at the ends of a text are no more than a warning."""
    if says(sent, seen):
        return None
    return Verdict.WARN if says([text.strip() for text in sent], seen) else Verdict.FAIL


def _of(kind: str, blocks: Iterable[Object]) -> Iterator[Object]:
    return (block for block in blocks if block.get("type") == kind)


def _images(content: Any) -> Iterator[str]:
    for part in _of("image_url", blocks_of(content)):
        url = part.get("image_url")
        yield str(url.get("url") if isinstance(url, dict) else url)


SYSTEM: Final = frozenset({"system", "developer"})
