"""The words by which a stand-in's stream can be followed: whose they are, and when each was sent and seen."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import serial_of

if TYPE_CHECKING:
    from kimi_conformance.exchange import Response

WORD: Final = re.compile(rb"(\d{7})-(\d{3})(?!\d)")
"""The serial of its trip, and its number there (see `contract.scene.token`)."""


def times_of(response: Response, mark: str) -> dict[int, float]:
    """When the last byte of each word of this trip's stream was there: sent, or seen."""
    ends = [*accumulate(len(piece.data) for piece in response.pieces)]
    own = serial_of(mark).encode()
    times: dict[int, float] = {}
    for found in WORD.finditer(response.body):
        if found[1] == own:
            last = response.pieces[bisect_left(ends, found.end())]
            times.setdefault(int(found[2]), last.t_ms)
    return times


def own_words(text: str, mark: str) -> list[int]:
    """The numbers of the words of this trip in a text, in their order."""
    own = serial_of(mark)
    return [int(found[2]) for found in WORD.finditer(text.encode("utf-8", "surrogatepass")) if found[1].decode() == own]
