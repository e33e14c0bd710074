"""Chat requests that are answered: those that keep every rule, and the members that nobody minds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.acceptance import acceptance, trusted
from kimi_conformance.judge.api.chat import ANSWER, budget
from kimi_conformance.judge.api.chat_refusals import parts
from kimi_conformance.judge.api.hosts_known import on_coding
from kimi_conformance.judge.api.known_good import DOCUMENTED, is_inline_image, keeps
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import choices, count, usages
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight


KIMIS: Final = frozenset({"prompt_cache_key", "safety_identifier"})


def _own_members(s: Sight) -> bool:
    return s.asked.keys() <= DOCUMENTED


def _plain(s: Sight, c: Contract) -> bool:
    return trusted(s) and _own_members(s) and not _pictured(s) and not on_coding(s) and keeps(s, c)


def _pictured(s: Sight) -> bool:
    return any(is_inline_image(part) for part in parts(s.asked))


def _with_picture(s: Sight, c: Contract) -> bool:
    return trusted(s) and _own_members(s) and _pictured(s) and keeps(s, c)


def _old_bound(s: Sight, c: Contract) -> bool:
    return "max_tokens" in s.asked and "max_completion_tokens" not in s.asked and keeps(s, c)


def _strange(s: Sight, c: Contract) -> bool:
    return not _own_members(s) and keeps(s, c)


def _kimis(s: Sight, c: Contract) -> bool:
    return not s.asked.keys().isdisjoint(KIMIS) and keeps(s, c)


def _both_bounds(s: Sight, _c: Contract) -> bool:
    first, second = budget(s.asked), budget({"max_tokens": s.asked.get("max_tokens")})
    both = None not in (first, second) and first != second
    return both and len(list(choices(s))) == 1 and any(usages(s)) and not s.partial


acceptance("api.chat.answered", _plain, breakdowns=True)
acceptance("api.chat.inline-image-accepted", _with_picture)
acceptance("api.chat.max-tokens-accepted", _old_bound)
acceptance("api.chat.unknown-members-accepted", _strange)
acceptance("api.chat.kimi-members-accepted", _kimis)


@law("api.chat.both-bounds-completion-wins", *ANSWER, when=_both_bounds)
def both_bounds_completion_wins(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Of two bounds `max_completion_tokens` holds: not more is completed, and nothing is cut at the other."""
    most, other = s.asked["max_completion_tokens"], s.asked["max_tokens"]
    cut = any(reason == "length" for _, _, reason in choices(s))
    for at, used in usages(s):
        spent = count(used, "completion_tokens")
        if spent is not None and (spent > most or (cut and other < most and spent <= other)):
            message = "max_tokens bounds the answer although max_completion_tokens is there"
            yield Flaw(f"a bound of {most}", str(spent), f"{at}/completion_tokens", message)
