"""The Anthropic face: a call that is required comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.judge.api.hosts_known import on_platform
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.messages import CUT, EVENTS, MESSAGE, blocks, stop_reason
from kimi_conformance.judge.api.places import shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight


def _any_required(s: Sight, _c: Contract) -> bool:
    choice: Any = s.asked.get("tool_choice")
    required = isinstance(choice, dict) and choice.get("type") == "any" and bool(s.asked.get("tools"))
    told = stop_reason(s) is not None and stop_reason(s) not in CUT
    return required and on_platform(s) and told and not s.partial


@law("api.messages.any-tool-obeyed", MESSAGE, EVENTS, when=_any_required)
def any_tool_obeyed(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Who must call one of the tools does."""
    kinds = [block.get("type") for _, block, _ in blocks(s)]
    if "tool_use" not in kinds:
        yield Flaw("a tool_use block", shown(kinds), "response", "a call was required, and none came")
