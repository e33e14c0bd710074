"""Response: what the upstream answered reaches the client unharmed."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import shown_apart
from kimi_conformance.judge.changes import changes
from kimi_conformance.judge.check import Check, Flaw, check
from kimi_conformance.judge.meaning import Meaning, meaning_of
from kimi_conformance.judge.relayed import Bodies, bodies, coding_of, media_type, relayed, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.contract.trip import Play
    from kimi_conformance.oracle import World

REQUEST_IDS: Final = ("msh-request-id", "request-id", "x-request-id")
OK: Final = 200
UTF8: Final = frozenset({"", "utf-8", "utf8"})
"""The charsets that a Content-Type may name, in small letters."""


@check("router.response.body-untouched")
def body_untouched(play: Play, _world: World) -> Iterator[Flaw]:
    """Every member of the upstream's body stands in the client's, with its value."""
    for both in bodies(play.trips):
        if isinstance(both, Flaw):
            yield both
        elif both.answer.translated:
            yield unread("the router translates this surface into another: members cannot be compared one by one")
        else:
            yield from changes(both.answer.trip, both.sent, both.seen)


def portion_kept(portion: Callable[[dict[str, Any], Surface], Any], meant: str) -> Check:
    """A check that a portion of the body is kept; where the router translates, that its meaning is.

    `meant` names it in a `Meaning`. A translation that loses it is only warned of: what another wire can carry is not
    ruled here.
    """

    def kept(play: Play, _world: World) -> Iterator[Flaw]:
        for both in bodies(play.trips):
            if isinstance(both, Flaw):
                yield both
                continue
            wire = both.answer.wire
            due = portion(both.sent, wire)
            if due in (None, [], {}, ABSENT):
                yield unread(f"the upstream's answer has no {meant}")
            elif both.answer.translated:
                yield from _same_meaning(both, meant)
            else:
                yield from changes(both.answer.trip, due, portion(both.seen, wire), at=f"/{meant}")

    return kept


def _reasoning(body: dict[str, Any], surface: Surface) -> Any:
    if surface == "messages":
        return _blocks(body, "thinking", "redacted_thinking")
    said = [message.get("reasoning_content", ABSENT) for message in _messages(body)]
    return [one for one in said if one is not ABSENT]


def _calls(body: dict[str, Any], surface: Surface) -> Any:
    if surface == "messages":
        return _blocks(body, "tool_use")
    calls = [message["tool_calls"] for message in _messages(body) if message.get("tool_calls")]
    return [_without_index(call) for some in calls for call in (some if isinstance(some, list) else [some])]


def _without_index(call: Any) -> Any:
    """A call without the number that Kimi gives it outside streams, too: its place in the list says the same."""
    return {name: value for name, value in call.items() if name != "index"} if isinstance(call, dict) else call


def _finish(body: dict[str, Any], surface: Surface) -> Any:
    if surface == "messages":
        return body.get("stop_reason", ABSENT)
    return [choice.get("finish_reason", ABSENT) for choice in _choices(body)]


def _usage(body: dict[str, Any], _surface: Surface) -> Any:
    return body.get("usage", ABSENT)


check("router.response.reasoning-kept")(portion_kept(_reasoning, "reasoning"))
check("router.response.tool-calls-kept")(portion_kept(_calls, "calls"))
check("router.response.usage-kept")(portion_kept(_usage, "usage"))
check("router.response.finish-reason-kept")(portion_kept(_finish, "finish"))


@check("router.response.utf8-kept")
def utf8_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """Every character of the text reaches the client."""
    for both in bodies(play.trips):
        if isinstance(both, Flaw):
            yield both
            continue
        sent, seen = (meaning.text for meaning in _meanings(both))
        if sent != seen:
            alike = unicodedata.normalize("NFC", sent) == unicodedata.normalize("NFC", seen)
            how = "the text was normalized on its way" if alike else "characters of the text were changed"
            verdict = Verdict.WARN if both.answer.translated else Verdict.FAIL
            yield Flaw(*shown_apart(sent, seen), "client response text", how, verdict)


@check("router.response.status-kept")
def status_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """200 stays 200; another status of success may become 200, with a warning."""
    for answer in relayed(play.trips):
        if isinstance(answer, Flaw):
            yield answer
            continue
        sent, seen = answer.upstream.status, answer.client.status
        if sent != seen:
            message = f"the upstream answered {sent}, the client got {seen}"
            verdict = Verdict.FAIL if sent == OK else Verdict.WARN
            yield Flaw(str(sent), str(seen), "client response status", message, verdict)


@check("router.response.content-type-kept")
def content_type_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """The media type is kept, and no charset but UTF-8 is named."""
    for answer in relayed(play.trips):
        if isinstance(answer, Flaw):
            yield answer
            continue
        sent, seen = (response.header("content-type") or "no type" for response in (answer.upstream, answer.client))
        where = "client response content-type"
        if media_type(sent) != media_type(seen):
            yield Flaw(sent, seen, where, f"the answer is {sent}, and reaches the client as {seen}")
        elif charset_of(seen) not in UTF8:
            yield Flaw("charset=utf-8, or none", seen, where, f"JSON and event streams are UTF-8, not {seen}")


@check("router.response.request-id-kept")
def request_id_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """The id that the upstream gave the request stands in a header of the client's, under whatever name."""
    for answer in relayed(play.trips):
        if isinstance(answer, Flaw):
            yield answer
            continue
        ids = [(name, value) for name, value in answer.upstream.headers if name.lower() in REQUEST_IDS]
        if not ids:
            yield unread("the upstream's answer names no request id")
        for name, value in ids:
            if not any(value in seen for _, seen in answer.client.headers):
                there = ", ".join(f"{name}: {seen}" for name, seen in answer.client.headers if "id" in name.lower())
                message = f"{name} did not reach the client: support cannot be asked about this request"
                yield Flaw(f"{name}: {value}", there or "no header with an id", "client response headers", message)


