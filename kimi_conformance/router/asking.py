"""From an ask to the request that a client of the router sends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from kimi_conformance.contract.profile import PerModel
from kimi_conformance.contract.reach import AgentBearer, AgentBody, AgentHeader, AgentPath, AgentPort
from kimi_conformance.contract.trip import ABSENT, MARK
from kimi_conformance.exchange import Headers, Request
from kimi_conformance.oracle import own_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Ask

MAX_TOKENS: Final = 64
"""/v1/messages demands a bound; the stand-ins answer in fewer."""

USER_AGENT: Final = ("user-agent", "kimi-conformance")


def request_of(ask: Ask, profile: Profile, mark: str, base: str) -> Request:
    """The request for `ask` to the router at `base`, as `profile` (its placeholders filled in) says it is made.

    `mark` rides in the text of the user message, since routers strip headers, and in the trace header where there is
    one. The body is UTF-8 JSON without blanks.
    """
    per_model = _per_model(ask, profile)
    headers = {**profile.client_headers, **per_model.headers, **ask.headers}
    if ask.listing:
        return Request("GET", base + str(profile.surfaces.models), (USER_AGENT, *headers.items()))
    if profile.trace:
        headers[profile.trace.header] = mark
    path = getattr(per_model.path, ask.surface) or getattr(profile.surfaces, ask.surface)
    base, path, named = _name_agent(ask.agent.value, profile, base, path, headers)
    sent: Headers = (USER_AGENT, ("content-type", "application/json"), *named.items())
    return Request("POST", base + path, sent, body_of(ask, profile, mark))


def body_of(ask: Ask, profile: Profile, mark: str) -> bytes:
    """The body of the request for `ask`, with the mark in it."""
    return _body(ask, profile).replace(MARK.encode(), mark.encode())


def _body(ask: Ask, profile: Profile) -> bytes:
    """The body, with the agent in it where that is how agents are named."""
    named: dict[str, Any] = {}
    if isinstance(profile.agent, AgentBody) and ask.agent.value is not ABSENT:
        named = _with_member({}, profile.agent.body, ask.agent.value)
    if ask.body is None:
        return _json(_members(ask, named))
    if named and ask.body.startswith(b"{"):
        return _json(named)[:-1] + b"," + ask.body[1:]
    return ask.body


def _per_model(ask: Ask, profile: Profile) -> PerModel:
    name = ask.model.value
    return profile.per_model.get(own_name(profile, name), PerModel()) if isinstance(name, str) else PerModel()


def _members(ask: Ask, named: dict[str, Any]) -> dict[str, Any]:
    model = {} if ask.model.value is ABSENT else {"model": ask.model.value}
    bound = {"max_tokens": MAX_TOKENS} if ask.surface == "messages" else {}
    stream = {"stream": True} if ask.stream else {}
    usual = {**bound, "messages": [{"role": "user", "content": f"Say ok. [{MARK}]"}], **stream, **ask.members}
    told = _merged(usual, named)
    return {**told, **model} if ask.model_last else {**model, **told}


def _json(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _name_agent(
    agent: Any, profile: Profile, base: str, path: str, headers: Mapping[str, str]
) -> tuple[str, str, Mapping[str, str]]:
    """Base, path and headers for a request of `agent`, in whichever way the profile names agents."""
    if agent is ABSENT:
        return base, path, headers
    match profile.agent:
        case AgentHeader(header=name):
            return base, path, {**headers, name: agent}
        case AgentPath(path=template):
            return base, _path(template.replace("{agent}", quote(agent, safe="")), path), headers
        case AgentBearer(bearer=key):
            others = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            return base, path, {**others, "authorization": f"Bearer {key.replace('NAME', agent)}"}
        case AgentPort(port=ports):
            if agent not in ports:
                raise ValueError(f"agent {agent!r} has no port in the profile; {', '.join(ports)} have")
            parts = urlsplit(base)
            return f"{parts.scheme}://{parts.hostname}:{ports[agent]}", path, headers
        case _:
            return base, path, headers


def _path(template: str, path: str) -> str:
    """`template` with the rest of the surface's own `path` in the place of its `…`, without what both of them have."""
    if "…" not in template:
        return template
    head = template.split("…", 1)[0].rstrip("/")
    steps = path.split("/")
    shared = next((n for n in range(len(steps), 1, -1) if head.endswith("/".join(steps[:n]))), 0)
    return "/".join([head, *steps[shared or 1 :]])


def _with_member(members: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """`members` with `value` at a JSON pointer (RFC 6901)."""
    first, *rest = pointer.split("/")[1:]
    key = first.replace("~1", "/").replace("~0", "~")
    if not rest:
        return {**members, key: value}
    return {**members, key: _with_member({}, "/" + "/".join(rest), value)}


def _merged(members: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """`members` with those of `named` put in, objects into objects."""
    both = {key: _merged(members[key], value) for key, value in named.items() if isinstance(members.get(key), dict)}
    return {**members, **named, **both}
