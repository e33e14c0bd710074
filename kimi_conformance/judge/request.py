"""Request: the members of the client's request reach the upstream unharmed."""

from __future__ import annotations

import re
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.catalogue import has_fixed_temperature
from kimi_conformance.contract.reach import AgentBody
from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import comparable, must_arrive, pairs, shown, shown_apart
from kimi_conformance.judge.check import Check, Flaw, check
from kimi_conformance.judge.gate import goes_out_as
from kimi_conformance.judge.json_diff import Difference, differences, escaped
from kimi_conformance.oracle import Routed, meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Play
    from kimi_conformance.oracle import World

SAMPLING: Final = (
    "top_p",
    "n",
    "presence_penalty",
    "frequency_penalty",
    "stop",
    "seed",
    "max_tokens",
    "max_completion_tokens",
)

BOUNDS: Final = ("max_tokens", "max_completion_tokens")

FIXED: Final = frozenset({"temperature", "top_p", "n", "presence_penalty", "frequency_penalty"})
"""What Kimi fixes on its current models (contracts/models.yaml): there, leaving a member out asks for the same."""


NEVER_ADDED: Final = ("thinking", "reasoning_effort", "response_format", "tools", "tool_choice")
"""Members that change what Kimi answers: a router that adds one asks for something else."""


NO_CONTENT: Final = re.compile(r"/messages/\d+/content")


def members_kept(members: Iterable[str] | None) -> Check:
    """A check that these members arrive as they were sent, and absent as absent.

    `None` stands for all that were sent; of what a router adds only `NEVER_ADDED` is looked at then.
    """

    def kept(play: Play, world: World) -> Iterator[Flaw]:
        yield from must_arrive(play.trips)
        for trip, arrival in pairs(play):
            found = comparable(trip, arrival)
            if isinstance(found, Flaw):
                yield found
                continue
            sent, seen = (_but_the_agent(body, world.profile) for body in (trip.sent.json(), found))
            fixed = has_fixed_temperature(world.catalogue, meant(world.profile, str(sent.get("model"))))
            for member in dict.fromkeys([*sent, *NEVER_ADDED]) if members is None else members:
                at = f"/{escaped(member)}"
                for difference in differences(sent.get(member, ABSENT), seen.get(member, ABSENT), at):
                    if same := _same_to_kimi(member, difference, sent, seen):
                        shown_as = shown(difference.sent), shown(difference.seen)
                        yield Flaw(*shown_as, f"upstream request {difference.at}", same, Verdict.WARN)
                    elif not (fixed and member in FIXED and difference.seen is ABSENT) and member != "model":
                        yield _changed(difference)

    return kept


check("router.request.temperature-untouched")(members_kept(["temperature"]))
check("router.request.sampling-untouched")(members_kept(SAMPLING))
check("router.request.unknown-fields-kept")(members_kept(None))
check("router.request.history-kept")(members_kept(["messages"]))
check("router.request.system-prompt-kept")(members_kept(["messages", "system"]))
check("router.request.tools-untouched")(members_kept(["tools", "tool_choice"]))


@check("router.request.model-name-untouched")
def model_name_untouched(play: Play, world: World) -> Iterator[Flaw]:
    """The upstream sees the name that the oracle expects."""
    yield from must_arrive(play.trips)
    for trip in play.trips:
        expected = world.expect(trip.ask)
        if isinstance(expected, Routed):
            yield from goes_out_as(trip, expected.model)


def _but_the_agent(body: dict[str, Any], profile: Profile) -> dict[str, Any]:
    """`body` without the member that names the agent: it is for the router, which may keep it to itself."""
    if isinstance(profile.agent, AgentBody):
        return _without(body, profile.agent.body.split("/")[1:])
    return body


def _without(value: dict[str, Any], steps: Sequence[str]) -> dict[str, Any]:
    """`value` without the member at `steps` of a JSON pointer, nor what held nothing else."""
    key = steps[0].replace("~1", "/").replace("~0", "~")
    inner = value.get(key)
    rest = {name: member for name, member in value.items() if name != key}
    if len(steps) > 1 and isinstance(inner, dict) and (left := _without(inner, steps[1:])):
        return {**rest, key: left}
    return rest if key in value and (len(steps) == 1 or isinstance(inner, dict)) else value


def _same_to_kimi(member: str, difference: Difference, sent: Mapping[str, Any], seen: Mapping[str, Any]) -> str | None:
    """Why a difference asks for the same all the same, where it does."""
    if _renamed_bound(member, sent, seen):
        return "the bound of the answer's length goes out under its other name, which means the same to Kimi"
    if difference.at == "/tool_choice" and (difference.sent, difference.seen) == (ABSENT, "auto") and sent.get("tools"):
        return "tool_choice goes out with the value that it has beside tools anyway"
    if NO_CONTENT.fullmatch(difference.at) and (difference.sent, difference.seen) == (None, ABSENT):
        return "content that is null goes out as none"
    return None


def _renamed_bound(member: str, sent: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    """Whether the bound of the answer's length kept its value under its other name: both mean the same to Kimi."""
    return member in BOUNDS and any(
        sent.get(old, ABSENT) == seen.get(new, ABSENT) != ABSENT and old not in seen and new not in sent
        for old, new in permutations(BOUNDS)
    )


def _changed(difference: Difference) -> Flaw:
    sent, seen = shown_apart(difference.sent, difference.seen)
    where = f"upstream request {difference.at}"
    if difference.widened:
        return Flaw(sent, seen, where, f"{sent} went through 32 bits and became {seen}", Verdict.WARN)
    return Flaw(sent, seen, where, f"{difference.at} was {sent} and became {seen}")
