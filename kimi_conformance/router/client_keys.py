"""The keys of a client's request: its agent's own, or keys that nobody has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.reach import AgentBearer
from kimi_conformance.judge.canaries import NOBODYS_OWN, OWN_CHARS
from kimi_conformance.judge.leaks import looked_for, own_secret

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.exchange import Request
    from kimi_conformance.router.values import Values

NOBODYS: Final = f"sk-kc-nobody-{NOBODYS_OWN}"
"""The key of a stranger, where the client's own is not of our making."""


def with_agents_key(request: Request, profile: Profile, values: Values) -> Request:
    """`request` with its agent's own key in it, where the profile names agents by keys."""
    if not isinstance(profile.agent, AgentBearer):
        return request
    return replace(request, headers=tuple((name, values.fill(value)) for name, value in request.headers))


def with_unknown_keys(request: Request, profile: Profile, values: Values) -> Request:
    """`request` with keys of the same form that nobody has in the place of the client's."""
    headers = request.headers
    for name, key in values.secrets.items():
        if own_secret(name):
            unknown = key[:-OWN_CHARS] + NOBODYS_OWN
            headers = tuple((field, value.replace(key, unknown)) for field, value in headers)
    for key in values.env.values() if profile.one_sided else ():
        if looked_for(key):  # somebody's: no part of it is shown under another's name
            headers = tuple((field, value.replace(key, NOBODYS)) for field, value in headers)
    return replace(request, headers=headers)
