"""Addresses in what contracts cite, and the address of a requirement where somebody says what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kimi_conformance.contract.requirement import Requirement

URL: Final = re.compile(r"https?://[^\s\"'<>),;]+")
VARIABLE: Final = "KIMI_REQUIREMENT_URL"
"""The variable of the environment that has the template: an installed package does not know who hosts its contracts."""
KNOWN: Final = ("id", "actor", "area", "file")
_NAMED: Final = re.compile(r"\{([^{}]*)\}")


class BadTemplate(Exception):
    """A template for the addresses of requirements that makes none. Says why."""


def urls(text: str) -> Sequence[str]:
    """The addresses in `text`, without the full stop of its sentence."""
    return [found.rstrip(".") for found in URL.findall(text)]


def pieces(text: str) -> Sequence[tuple[str, str]]:
    """`text` in pieces with their addresses, which are empty for what is none."""
    told: list[tuple[str, str]] = []
    at = 0
    for url in urls(text):
        begin = text.index(url, at)
        told += [(text[at:begin], ""), (url, url)]
        at = begin + len(url)
    return [(piece, url) for piece, url in (*told, (text[at:], "")) if piece]


def checked(template: str) -> str:
    """`template`, if an address comes of it. Raises `BadTemplate`."""
    unknown = [name for name in _NAMED.findall(template) if name not in KNOWN]
    if unknown:
        raise BadTemplate(f"{VARIABLE} knows {_listed(KNOWN)}, not {_listed(unknown)}")
    if not _is_address(_NAMED.sub("x", template)):
        raise BadTemplate(f"{VARIABLE} is no address: it takes the form https://host/path/{{file}}#{{id}}")
    if "{id}" not in template and "{file}" not in template:
        raise BadTemplate(f"{VARIABLE} has neither {{id}} nor {{file}}: all requirements would have one address")
    return template


def requirement_url(template: str, requirement: Requirement) -> str:
    """The address of `requirement` by a checked template; empty where there is none.

    `{file}` is the file that it stands in, `contracts/requirements/api/auth.yaml`.
    """
    values = {
        "id": requirement.id,
        "actor": requirement.actor,
        "area": requirement.area,
        "file": f"contracts/requirements/{requirement.actor}/{requirement.area}.yaml",
    }
    return _NAMED.sub(lambda match: quote(values[match[1]]), template)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # half an IPv6 address
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
