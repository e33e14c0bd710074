"""Usage: the token counters of chat answers, wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import choices, count, shown, usages
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

TOTALS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
SAVED: Final = "msh-context-cache-token-saved"


def _whole(sight: Sight, _contract: Contract) -> bool:
    return bool(sight.answer)


def _counted(sight: Sight, _contract: Contract) -> bool:
    return any(usages(sight))


def _spent(sight: Sight, contract: Contract) -> bool:
    """What is filtered may be nothing."""
    return _counted(sight, contract) and all(reason != "content_filter" for _, _, reason in choices(sight))


def _cached(sight: Sight, _contract: Contract) -> bool:
    return any(_hits(sight))


def _reasoned(sight: Sight, _contract: Contract) -> bool:
    return any(count(used, "completion_tokens_details", "reasoning_tokens") is not None for _, used in usages(sight))


def _hits(sight: Sight) -> Iterator[tuple[str, int]]:
    """Where each cache counter stands, and what it says."""
    for at, used in usages(sight):
        for path in (("cached_tokens",), ("prompt_tokens_details", "cached_tokens")):
            hit = count(used, *path)
            if hit is not None:
                yield f"{at}/{'/'.join(path)}", hit


@law("api.usage.present", "chat.completion", when=_whole)
def present(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A whole answer has its usage, with the three totals."""
    used = s.answer.get("usage")
    if not isinstance(used, dict):
        yield Flaw("an object with the token counts", shown(used), "response /usage", "the answer has no usage")
        return
    for member in TOTALS:
        if count(used, member) is None:
            yield Flaw("an integer", shown(used.get(member)), f"response /usage/{member}", f"{member} is no number")


@law("api.usage.total-is-sum", "chat.completion", "chat.completion.chunk", when=_counted)
def total_is_sum(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Total is prompt plus completion."""
    for at, used in usages(s):
        prompt, completion, total = (count(used, f"{part}_tokens") for part in ("prompt", "completion", "total"))
        if prompt is None or completion is None or total != prompt + completion:
            said = f"{shown(total)} beside {shown(prompt)} and {shown(completion)}"
            yield Flaw("prompt_tokens + completion_tokens", said, f"{at}/total_tokens", "the total is not the sum")


@law("api.usage.positive", "chat.completion", "chat.completion.chunk", when=_spent)
def positive(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """An answer cost something: its prompt has tokens, and so has what was completed."""
    for at, used in usages(s):
        for member in ("prompt_tokens", "completion_tokens"):
            tokens = count(used, member)
            if tokens is None or tokens <= 0:
                yield Flaw("more than 0", shown(used.get(member)), f"{at}/{member}", f"{member} counts nothing")


@law("api.usage.cached-within-prompt", "chat.completion", "chat.completion.chunk", when=_cached)
def cached_within_prompt(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The prompt includes what came from the cache."""
    for at, used in usages(s):
        prompt = count(used, "prompt_tokens")
        for hit in (count(used, "cached_tokens"), count(used, "prompt_tokens_details", "cached_tokens")):
            if hit is not None and prompt is not None and not 0 <= hit <= prompt:
                yield Flaw(f"0 to {prompt}", str(hit), f"{at}/cached_tokens", "more was cached than was asked")


@law("api.usage.cached-twins-equal", "chat.completion", "chat.completion.chunk", when=_cached)
def cached_twins_equal(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Both spellings of the cache counter say the same."""
    for at, used in usages(s):
        top, nested = count(used, "cached_tokens"), count(used, "prompt_tokens_details", "cached_tokens")
        if None not in (top, nested) and top != nested:
            message = "the two cache counters differ"
            yield Flaw(str(top), str(nested), f"{at}/prompt_tokens_details/cached_tokens", message)


@law("api.usage.cached-only-on-hit", "chat.completion", "chat.completion.chunk", when=_cached)
def cached_only_on_hit(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The cache counters are there on a hit only."""
    for at, hit in _hits(s):
        if hit == 0:
            yield Flaw("no such member without a hit", "0", at, "a cache counter of 0")


@law("api.usage.reasoning-within-completion", "chat.completion", "chat.completion.chunk", when=_reasoned)
def reasoning_within_completion(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The completion includes the reasoning."""
    for at, used in usages(s):
        thought, completion = (
            count(used, "completion_tokens_details", "reasoning_tokens"),
            count(used, "completion_tokens"),
        )
        if thought is not None and completion is not None and not 0 <= thought <= completion:
            where = f"{at}/completion_tokens_details/reasoning_tokens"
            yield Flaw(f"0 to {completion}", str(thought), where, "more was reasoned than was completed")


def _has_headers(sight: Sight, _contract: Contract) -> bool:
    """Only where the platform's own headers were kept can one of them be missed."""
    return _counted(sight, _contract) and (
        sight.header(SAVED) is not None or sight.header("msh-request-id") is not None
    )


@law("api.usage.header-equals-counter", "chat.completion", when=_has_headers)
def header_equals_counter(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The header says what the counter says, and is there on a hit only."""
    hit = next((found for _, found in _hits(s) if found), None)
    said = s.header(SAVED)
    if said != (None if hit is None else str(hit)):
        expected = "no header without a hit" if hit is None else str(hit)
        message = "the header of the cache and the counter in the usage differ"
        yield Flaw(expected, said or "no header", f"response header {SAVED}", message)
