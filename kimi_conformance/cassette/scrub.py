"""What must not be written down: cookies are left out; ids of accounts keep their length, so that lengths stay true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable

ACCOUNT_HEADERS: Final = frozenset({"msh-org-id", "msh-uid", "msh-gid", "msh-project-id"})
LEFT_OUT: Final = frozenset({"set-cookie"})
IDS: Final = re.compile(
    rb"(?:(?<![0-9A-Za-z])|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\[bfnrt]))(?:org|ak|proj|uid)-[0-9A-Za-z]{6,}"
)
"""At the beginning of a word, or right after an escape of JSON: `\\u003cak-…`, as Kimi writes it."""
ALPHABETS: Final = {b"ak": b"abcdefghij0123456789"}
DIGITS: Final = b"0123456789abcdef"


class SecretFound(Exception):
    """A key stands in an answer: that is a finding of its own, and the answer is not written down.

    Nor is a compressed one with ids of an account: they cannot be replaced in it.
    """


def scrubbed(response: dict[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
    """A response of a cassette without cookies, and with account ids replaced by others of the same length.

    Raises `SecretFound` where one of `secrets` stands in it, or where something in it cannot be replaced.
    """
    body: bytes = response["body"]["string"]
    plain = _unpacked(response["headers"], body)
    headers = {
        name: [_other(value) for value in values] if name.lower() in ACCOUNT_HEADERS else values
        for name, values in response["headers"].items()
        if name.lower() not in LEFT_OUT
    }
    for secret in secrets:
        if secret and (secret.encode() in plain or secret in str(headers)):
            raise SecretFound("a key stands in the answer")
    if plain != body and IDS.search(plain):
        raise SecretFound("ids of an account stand in a compressed answer")
    return {**response, "headers": headers, "body": {"string": IDS.sub(_other_id, body)}}


def _other_id(found: re.Match[bytes]) -> bytes:
    kind, _, name = found[0].partition(b"-")
    alphabet = ALPHABETS.get(kind, DIGITS)
    return kind + b"-" + bytes(alphabet[at % len(alphabet)] for at in range(len(name)))


def _other(value: str) -> str:
    return "".join("0" if char.isalnum() else char for char in value)


def _unpacked(headers: dict[str, list[str]], body: bytes) -> bytes:
    """What a body says. Of a compressed one that is cut short or broken, nobody knows: `SecretFound`."""
    packed = [value for name, values in headers.items() if name.lower() == "content-encoding" for value in values]
    if not packed:
        return body
    try:
        return httpx.Response(200, headers={"content-encoding": ", ".join(packed)}, content=body).content
    except httpx.DecodingError:
        raise SecretFound("the answer is compressed, and cannot be read") from None
