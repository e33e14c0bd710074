"""Tool calls in a stream: fragments that have to find together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import event, shown
from kimi_conformance.judge.api.tools import KINDS
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.fold import Call, Choice
    from kimi_conformance.judge.api.sight import Sight


def _called(sight: Sight, _contract: Contract) -> bool:
    return any(choice.calls or choice.unindexed for choice in sight.stream.choices.values())


@law("api.stream.fragments-join", "chat.completion.chunk", when=_called)
def fragments_join(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Every fragment has the index of its call; the first of a call has id, type and name, and no other has them."""
    for choice in s.stream.choices.values():
        for number in choice.unindexed:
            yield Flaw(
                "an integer index", "none", event(s, number, "tool_calls/index"), "a fragment belongs to no call"
            )
        indices = sorted(choice.calls)
        if indices != list(range(len(indices))):
            yield Flaw("0, 1, 2 …", shown(indices), "response", "the calls of a choice are not numbered from 0")
        yield from _named(s, choice)
    yield from _named_again(s)


def _named(s: Sight, choice: Choice) -> Iterator[Flaw]:
    for index, call in sorted(choice.calls.items()):
        for member, value in (("id", call.id), ("function/name", call.name)):
            if not isinstance(value, str) or not value:
                where = event(s, call.first, f"tool_calls/{member}")
                yield Flaw("a string", shown(value), where, f"the first fragment of call {index} has no {member}")
        if call.type not in KINDS:
            where = event(s, call.first, "tool_calls/type")
            yield Flaw("function", shown(call.type), where, f"the first fragment of call {index} is of no known type")
        for number in call.renamed:
            message = f"a fragment of call {index} names another call"
            yield Flaw(shown(call.id), "another id, type or name", event(s, number, "tool_calls"), message)


def _named_again(s: Sight) -> Iterator[Flaw]:
    """Fragments that name their call as its first one did, which says once what belongs there."""
    for number, call, fragment in _later_fragments(s):
        function = fragment.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        said = [each for each in (fragment.get("id"), fragment.get("type"), name) if each]
        if said and number not in call.renamed:
            message = f"a fragment of call {fragment['index']} names it again"
            yield Flaw("id, type and name once", shown(said), event(s, number, "tool_calls"), message)


def _later_fragments(s: Sight) -> Iterator[tuple[int, Call, dict[str, Any]]]:
    """Each fragment of a call but its first, with its event."""
    for number, chunk in s.stream.chunks:
        for choice in chunk["choices"] if isinstance(chunk.get("choices"), list) else ():
            index = choice.get("index") if isinstance(choice, dict) else None
            if not isinstance(index, int) or not isinstance(choice.get("delta"), dict):
                continue
            fragments = choice["delta"].get("tool_calls")
            for fragment in fragments if isinstance(fragments, list) else ():
                which = fragment.get("index") if isinstance(fragment, dict) else None
                call = s.stream.choices[index].calls.get(which) if isinstance(which, int) else None
                if call and number != call.first:
                    yield number, call, fragment
