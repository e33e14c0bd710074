"""Placeholders in profiles and the files beside them: `{port}`, `{upstream.NAME}`, `{secret.NAME}` and their like.

Only these families are read; every other brace stays as it is, since Portkey's config is JSON in a header.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kimi_conformance.contract.profile import Profile

PATTERN: Final = re.compile(r"\{(port|scratch|tools|python|(?:port|upstream|secret|prepared|env)\.[^{}\s\"]+)\}")

AGENT_SECRET: Final = "agent.NAME"  # noqa: S105 - stands for each agent's name in `agent: {bearer: …}`


class UnknownPlaceholder(Exception):
    """A placeholder of a known family whose name nothing gives a value."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown placeholder {{{name}}}")
        self.name = name


def fill(text: str, value_of: Callable[[str], str]) -> str:
    """`text` with every placeholder replaced. `value_of` takes the name inside the braces; what it raises goes out."""
    return PATTERN.sub(lambda match: value_of(match[1]), text)


def fill_all(data: Any, value_of: Callable[[str], str]) -> Any:
    """The same, for every string (keys left alone) in nested data."""
    match data:
        case str():
            return fill(data, value_of)
        case list() | tuple():
            return [fill_all(item, value_of) for item in data]
        case dict():
            return {key: fill_all(value, value_of) for key, value in data.items()}
        case _:
            return data


def names_in(text: str) -> Iterator[str]:
    """The names of the placeholders in `text`."""
    return (match[1] for match in PATTERN.finditer(text))


def known_names(profile: Profile) -> frozenset[str]:
    """The placeholders that have a value for `profile` in replay mode. `port.ANYTHING` has one, too."""
    upstreams = {form for name in profile.upstreams for form in (f"upstream.{name}", f"upstream.{name}.port")}
    secrets = {f"secret.{upstream.secret}" for upstream in profile.upstreams.values() if upstream.secret}
    agents = {f"secret.agent.{name}" for name in (*profile.policy.plan_agents, "NAME")}
    return frozenset({"port", "scratch", "tools", "python", "secret.client"} | upstreams | secrets | agents)


def is_known(name: str, profile: Profile, *, live: bool = False) -> bool:
    """Whether placeholder `name` has a value, in `live` mode `env.NAME`, too.

    `prepared.KEY` needs a `prepare`; its keys are known once that ran.
    """
    if name.startswith("port.") or (live and name.startswith("env.")):
        return True
    if name.startswith("prepared."):
        return bool(profile.start and profile.start.prepare)
    return name in known_names(profile)
