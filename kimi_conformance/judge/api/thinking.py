"""Thinking: where reasoning stands, whether it can be turned off, and how much of it is asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.catalogue import PREDICATES
from kimi_conformance.judge.api.acceptance import judged
from kimi_conformance.judge.api.chat import ANSWER, served
from kimi_conformance.judge.api.known_good import keeps
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import choices, count, shown, usages
from kimi_conformance.judge.api.refusal import model_of, refusal, thinking_off
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.law import When
    from kimi_conformance.judge.api.sight import Sight

RESIDUE: Final = 1
"""kimi-k2.6 counts one token of reasoning where there is none."""
INLINED: Final = re.compile(r"\s*<think(ing)?>|(?:(?!<think(ing)?>).)*</think(ing)?>", re.DOTALL)
"""At the beginning, or only the end of it. Elsewhere it is a text about the tag."""
TAG: Final = re.compile(r"think(ing)?>")
ELSEWHERE: Final = ("reasoning", "thinking", "reasoning_details", "thinking_content", "thoughts")
"""Where other providers put it."""


def thought(sight: Sight) -> int | None:
    """The largest counter of reasoning tokens; None where there is none."""
    counters = [count(used, "completion_tokens_details", "reasoning_tokens") for _, used in usages(sight)]
    return max((found for found in counters if found is not None), default=None)


def _is(predicate: str) -> When:
    def asked(s: Sight, c: Contract) -> bool:
        model = model_of(s, c)
        return model is not None and PREDICATES[predicate](model)

    return asked


def _off(predicate: str) -> When:
    return lambda s, c: thinking_off(s) and _is(predicate)(s, c)


@law("api.thinking.reasoning-in-its-member", *ANSWER, when=lambda s, _c: any(choices(s)))
def reasoning_in_its_member(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Reasoning stands in `reasoning_content`: not in the content, not under the name that others use."""
    found = list(choices(s))
    for at, message, _ in found:
        content = message.get("content")
        if isinstance(content, str) and INLINED.match(content) and not TAG.search(str(s.asked.get("messages"))):
            where = f"{at}/message/content"
            yield Flaw("reasoning in reasoning_content", shown(content), where, "reasoning stands inside the content")
        for name in ELSEWHERE:
            if name in message:
                where = f"{at}/message/{name}"
                yield Flaw("reasoning_content", name, where, "reasoning stands under another name")
    yield from _renamed_in_chunks(s)
    tokens = thought(s) or 0
    if tokens > RESIDUE and not s.partial and not any(message.get("reasoning_content") for _, message, _ in found):
        expected = f"the reasoning of {tokens} tokens"
        yield Flaw(expected, "none", "response, reasoning_content", "reasoning was counted, and is not there")


def _renamed_in_chunks(s: Sight) -> Iterator[Flaw]:
    for number, chunk in s.stream.chunks if s.streamed else ():
        choices_ = chunk.get("choices")
        for index, choice in enumerate(choices_ if isinstance(choices_, list) else ()):
            delta: Any = choice.get("delta") if isinstance(choice, dict) else None
            for name in ELSEWHERE:
                if isinstance(delta, dict) and name in delta:
                    where = f"response event {number} /choices/{index}/delta/{name}"
                    yield Flaw("reasoning_content", name, where, "reasoning stands under another name")
                    return


@law(
    "api.thinking.disabled-is-honoured",
    when=lambda s, c: _may_be_taken(s, c) and _off("thinking-can-be-disabled")(s, c),
)
def disabled_is_honoured(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Where thinking can be turned off, it is: accepted, and no reasoning comes back."""
    yield from served(s)
    for at, message, _ in choices(s):
        if message.get("reasoning_content"):
            seen = shown(message["reasoning_content"])
            yield Flaw("none, or empty", seen, f"{at}/message/reasoning_content", "it reasons although told not to")
    tokens = thought(s)
    if tokens is not None and tokens > RESIDUE:
        where = "response, reasoning_tokens"
        yield Flaw(f"none, or at most {RESIDUE}", str(tokens), where, "reasoning is counted although it was turned off")


def _may_be_taken(s: Sight, c: Contract) -> bool:
    """Whether it was answered, or there is nothing for which it may be refused."""
    return s.face == "chat" and judged(s) and (s.ok or keeps(s, c))


def _effort_of_the_catalogue(s: Sight, c: Contract) -> bool:
    model = model_of(s, c)
    effort = model.thinking.effort if model and model.thinking else None
    return _may_be_taken(s, c) and effort is not None and s.asked.get("reasoning_effort") in effort.values


def _unknown_effort(s: Sight, c: Contract) -> bool:
    model = model_of(s, c)
    effort = model.thinking.effort if model and model.thinking else None
    said = s.asked.get("reasoning_effort")
    known = effort is not None and effort.unknown == "accepted" and said not in effort.values
    return _may_be_taken(s, c) and isinstance(said, str) and known


def _effort_of_nobody(s: Sight, c: Contract) -> bool:
    model = model_of(s, c)
    ignores = model is not None and model.thinking is not None and model.thinking.ignores_effort is True
    return _may_be_taken(s, c) and ignores and "reasoning_effort" in s.asked


def _accepted(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The request is answered 200."""
    yield from served(s)


law("api.thinking.efforts-accepted", when=_effort_of_the_catalogue)(_accepted)
law("api.thinking.unknown-effort-accepted", when=_unknown_effort)(_accepted)
law("api.thinking.effort-ignored", when=_effort_of_nobody)(_accepted)


def _reasoning_left_out(s: Sight, c: Contract) -> bool:
    """K2.5 and K2.6 that think, and an assistant's tool calls in the history without the reasoning before them."""
    model = model_of(s, c)
    said = s.asked.get("messages")
    if model is None or model.family not in ("k2.5", "k2.6") or thinking_off(s) or not isinstance(said, list):
        return False
    return any(
        each.get("tool_calls") and "reasoning_content" not in each
        for each in said
        if isinstance(each, dict) and each.get("role") == "assistant"
    )


refusal("api.thinking.disable-refused", _off("thinking-cannot-be-disabled"), names="thinking")
refusal("api.thinking.reasoning-sent-back", _reasoning_left_out, names=r"reasoning_content.*index \d+")
