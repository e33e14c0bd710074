"""Streams with contents that are easily harmed: counters in each of their places, calls whose fragments alternate."""

from __future__ import annotations

import json
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.upstream import kimi_chat
from kimi_conformance.upstream.acts.act import act
from kimi_conformance.upstream.acts.changing import Object, events_of, parts, streams, with_events
from kimi_conformance.upstream.acts.responses import CALLS, COUNTED, rich
from kimi_conformance.upstream.reply import Reply
from kimi_conformance.upstream.script import compact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.upstream.acts.act import Heard
    from kimi_conformance.upstream.script import Event, Script

PLACES: Final = {"choice": (True, False), "chunk": (False, True), "both": (True, True)}


def counting(place: str, heard: Heard) -> Script:
    """A chat stream with its counters in the last choice, in a chunk without choices, or in both."""
    script = heard.healthy(rich(heard))
    if heard.wire != "chat" or not streams(script):
        return script
    in_choice, in_chunk = PLACES[place]
    used = kimi_chat.usage(COUNTED)
    events: list[Event] = []
    last: Object = {}
    for event in events_of(script):
        if event == "[DONE]":
            events += [compact({**last, "choices": [], "usage": used}).decode()] * in_chunk
            events.append(event)
            continue
        chunk = json.loads(parts(event)[1])
        if not chunk.get("choices"):
            continue
        last = {name: value for name, value in chunk.items() if name != "usage"}
        counted = [_counted(one, used if in_choice else None) for one in last["choices"]]
        events.append(compact({**last, "choices": counted}).decode())
    return with_events(script, events)


for _place in PLACES:
    act(f"usage-in-{_place}")(partial(counting, _place))


@act("interleaved-calls")
def interleaved(heard: Heard) -> Script:
    """Two calls whose fragments alternate; on the Anthropic wire, where blocks may not, one after the other."""
    script = heard.healthy(Reply(text="", reasoning="", tool_calls=CALLS, usage=COUNTED))
    if heard.wire != "chat" or not streams(script):
        return script
    events = events_of(script)
    of_calls = [event for event in events if _call(event) is not None]
    after = [event for event in events[1:] if _call(event) is None]
    by_call = [[event for event in of_calls if _call(event) == index] for index in range(len(CALLS))]
    turns = [event for turn in zip_longest(*by_call) for event in turn if event is not None]
    return with_events(script, [events[0], *turns, *after])


def _counted(choice: Object, used: Object | None) -> Object:
    bare = {name: value for name, value in choice.items() if name != "usage"}
    return {**bare, "usage": used} if used and choice.get("finish_reason") else bare


def _call(event: Event) -> Any:
    """The index of the call that an event has a fragment of."""
    data = parts(event)[1]
    choices: Iterable[Object] = json.loads(data)["choices"] if data.startswith("{") else ()
    return next((call["index"] for choice in choices for call in choice["delta"].get("tool_calls", ())), None)
