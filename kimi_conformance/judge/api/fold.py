"""A chat stream in one pass: what each choice came to, and where everything stood that a law may ask for.

Nothing is repaired: what does not fit is remembered, and left to the laws. Positions are numbers of events, from 0.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.sse import Event

DONE: Final = b"[DONE]"
DECODE: Final = json.JSONDecoder().decode
"""Without the guesses of `json.loads`: the standard knows UTF-8 only, and there are many events."""
PLAIN: Final = (str, int)


@dataclass(slots=True)
class Call:
    """A tool call as its fragments make it: what its first fragment said, the arguments, who named it otherwise."""

    first: int
    id: Any = None
    type: Any = None
    name: Any = None
    arguments: list[str] = field(default_factory=list)
    renamed: list[int] = field(default_factory=list)

    def take(self, event: int, fragment: dict[str, Any]) -> None:
        """Add a fragment. One that names the call otherwise than the first did is remembered in `renamed`."""
        function = fragment.get("function")
        named = function if isinstance(function, dict) else {}
        said = (fragment.get("id"), fragment.get("type"), named.get("name"))
        if event == self.first:
            self.id, self.type, self.name = said
        elif any(new and new != old for new, old in zip(said, (self.id, self.type, self.name), strict=True)):
            self.renamed.append(event)
        arguments = named.get("arguments")
        if isinstance(arguments, str):
            self.arguments.append(arguments)

    def whole(self, index: int) -> dict[str, Any]:
        """The call as a whole answer has it."""
        function = {"name": self.name, "arguments": "".join(self.arguments)}
        return {"index": index, "id": self.id, "type": self.type, "function": function}


@dataclass(slots=True)
class Choice:
    """One choice of a stream."""

    first: int
    roles: list[tuple[int, Any]] = field(default_factory=list)
    finishes: list[tuple[int, Any]] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    first_content: int | None = None
    last_reasoning: int | None = None
    calls: dict[int, Call] = field(default_factory=dict)
    unindexed: list[int] = field(default_factory=list)
    usages: list[tuple[int, Any]] = field(default_factory=list)

    def take(self, event: int, choice: dict[str, Any]) -> None:
        """Add what one chunk says of this choice."""
        delta = choice.get("delta")
        if self.finishes and delta:
            self.late.append(event)
        if isinstance(delta, dict):
            self._take_delta(event, delta)
        if choice.get("finish_reason") is not None:
            self.finishes.append((event, choice["finish_reason"]))
        if choice.get("usage") is not None:
            self.usages.append((event, choice["usage"]))

    def _take_delta(self, event: int, delta: dict[str, Any]) -> None:
        if "role" in delta:
            self.roles.append((event, delta["role"]))
        content, reasoning = delta.get("content"), delta.get("reasoning_content")
        if content and isinstance(content, str):
            self.content.append(content)
            self.first_content = event if self.first_content is None else self.first_content
        if reasoning and isinstance(reasoning, str):
            self.reasoning.append(reasoning)
            self.last_reasoning = event
        calls = delta.get("tool_calls")
        if calls and isinstance(calls, list):
            self.first_content = event if self.first_content is None else self.first_content
            for fragment in calls:
                self._take_fragment(event, fragment)

    def _take_fragment(self, event: int, fragment: Any) -> None:
        index = fragment.get("index") if isinstance(fragment, dict) else None
        if not isinstance(index, int) or isinstance(index, bool):
            self.unindexed.append(event)
            return
        if index not in self.calls:
            self.calls[index] = Call(event)
        self.calls[index].take(event, fragment)

    @property
    def finish(self) -> Any:
        """The first finish reason; None where there is none."""
        return self.finishes[0][1] if self.finishes else None

    def message(self) -> dict[str, Any]:
        """The message as a whole answer would have it."""
        whole: dict[str, Any] = {"role": self.roles[0][1] if self.roles else None, "content": "".join(self.content)}
        if self.reasoning:
            whole["reasoning_content"] = "".join(self.reasoning)
        if self.calls:
            whole["tool_calls"] = [call.whole(index) for index, call in sorted(self.calls.items())]
        return whole


@dataclass(slots=True)
class Stream:
    """All of a chat stream. `ids` and the like map each value (as JSON) to the event that had it first."""

    chunks: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    ids: dict[Any, int] = field(default_factory=dict)
    models: dict[Any, int] = field(default_factory=dict)
    created: dict[Any, int] = field(default_factory=dict)
    choices: dict[int, Choice] = field(default_factory=dict)
    usages: list[tuple[int, Any]] = field(default_factory=list)
    size: int = 0
    """How many events there are, of whatever sort."""
    _whole: dict[str, Any] | None = None

    def take(self, event: Event) -> None:
        """Add an event."""
        self._whole = None
        number = self.size
        self.size += 1
        if event.data == DONE:
            self.done.append(number)
            return
        try:
            chunk = DECODE(event.data.decode())
        except (ValueError, RecursionError):
            self.broken.append(number)
            return
        if not isinstance(chunk, dict):
            self.broken.append(number)
        elif "error" in chunk:
            self.errors.append(number)
        else:
            self._take_chunk(number, chunk)

    def _take_chunk(self, number: int, chunk: dict[str, Any]) -> None:
        self.chunks.append((number, chunk))
        for seen, name in ((self.ids, "id"), (self.models, "model"), (self.created, "created")):
            value = chunk.get(name)
            key = value if isinstance(value, PLAIN) else repr(value)
            if key not in seen:
                seen[key] = number
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            index = choice.get("index") if isinstance(choice, dict) else None
            if isinstance(index, int):
                if index not in self.choices:
                    self.choices[index] = Choice(number)
                self.choices[index].take(number, choice)
        if chunk.get("usage") is not None:
            self.usages.append((number, chunk["usage"]))

    def whole(self) -> dict[str, Any]:
        """The whole answer that the stream comes to; `usage` is the last that was said. Put together once."""
        if self._whole is None:
            self._whole = self._folded()
        return self._whole

    def _folded(self) -> dict[str, Any]:
        first = self.chunks[0][1] if self.chunks else {}
        choices = [
            {"index": index, "message": choice.message(), "finish_reason": choice.finish}
            for index, choice in sorted(self.choices.items())
        ]
        folded = {
            "id": first.get("id"),
            "object": "chat.completion",
            "created": first.get("created"),
            "model": first.get("model"),
            "choices": choices,
        }
        used = self.all_usages
        return {**folded, "usage": used[-1][1]} if used else folded

    @property
    def all_usages(self) -> list[tuple[int, Any]]:
        """Every usage with its event, in order, wherever it stood."""
        inside = [said for choice in self.choices.values() for said in choice.usages]
        return sorted([*inside, *self.usages], key=lambda said: said[0])


def fold(events: Iterable[Event]) -> Stream:
    """The stream of these events."""
    stream = Stream()
    for event in events:
        stream.take(event)
    return stream
