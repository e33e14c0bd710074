"""Answers that say again what they were to go on from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.wire.edit import change
from kimi_conformance.faults.wire.pieces import block, inserted
from kimi_conformance.faults.wire.whole import answer
from kimi_conformance.faults.wire.wire_fault import wire

if TYPE_CHECKING:
    from kimi_conformance.faults.wire.wire_fault import Apply

AGAIN: Final = "api.partial.prefix-not-repeated"
BEGUN: Final = "The sea that most people know is"


def _before(words: str) -> Apply:
    """`words` stand before what is said."""
    return answer(change("choices/*/message/content", lambda text: f"{words}{text}"))


def _piece(text: str) -> dict[str, Any]:
    """A chunk with this much of the answer."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    head = {"id": "chatcmpl-6a5aba7e3fbb8333b875d4a9", "object": "chat.completion.chunk", "created": 1788396033}
    return {**head, "model": "kimi-k3", "choices": [choice]}


FAULTS: Final = (
    wire(
        "prefix-repeated", "The answer begins with what it was to go on from.", _before(BEGUN), AGAIN, on="chat-partial"
    ),
    wire(
        "prefix-repeated-on-a-new-line",
        "The answer begins a new line with what it was to go on from.",
        _before(f"\n{BEGUN}"),
        AGAIN,
        on="chat-partial",
    ),
    wire(
        "stream-prefix-repeated",
        "A stream begins with what it was to go on from, in pieces of which none has all of it.",
        inserted(rb'"content":"[^"]', block(_piece(BEGUN[:16])) + block(_piece(BEGUN[16:]))),
        AGAIN,
        on="stream-partial",
    ),
)
