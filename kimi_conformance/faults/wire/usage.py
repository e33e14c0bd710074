"""Token counters that do not add up, of whole answers and in streams."""

from __future__ import annotations

from typing import Final

from kimi_conformance.faults.wire.edit import both, change, drop, put
from kimi_conformance.faults.wire.pieces import each_chunk, last_chunk, swapped, twice, without
from kimi_conformance.faults.wire.whole import answer, header, header_added
from kimi_conformance.faults.wire.wire_fault import wire

SAVED: Final = "msh-context-cache-token-saved"
REACHABLE: Final = "api.stream.usage-reachable"
ASKED: Final = "api.stream.usage-chunk-when-asked"
IN_CHOICE: Final = "choices/0/usage"
CHOICE: Final = {"index": 0, "delta": {}, "finish_reason": None}
TOLD: Final = rb'"choices":\[\],'


def _one_more(found: int) -> int:
    return found + 1


FAULTS: Final = (
    wire(
        "usage-missing",
        "An answer has no usage.",
        answer(drop("usage")),
        "api.usage.present",
        "api.chat.shape",
        on="chat",
    ),
    wire("usage-null", "The usage of an answer is null.", answer(put("usage", None)), "api.usage.present", on="chat"),
    wire(
        "usage-zero",
        "All counters are 0.",
        answer(both(*(put(f"usage/{part}_tokens", 0) for part in ("prompt", "completion", "total")))),
        "api.usage.positive",
        on="chat",
    ),
    wire(
        "usage-negative",
        "The completion has fewer tokens than none.",
        answer(both(put("usage/completion_tokens", -1), put("usage/total_tokens", 86))),
        "api.usage.positive",
        on="chat",
    ),
    wire(
        "usage-wrong-total",
        "The total is not the sum.",
        answer(change("usage/total_tokens", _one_more)),
        "api.usage.total-is-sum",
        on="chat",
    ),
    wire(
        "usage-total-missing",
        "There is no total.",
        answer(drop("usage/total_tokens")),
        "api.usage.total-is-sum",
        on="chat",
    ),
    wire(
        "usage-in-anthropics-words",
        "The counters have Anthropic's names.",
        answer(put("usage", {"input_tokens": 87, "output_tokens": 61})),
        "api.usage.total-is-sum",
        "api.usage.positive",
        "api.chat.shape",
        on="chat",
    ),
    wire(
        "cached-over-prompt",
        "More came from the cache than was asked.",
        answer(both(put("usage/cached_tokens", 94), put("usage/prompt_tokens_details/cached_tokens", 94))),
        "api.usage.cached-within-prompt",
        on="chat-cached",
    ),
    wire(
        "usage-prompt-missing",
        "There is no counter of the prompt.",
        answer(drop("usage/prompt_tokens")),
        "api.usage.total-is-sum",
        "api.usage.positive",
        on="chat",
    ),
    wire(
        "usage-completion-null",
        "The counter of the completion is null.",
        answer(put("usage/completion_tokens", None)),
        "api.usage.total-is-sum",
        "api.usage.positive",
        on="chat",
    ),
    wire(
        "cached-nested-over-prompt",
        "More came from the cache than was asked, by the nested counter alone.",
        answer(both(drop("usage/cached_tokens"), put("usage/prompt_tokens_details/cached_tokens", 94))),
        "api.usage.cached-within-prompt",
        on="chat-cached",
    ),
    wire(
        "cached-twins-differ",
        "The two counters of the cache differ.",
        answer(put("usage/prompt_tokens_details/cached_tokens", 92)),
        "api.usage.cached-twins-equal",
        on="chat-cached",
    ),
    wire(
        "cached-zero",
        "The counter of the cache is 0 where nothing came from it.",
        answer(put("usage/cached_tokens", 0)),
        "api.usage.cached-only-on-hit",
        "api.caching.implicit-hit",
        on="chat",
    ),
    wire(
        "cached-header-differs",
        "The header of the cache says something else than the counter.",
        header(SAVED, lambda _: "92"),
        "api.usage.header-equals-counter",
        on="chat-cached",
    ),
    wire(
        "cached-header-missing",
        "The header of the cache is not there on a hit.",
        header(SAVED, lambda _: None),
        "api.usage.header-equals-counter",
        on="chat-cached",
    ),
    wire(
        "cached-header-without-hit",
        "The header of the cache is there without a hit.",
        header_added(SAVED, "64"),
        "api.usage.header-equals-counter",
        on="chat",
    ),
    wire(
        "reasoning-over-completion",
        "More was reasoned than was completed.",
        answer(put("usage/completion_tokens_details/reasoning_tokens", 62)),
        "api.usage.reasoning-within-completion",
        on="chat",
    ),
    wire(
        "stream-usage-missing",
        "A stream says nowhere what was used.",
        each_chunk(drop(IN_CHOICE)),
        REACHABLE,
        "api.stream.usage-in-last-choice",
        "api.stream.folds-to-completion",
        on="stream",
    ),
    wire(
        "stream-usage-at-top-only",
        "The finish of a choice has no usage in it.",
        each_chunk(drop(IN_CHOICE)),
        "api.stream.usage-in-last-choice",
        on="stream-asked-*",
    ),
    wire(
        "usage-chunk-missing",
        "The chunk with the usage that was asked for does not come.",
        without(TOLD),
        ASKED,
        on="stream-asked-*",
    ),
    wire(
        "usage-chunk-empty",
        "The chunk without choices has no usage.",
        last_chunk(both(drop("usage/total_tokens"), drop("usage"))),
        ASKED,
        on="stream-asked-*",
    ),
    wire("usage-chunk-twice", "The chunk with the usage comes twice.", twice(TOLD), ASKED, on="stream-asked-*"),
    wire(
        "usage-chunk-early",
        "The chunk with the usage comes before the finish.",
        swapped(TOLD, rb'"finish_reason":"'),
        ASKED,
        on="stream-asked-*",
    ),
    wire(
        "usage-chunk-with-choices",
        "The chunk with the usage has a choice.",
        last_chunk(both(drop("usage/total_tokens"), put("usage/total_tokens", 156), put("choices", [CHOICE]))),
        ASKED,
        on="stream-asked-usage",
    ),
    wire(
        "usage-in-every-chunk",
        "Every chunk says what was used so far.",
        each_chunk(
            both(
                change("choices/0/delta/content", str),
                put("usage", {"prompt_tokens": 89, "completion_tokens": 1, "total_tokens": 90}),
            )
        ),
        "api.stream.usage-agrees",
        on="stream-asked-usage",
    ),
    wire(
        "stream-usage-differs",
        "The two usages of a stream differ.",
        last_chunk(both(change("usage/completion_tokens", _one_more), change("usage/total_tokens", _one_more))),
        "api.stream.usage-agrees",
        on="stream-asked-*",
    ),
    wire(
        "stream-usage-wrong-total",
        "The total of a stream's usage is not the sum.",
        each_chunk(change(f"{IN_CHOICE}/total_tokens", _one_more)),
        "api.usage.total-is-sum",
        on="stream*",
    ),
    wire(
        "stream-usage-zero",
        "A stream completed nothing.",
        each_chunk(both(put(f"{IN_CHOICE}/completion_tokens", 0), change(f"{IN_CHOICE}/total_tokens", lambda _: 89))),
        "api.usage.positive",
        on="stream*",
    ),
)
