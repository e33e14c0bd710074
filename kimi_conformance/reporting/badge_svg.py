"""A badge as an SVG file of its own: no font, no script and no network is needed to show it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.reporting.badge import Badge

GROUPS: Final[Mapping[str, float]] = {
    "ijl'|": 3.2,
    " ,./:;!()[]-frtI\\": 4.6,
    '"*^_`?cksvxyzJ': 6.3,
    "abdeghnopquLFT0123456789$": 6.95,
    "ABCEGKPRSVXYZ&{}": 7.6,
    "DHNOQU+<=>~#": 8.5,
    "mwMW@%": 10.7,
}
"""Characters by their width in pixels, in Verdana at 11 pixels, rounded up."""

WIDTHS: Final = {character: width for characters, width in GROUPS.items() for character in characters}
WIDEST: Final = 11.0
"""Of a character that is not in the table: a Chinese one is as wide as it is high."""

PADDING: Final = 6
HEIGHT: Final = 20
LEFT: Final = "#3d4146"
UNFIT: Final = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML has no way to write, or that are no part of a line."""


def svg(badge: Badge) -> bytes:
    """The file, in UTF-8. What a screen reader says is the whole text; letters keep to their place in any font."""
    label, message = UNFIT.sub(" ", badge.label), UNFIT.sub(" ", badge.message)
    left, right = _width(label), _width(message)
    whole = left + right
    said = f"{label}: {message}"
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(whole),
            "height": str(HEIGHT),
            "viewBox": f"0 0 {whole} {HEIGHT}",
            "role": "img",
            "aria-label": said,
        },
    )
    ET.SubElement(root, "title").text = said
    ET.SubElement(root, "rect", width=str(whole), height=str(HEIGHT), rx="3", fill=badge.colour)
    edge = (
        f"M{left} 0v{HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z"  # no clip path: ids clash where badges stand in one page
    )
    ET.SubElement(root, "path", d=edge, fill=LEFT)
    letters = {"fill": "#fff", "font-family": "Verdana,DejaVu Sans,Geneva,sans-serif", "font-size": "11"}
    texts = ET.SubElement(root, "g", letters)
    for text, start, width in ((label, 0, left), (message, left, right)):
        place = {"x": str(start + PADDING), "y": "14", "textLength": str(width - 2 * PADDING)}
        ET.SubElement(texts, "text", {**place, "lengthAdjust": "spacingAndGlyphs"}).text = text
    return bytes(ET.tostring(root, encoding="utf-8")) + b"\n"


def _width(text: str) -> int:
    """Pixels that `text` takes, with what is left free beside it."""
    return round(sum(WIDTHS.get(character, WIDEST) for character in text)) + 2 * PADDING
