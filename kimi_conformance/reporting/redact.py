"""Keeps secrets out of everything that is shown or written down."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


LONG: Final = 12
"""Characters of a value whose half no word of ours has by chance; keys have more."""


def redactor(secrets: Mapping[str, str]) -> Callable[[str], str]:
    """A function that replaces each of `secrets` (name -> value) in a text by `<secret.NAME>`.

    It knows them plain, URL-encoded and base64-encoded (both alphabets; alone or anywhere within other encoded
    bytes), and, plain, when the text was cut somewhere in their second half. Of a short value, whose half may be part
    of any word, only the whole counts. An empty value is no secret.
    """
    forms = sorted(
        {(form, name) for name, value in secrets.items() if value for form in _forms(value)},
        key=lambda form: (-len(form[0]), form),
    )
    starts = [(value, name) for name, value in secrets.items() if len(value) >= LONG]

    def redact(text: str) -> str:
        for form, name in forms:
            if form in text:
                text = text.replace(form, _shown(name))
        for value, name in starts:
            text = _without_start(text, value, _shown(name))
        return text

    return redact


def _shown(name: str) -> str:
    return f"<secret.{name}>"


def _forms(value: str) -> Iterator[str]:
    yield from (value, quote(value), quote(value, safe=""), quote_plus(value))
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(value.encode()).decode()
        yield from filter(None, (_within_base64(value.encode(), before, encode) for before in range(3)))


def _within_base64(value: bytes, before: int, encode: Callable[[bytes], bytes]) -> str:
    """The characters that `value` alone determines where it follows `before` other bytes (RFC 4648, 4)."""
    encoded = encode(b"\0" * before + value).decode()
    return encoded[-(-before * 8 // 6) : (before + len(value)) * 8 // 6]


def _without_start(text: str, value: str, shown: str) -> str:
    """`text` without what is left of `value` where it was cut off after at least its first half."""
    start = value[: (len(value) + 1) // 2]
    at = text.find(start)
    while at >= 0:
        end = at + _alike(text[at : at + len(value)], value)
        text = text[:at] + shown + text[end:]
        at = text.find(start, at + len(shown))
    return text


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (first, second) in pairs if first != second), min(len(one), len(other)))
