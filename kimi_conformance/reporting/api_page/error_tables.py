"""Tables of errors: all of them by status, and the three 429s."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.reporting.api_page.view import Told, View, table

if TYPE_CHECKING:
    from kimi_conformance.contract.errors import Errors
    from kimi_conformance.reporting.api_page.ties import Ties


def errors(ties: Ties, known: Errors) -> View:
    """Every kind of error: how to know it, what it means, what to do, and whether to send the request again."""
    rows = [
        Told(
            (
                str(each.status),
                f"`{each.type}`" if each.type else "none",
                ", ".join(each.where),
                "<br>".join(f"`{message}`" for message in each.messages) or "?",
                f"{each.means} {each.do}",
                each.retry,
            ),
            ties.mark(each),
        )
        for each in known.errors
    ]
    return table(("Status", "`error.type`", "Where", "Message", "What it means, what to do", "Retry"), rows)


def limits(ties: Ties, known: Errors) -> View:
    """The three reasons of a 429, and how to tell them apart."""
    rows = [
        Told((f"`{each.type}`", each.why, each.says, each.headers, each.do), ties.mark(each)) for each in known.limits
    ]
    return table(("`error.type`", "Why", "The message", "Headers", "What to do"), rows)
