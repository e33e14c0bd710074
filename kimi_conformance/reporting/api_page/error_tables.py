"""Tables of errors: all of them by status, and the three 429s."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.reporting.api_page.view import Told, View, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kimi_conformance.contract.errors import Errors, Where
    from kimi_conformance.reporting.api_page.ties import Ties


def errors(ties: Ties, known: Errors) -> View:
    """Every kind of error: how to know it, what it means, what to do, and whether to send the request again."""
    rows = [
        Told(
            (
                "<br>".join([str(each.status), *([f"`{each.type}`"] if each.type else []), *_where(each.where)]),
                "<br>".join(f"`{message}`" for message in each.messages) or "?",
                each.means,
                each.do,
                each.retry,
            ),
            ties.mark(each),
        )
        for each in known.errors
    ]
    return table(("Status and `error.type`", "Message", "What it means", "What to do", "Retry"), rows)


def _where(faces: Sequence[Where]) -> list[str]:
    """On which faces, unless it is the platform as a whole."""
    return [] if tuple(faces) == ("platform",) else [f"*{', '.join(faces)}*"]


def limits(ties: Ties, known: Errors) -> View:
    """The three reasons of a 429, and how to tell them apart."""
    rows = [
        Told((f"`{each.type}`", each.why, each.says, each.headers, each.do), ties.mark(each)) for each in known.limits
    ]
    return table(("`error.type`", "Why", "The message", "Headers", "What to do"), rows)
