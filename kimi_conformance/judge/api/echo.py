"""Echo: a text that the model was told to repeat, so that what was lost, doubled or swapped on the way can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import choices, shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

COMMAND: Final = "Repeat exactly: "
OURS: Final = "kimi-conformance"
"""A text to repeat that begins so is ours; what others ask for is none of our business."""


def wanted(sight: Sight) -> str | None:
    """The text that is to be repeated; None where the request is no such one of ours."""
    said = sight.asked.get("messages")
    last = said[-1] if isinstance(said, list) and said else None
    text = last.get("content") if isinstance(last, dict) else None
    if isinstance(text, str) and text.startswith(COMMAND + OURS):
        return text.removeprefix(COMMAND)
    return None


def _repeats(sight: Sight, _contract: Contract) -> bool:
    whole = any(reason == "stop" for _, _, reason in choices(sight))
    return whole and wanted(sight) is not None and not sight.partial


@law("api.stream.text-complete", "chat.completion.chunk", when=_repeats)
def text_complete(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The pieces of a stream come to the text that was asked for."""
    text = wanted(s)
    for at, message, reason in choices(s):
        if reason == "stop" and str(message.get("content")).strip() != text:
            where = f"{at}/message/content"
            yield Flaw(str(text), shown(message.get("content")), where, "the text of the stream is not that asked for")