@check("router.response.gzip-handled")
def gzip_handled(play: Play, _world: World) -> Iterator[Flaw]:
    """The client gets the upstream's text, in a coding that it takes and that the headers name."""
    for both in bodies(play.trips):
        if isinstance(both, Flaw):
            yield both
            continue
        answer = both.answer
        coding = coding_of(answer.client)
        accepted = (answer.trip.sent.header("accept-encoding") or "").lower()
        if coding != "identity" and coding not in accepted:
            message = f"the client got {coding}, and accepts {accepted or 'nothing in particular'}"
            where = "client response content-encoding"
            yield Flaw(accepted or "no coding", coding, where, message, Verdict.WARN)
        sent, seen = (meaning.text for meaning in _meanings(both))
        if sent != seen:
            yield Flaw(*shown_apart(sent, seen), "client response text", "another text came out of the coding")


def _same_meaning(both: Bodies, meant: str) -> Iterator[Flaw]:
    one, other = _meanings(both)
    if meant in one.unlike(other):
        said = shown_apart(getattr(one, meant), getattr(other, meant))
        message = f"the router translates the answer, and its {meant} is not the same afterwards"
        yield Flaw(*said, f"client response {meant}", message, Verdict.WARN)


def _meanings(both: Bodies) -> tuple[Meaning, Meaning]:
    return meaning_of(both.sent, both.answer.wire), meaning_of(both.seen, both.answer.trip.ask.surface)


def _choices(body: dict[str, Any]) -> list[dict[str, Any]]:
    choices = body.get("choices")
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [message for choice in _choices(body) if isinstance(message := choice.get("message"), dict)]


def _blocks(body: dict[str, Any], *kinds: str) -> list[dict[str, Any]]:
    content = body.get("content")
    blocks = content if isinstance(content, list) else []
    return [block for block in blocks if isinstance(block, dict) and block.get("type") in kinds]


def charset_of(value: str) -> str:
    """The charset that a Content-Type names, in small letters; empty where it names none."""
    for parameter in value.split(";")[1:]:
        name, _, said = parameter.partition("=")
        if name.strip().lower() == "charset":
            return said.strip().strip('"').lower()
    return ""
