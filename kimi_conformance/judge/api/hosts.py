"""Three hosts, three kinds of key: what a host says to the key of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.auth import NO_KEY, UNKNOWN_KEY, key_seen, unauthorized
from kimi_conformance.judge.api.hosts_known import on_platform
from kimi_conformance.judge.api.law import Contract, law

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.calls import Host
    from kimi_conformance.judge.api.law import When
    from kimi_conformance.judge.api.sight import Key, Sight
    from kimi_conformance.judge.check import Flaw

KEYLESS: Final = frozenset({"models", "chat", "messages"})


def _foreign(key: Key, *hosts: Host) -> When:
    return lambda s, _c: s.key == key and s.host in hosts and key_seen(s)


def _refused(s: Sight, _c: Contract) -> Iterator[Flaw]:
    yield from unauthorized(s, UNKNOWN_KEY)


law("api.hosts.ai-key-on-cn-401", when=_foreign("other-host", "platform-cn"))(_refused)
law("api.hosts.cn-key-on-ai-401", when=_foreign("other-host", "platform-ai"))(_refused)
law("api.hosts.platform-key-on-coding-401", when=_foreign("other-host", "coding"))(_refused)
law("api.hosts.coding-key-on-platform-401", when=_foreign("coding", "platform-ai", "platform-cn"))(_refused)


def _keyless(s: Sight, _c: Contract) -> bool:
    bare = s.exchange.request.header("authorization") is None and s.exchange.request.header("x-api-key") is None
    return s.key == "none" and bare and on_platform(s) and s.face in KEYLESS and key_seen(s)


@law("api.hosts.missing-key-401-other-type", when=_keyless)
def missing_key(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Who sends no key is told so by a type of its own."""
    yield from unauthorized(s, NO_KEY)
