"""Dialect: what reaches an upstream is in a dialect that it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.judge.arrivals import FACES, body_of, face, must_arrive, pairs, path_of, shown
from kimi_conformance.judge.check import Flaw, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Play
    from kimi_conformance.oracle import World

CHAT, MESSAGES = FACES.values()
FACES_OF_DIALECT: Final = {"kimi": {CHAT}, "openai": {CHAT}, "anthropic": {MESSAGES}, "portkey": {CHAT, MESSAGES}}
ROLES: Final = {CHAT: {"system", "user", "assistant", "tool"}, MESSAGES: {"user", "assistant"}}


@check("router.request.dialect-fits-upstream")
def dialect_fits_upstream(play: Play, world: World) -> Iterator[Flaw]:
    """The path ends as a dialect of the upstream has it, and the body has that dialect's form."""
    yield from must_arrive(play.trips)
    for _, arrival in pairs(play):
        spoken = world.profile.upstreams[arrival.upstream].speaks
        faces = set().union(*(FACES_OF_DIALECT.get(dialect, set()) for dialect in spoken))
        url = arrival.exchange.request.url
        asked = face(url)
        if asked not in faces:
            expected = " or ".join(sorted(faces))
            path = path_of(url) or "/"
            yield Flaw(expected, path, "upstream request path", f"{arrival.upstream} does not speak {path}")
            continue
        body = body_of(arrival)
        if isinstance(body, Flaw):
            yield body
        else:
            yield from _form(body, asked)


@check("router.request.kimi-uses-openai-face")
def kimi_uses_openai_face(play: Play, world: World) -> Iterator[Flaw]:
    """A server that speaks Kimi alone is asked on /v1/chat/completions."""
    yield from must_arrive(play.trips)
    for _, arrival in pairs(play):
        spoken = world.profile.upstreams[arrival.upstream].speaks
        path = path_of(arrival.exchange.request.url)
        if "kimi" in spoken and "anthropic" not in spoken and path != "/v1/chat/completions":
            yield Flaw("/v1/chat/completions", path, "upstream request path", "Kimi was asked on another face")


def _form(body: dict[str, Any], asked: str) -> Iterator[Flaw]:
    wrong = f"not the form of {asked}"
    if asked == MESSAGES and not _whole(body.get("max_tokens")):
        seen = shown(body.get("max_tokens", ABSENT))
        yield Flaw("max_tokens, an integer", seen, "upstream request /max_tokens", wrong)
    if asked == CHAT and "system" in body:
        yield Flaw("no member `system`", shown(body["system"]), "upstream request /system", wrong)
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        yield Flaw("a list of messages", shown(messages), "upstream request /messages", wrong)
        return
    for index, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if not isinstance(role, str) or role not in ROLES[asked]:
            where = f"upstream request /messages/{index}/role"
            yield Flaw(" or ".join(sorted(ROLES[asked])), shown(role), where, wrong)


def _whole(value: Any) -> bool:
    """Whether `value` is an integer, spelled with a fraction of nothing or without."""
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
