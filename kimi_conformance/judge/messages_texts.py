"""Messages: the system prompt, what was said, what was thought, and pictures, on their way to the upstream."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import shown, shown_apart
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.messages import (
    SYSTEM,
    Translated,
    Turn,
    carried,
    harmed,
    says,
    texts_of,
    turns_seen,
    turns_sent,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.oracle import World

MESSAGES = "upstream request /messages"


def system_translated(of: Translated, _world: World) -> Iterator[Flaw]:
    """The whole prompt in messages of the role system, before all others; none where none was sent."""
    sent = texts_of(of.sent.get("system"))
    turns = turns_seen(of.seen)
    told = [turn for turn in turns if turn.role in SYSTEM]
    seen = tuple(text for turn in told for text in turn.texts)
    if verdict := harmed(sent, seen):
        wanted = shown("".join(sent)) if sent else "no system prompt"
        yield Flaw(wanted, shown("".join(seen)), MESSAGES, "the system prompt is not the one that was sent", verdict)
    elif told and not sent:
        yield Flaw("no system message", "an empty one", MESSAGES, "an empty system prompt was added", Verdict.WARN)
    first = next((turn.at for turn in turns if turn.role not in SYSTEM), len(turns))
    for turn in told:
        if turn.at > first:
            where = f"{MESSAGES}/{turn.at}"
            yield Flaw(
                "before all other messages", f"message {turn.at}", where, "the system prompt does not stand first"
            )


def text_translated(of: Translated, _world: World) -> Iterator[Flaw]:
    """Who said what, in order; messages of one speaker in a row may be one."""
    sent, seen = _spoken(turns_sent(of.sent)), _spoken(turns_seen(of.seen))
    if [role for role, _ in sent] != [role for role, _ in seen]:
        roles = [" ".join(role for role, _ in spoken) for spoken in (sent, seen)]
        yield Flaw(roles[0], roles[1], MESSAGES, "other speakers, or another order of them")
        return
    for (role, texts), (_, told) in zip(sent, seen, strict=True):
        if verdict := harmed(texts, told):
            message = f"what the {role} said is not what was sent"
            yield Flaw(*shown_apart("".join(texts), "".join(told)), MESSAGES, message, verdict)


def _spoken(turns: Iterable[Turn]) -> list[tuple[str, tuple[str, ...]]]:
    """What user and assistant say, neighbours of one role taken together; turns without text say nothing."""
    talking = (turn for turn in turns if turn.role in ("user", "assistant") and "".join(turn.texts))
    return [
        (role, tuple(text for turn in same for text in turn.texts))
        for role, same in groupby(talking, lambda turn: turn.role)
    ]


def thinking_translated(of: Translated, world: World) -> Iterator[Flaw]:
    """What was thought before a call goes back with the call."""
    spoken = world.profile.upstreams[of.arrival.upstream].speaks
    names = "reasoning_content or reasoning" if "openai" in spoken else "reasoning_content"
    seen = turns_seen(of.seen)
    for turn in turns_sent(of.sent):
        for call in turn.calls if turn.thoughts else ():
            made = next((each for each in seen if any(one.get("id") == call["id"] for one in each.calls)), None)
            if made is None:
                yield Flaw(f"the call {call['id']}", "none", MESSAGES, "the call that was thought about is not there")
                continue
            where = f"{MESSAGES}/{made.at}/reasoning_content"
            own = of.seen["messages"][made.at].get("reasoning_content")
            told = made.thoughts if "openai" in spoken else ((own,) if isinstance(own, str) else ())
            if not told:
                yield Flaw(
                    f"{names}: {shown(turn.thoughts[0])}", "absent", where, "the reasoning before a call is lost"
                )
            elif not any(says(turn.thoughts, (one,)) for one in told):
                message = "the reasoning before a call is not what was sent"
                yield Flaw(shown("".join(turn.thoughts)), shown(told[0]), where, message)


def images_translated(of: Translated, _world: World) -> Iterator[Flaw]:
    """Each picture is there, in order, as a data URL."""
    sent, seen = (
        [url for turn in turns for url in turn.images] for turns in (turns_sent(of.sent), turns_seen(of.seen))
    )
    if sent != seen:
        yield Flaw(shown(sent), shown(seen), MESSAGES, "the pictures are not those that were sent")


check("router.messages.system-translated")(carried(["system", "messages"], system_translated))
check("router.messages.text-translated")(carried(["messages"], text_translated))
check("router.messages.thinking-becomes-reasoning")(carried(["messages"], thinking_translated))
check("router.messages.images-translated")(carried(["messages"], images_translated))
