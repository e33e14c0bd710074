"""Makes the answer to a request that is served: words or calls, within the budget, with its tokens counted."""

from __future__ import annotations

import hashlib
import secrets
import string
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.serve import words
from kimi_conformance.serve.refusals_sampling import BUDGETS
from kimi_conformance.serve.tokens import prompt_tokens, tokens
from kimi_conformance.serve.tool_use import tool_calls
from kimi_conformance.upstream.reply import Reply, Usage
from kimi_conformance.upstream.script import compact

if TYPE_CHECKING:
    from kimi_conformance.serve.asking import Asked
    from kimi_conformance.serve.call import Call

FRAME: Final = 3
"""Tokens of every completion beside reasoning and words (digest of the evidence)."""
BASE62: Final = string.ascii_letters + string.digits
SILENT: Final = "k2.6"
"""The family that counts one token of reasoning when thinking is disabled (facts, section 4)."""


def reply_to(call: Call, asked: Asked) -> Reply:
    """The reply; a prompt that the key has sent before counts as cached as a whole."""
    exact = words.exact(asked)
    made = tool_calls(asked, exact=exact is not None)
    said = "" if made else _stopped(words.answer(asked), asked.body.get("stop"))
    whole = Reply(
        text=said,
        reasoning=words.reasoning(asked),
        tool_calls=made,
        id=f"chatcmpl-{base62()}" if call.host == "coding" else None,
        created=int(call.state.clock()),
    )
    prompt = prompt_tokens(asked)
    cached = prompt if call.state.seen(call.key, _prompt(asked)) else 0
    least = 0 if asked.thinks or asked.model.family != SILENT else 1
    return _within(whole, _budget(asked.body), Usage(prompt, 0, least, cached))


def base62() -> str:
    """24 characters, as in the coding host's ids."""
    return "".join(secrets.choice(BASE62) for _ in range(24))


def _budget(body: dict[str, Any]) -> int | None:
    """The bound on the completion: `max_completion_tokens`, else `max_tokens`."""
    return next((body[name] for name in BUDGETS if body.get(name) is not None), None)


def _within(reply: Reply, budget: int | None, used: Usage) -> Reply:
    """The reply cut to the budget: reasoning first, then words; calls that do not fit whole are not made."""
    thoughts, spoken = tokens(reply.reasoning), tokens(reply.text)
    called = sum(len(tokens(call.name + call.arguments)) for call in reply.tool_calls)
    reasoning = max(len(thoughts), used.reasoning)
    needed = reasoning + len(spoken) + called + FRAME
    if budget is None or needed <= budget:
        return replace(reply, usage=replace(used, completion=needed, reasoning=reasoning))
    left = max(0, budget - FRAME)
    reasoning = min(reasoning, left)
    return replace(
        reply,
        reasoning="".join(thoughts[:reasoning]),
        text="".join(spoken[: left - reasoning]),
        tool_calls=(),
        finish_reason="length",
        usage=replace(used, completion=budget, reasoning=reasoning),
    )


def _stopped(said: str, stop: Any) -> str:
    """The words up to the first stop."""
    stops = [one for one in (stop if isinstance(stop, list) else [stop]) if isinstance(one, str) and one]
    return said[: min((at for one in stops if (at := said.find(one)) >= 0), default=len(said))]


def _prompt(asked: Asked) -> bytes:
    """What two requests have in common where the second is answered from the cache."""
    known = {name: asked.body.get(name) for name in ("model", "messages", "tools", "response_format")}
    return hashlib.sha256(compact([known, asked.thinks]).decode("utf-8", "replace").encode()).digest()
