"""The variables that a profile takes from the environment of a live run, `{env.NAME}`: there, and fit to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.registry.profile_placeholders import env_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.registry.profiles import LoadedProfile


class BadKeys(Exception):
    """A variable is missing, or holds what cannot be sent. Says which, and what to do."""


def keys_of(loaded: LoadedProfile, value_of: Callable[[str], str | None]) -> Mapping[str, str]:
    """The variables that `loaded` names, with their values. Raises `BadKeys` with all that is wrong with them."""
    found: dict[str, str] = {}
    problems: list[str] = []
    for name in sorted(env_names(loaded.profile, loaded.document)):
        value = (value_of(name) or "").strip()
        if not value:
            problems.append(f"there is no {name} in the environment, which the profile takes as {{env.{name}}}")
        elif value.startswith("op://"):
            problems.append(f"{name} is an unresolved 1Password reference: start the command with `op run -- …`")
        elif not (value.isascii() and value.isprintable()):
            problems.append(f"{name} cannot be sent: it has characters that no header may have")
        found[name] = value
    if problems:
        raise BadKeys("\n".join(problems))
    return found
