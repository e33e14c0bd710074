"""Found exchanges, judged: what each requirement says of them, or why nothing can be said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge.api.drift import REQUIREMENTS, Drift, drift
from kimi_conformance.judge.api.judging import bears, findings
from kimi_conformance.judge.api.shapes import face_of
from kimi_conformance.traffic.known import host_of, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight

Said: TypeAlias = Finding | Drift

TOLD: Final = frozenset({Verdict.FAIL, Verdict.WARN})
VERSIONED: Final = re.compile(r"/v\d+/")


def foreign(sight: Sight) -> str | None:
    """Why `sight` is none of Kimi's business; None where it is. A browser's HAR is full of other people's traffic."""
    if sight.given or host_of(sight.exchange.request.url):
        return None
    if sight.exchange.request.method == "OPTIONS":
        return "it is a browser's preflight"
    # The other half of a team's traffic: what begins so goes to Anthropic (router.gate.claude-takes-plan-route).
    if str(sight.asked.get("model")).lower().startswith("claude"):
        return "it asks for a Claude, and not at a host of Kimi's"
    face = face_of(sight.path)
    # Many a page of the web is called /models or /files.
    ours = face == "chat" or (face is not None and VERSIONED.search(sight.path))
    return None if ours else "neither its host nor its path is Kimi's"


def strange_host(sight: Sight) -> str | None:
    """The host that was asked where it is none of Kimi's; None where it is, or none is named."""
    url = sight.exchange.request.url
    return None if host_of(url) else split(url).netloc.rpartition("@")[2] or None


def said_of(
    sight: Sight, requirements: Mapping[str, Requirement], contract: Contract, *, drifting: bool
) -> Iterator[tuple[str, Iterable[Said]]]:
    """Each requirement on which `sight` bears, with the fails and warnings it finds; then, if `drifting`, the drift.

    Where nothing comes, nothing was judged.
    """
    judged = False
    for name, requirement in requirements.items():
        if bears(name, sight, contract):
            judged = True
            yield name, (each for each in findings(requirement, sight, contract) if each.verdict in TOLD)
    shaped = sight.shape and REQUIREMENTS[sight.shape]
    if judged and drifting and shaped in requirements:
        yield str(shaped), drift(sight, contract)
