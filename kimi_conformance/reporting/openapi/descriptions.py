"""Descriptions of members name their sources in brackets: short names that a reader of the document does not know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.reporting.api_page.mark import Word

SOURCES: Final[Mapping[str, Word]] = {
    "evidence": "observed",
    "public answer": "observed",
    "HALRO": "reported",
    "LM15": "reported",
    "looplj/axonhub": "reported",
    "public notes": "reported",
    "docs": "documented",
    "kimi-code": "Moonshot's code",
}
"""How what such a source says is known, strongest first. `evidence`: a real answer that somebody published."""
_SOURCE: Final = rf"(?:{'|'.join(SOURCES)})\b"
_BRACKETS: Final = re.compile(rf" \((?P<before>[^()]*?)(?:, )?(?P<source>{_SOURCE}[^():]*)(?P<after>:[^()]*)?\)")


def without_sources(description: str) -> str:
    """The description without what it says of its sources."""
    return _BRACKETS.sub(lambda found: _rest(found["before"], (found["after"] or "").removeprefix(":")), description)


def known_by(description: str) -> dict[str, str]:
    """How a member is known by the sources in its description, by the strongest; nothing where it names none."""
    named = [found["source"] for found in _BRACKETS.finditer(description)]
    for source, word in SOURCES.items():
        texts = [text for text in named if re.search(rf"\b{re.escape(source)}\b", text)]
        if texts:
            days = re.findall(rf"{re.escape(source)} ([0-9]{{4}}-[0-9]{{2}})", " ".join(texts))
            return {"known": word} | ({"date": max(days)} if days else {})
    return {}


def _rest(*texts: str) -> str:
    left = " ".join(text.strip() for text in texts if text.strip())
    return f" ({left})" if left else ""
