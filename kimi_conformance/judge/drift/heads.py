"""Which headers came: those that matter, and those that nobody has described."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kimi_conformance.judge.drift.change import ABSENT, Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.drift_rules import Class, DriftRules
    from kimi_conformance.judge.api.sight import Sight


def header_changes(before: Sight, after: Sight, rules: DriftRules) -> Iterator[Change]:
    """Headers that are gone, that say something else, or are new. Only where both sides show their whole heads.

    A recorder that keeps no headers but the content type lets that be compared, and no other.
    """
    whole = before.whole_head and after.whole_head
    was, now = _names(before), _names(after)
    for name, rule in rules.headers.items():
        old, new = before.header(name), after.header(name)
        if old is not None and new is None and after.whole_head:
            yield _change(name, rule.gone, "present", ABSENT, f"the header {name} is gone")
        elif old is not None and new is not None and rule.other and _said(old) != _said(new):
            yield _change(name, rule.other, old, new, f"the header {name} says something else")
    for name in sorted(now - was) if whole else ():
        if not any(fnmatchcase(name, glob) for glob in rules.ignored_headers):
            yield _change(name, "additive", ABSENT, "present", f"the header {name} is new")


def _change(name: str, class_: Class, before: str, after: str, says: str) -> Change:
    return Change("header", class_, f"header {name}", before, after, says, name)


def _names(sight: Sight) -> set[str]:
    response = sight.exchange.response
    return {name.lower() for name, _ in response.headers} if response else set()


def _said(value: str) -> str:
    """A value without what does not matter: blanks, quotes and case (RFC 9110, 8.3.1)."""
    return re.sub(r'["\s]', "", value).lower()
