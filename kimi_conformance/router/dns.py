"""Questions for the addresses of names, and our answers to them (RFC 1035): what we play is here, nothing else is."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

HEADER: Final = struct.Struct(">6H")
KIND: Final = struct.Struct(">2H")
LONGEST: Final = 512
"""RFC 1035, 4.2.1. A question fits in there by far."""
LONGEST_NAME, LONGEST_LABEL = 255, 63
A, AAAA, INTERNET = 1, 28, 1
RESPONSE, OPCODE, TRUNCATED, RECURSION = 0x8000, 0x7800, 0x0200, 0x0100
AVAILABLE: Final = 0x0080
NO_SUCH_NAME: Final = 3
ITS_NAME: Final = 0xC000 | HEADER.size
"""Points to the name in the question (RFC 1035, 4.1.4)."""
HERE: Final = bytes((127, 0, 0, 1))
PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `name` in small letters and without the last dot, `section` as it came."""

    number: int
    name: str
    for_address: bool
    for_ipv4: bool
    section: bytes
    recursion: int


def read(message: bytes) -> Question | None:
    """The one question of `message`; None where it is no question, or malformed."""
    if not HEADER.size < len(message) <= LONGEST:
        return None
    number, flags, *counts, _ = HEADER.unpack_from(message)
    if flags & (RESPONSE | OPCODE | TRUNCATED) or counts != [1, 0, 0]:
        return None
    labels: list[str] = []
    at = HEADER.size
    while at < len(message) and message[at]:
        label = message[at + 1 : at + 1 + message[at]]
        if message[at] > LONGEST_LABEL or len(label) < message[at]:
            return None
        labels.append(_text(label))
        at += 1 + len(label)
    end = at + 1 + KIND.size
    if end > len(message) or at + 1 - HEADER.size > LONGEST_NAME:
        return None
    kind, network = KIND.unpack_from(message, at + 1)
    name = ".".join(labels).lower()
    here = network == INTERNET
    section = message[HEADER.size : end]
    return Question(number, name, here and kind in (A, AAAA), here and kind == A, section, flags & RECURSION)


def answer(question: Question, *, known: bool) -> bytes:
    """127.0.0.1 for a name that is `known` (it has no other address), else that there is no such name."""
    found = known and question.for_ipv4
    flags = RESPONSE | question.recursion | AVAILABLE | (0 if known else NO_SUCH_NAME)
    record = struct.pack(">3HIH", ITS_NAME, A, INTERNET, 0, len(HERE)) + HERE if found else b""
    return HEADER.pack(question.number, flags, 1, int(found), 0, 0) + question.section + record


def _text(label: bytes) -> str:
    """As in a zone's file (RFC 1035, 5.1): what is not plain is told by its number."""
    return "".join(chr(byte) if byte in PLAIN else f"\\{byte:03}" for byte in label)
