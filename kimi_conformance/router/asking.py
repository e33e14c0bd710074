"""From an ask to the request that a client of the router sends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

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
    headers = {**profile.client_headers, **per_model.headers}
    if ask.listing:
        return Request("GET", base + str(profile.surfaces.models), (USER_AGENT, *headers.items()))
    if profile.trace:
        headers[profile.trace.header] = mark
    path = getattr(per_model.path, ask.surface) or getattr(profile.surfaces, ask.surface)
    body = ask.body if ask.body is not None else _json(_members(ask))
    base, path, named = _name_agent(ask.agent.value, profile, base, path, headers)
    if isinstance(profile.agent, AgentBody) and ask.body is None and ask.agent.value is not ABSENT:
        body = _json(_with_member(_members(ask), profile.agent.body, ask.agent.value))
    sent: Headers = (USER_AGENT, ("content-type", "application/json"), *named.items())
    return Request("POST", base + path, sent, body.replace(MARK.encode(), mark.encode()))


def _per_model(ask: Ask, profile: Profile) -> PerModel:
    name = ask.model.value
    return profile.per_model.get(own_name(profile, name), PerModel()) if isinstance(name, str) else PerModel()


def _members(ask: Ask) -> dict[str, Any]:
    model = {} if ask.model.value is ABSENT else {"model": ask.model.value}
    bound = {"max_tokens": MAX_TOKENS} if ask.surface == "messages" else {}
    stream = {"stream": True} if ask.stream else {}
    usual = {**bound, "messages": [{"role": "user", "content": f"Say ok. [{MARK}]"}], **stream, **ask.members}
    return {**usual, **model} if ask.model_last else {**model, **usual}


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
            before = template.replace("{agent}", quote(agent, safe=""))
            return base, before.replace("/v1/…", path) if "…" in before else before, headers
        case AgentBearer(bearer=key):
            others = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            return base, path, {**others, "authorization": f"Bearer {key.replace('NAME', agent)}"}
        case AgentPort(port=ports):
            return f"{base.rsplit(':', 1)[0]}:{ports[agent]}", path, headers
        case _:
            return base, path, headers


def _with_member(members: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    first, *rest = pointer.split("/")[1:]
    inner = members.get(first)
    if not rest:
        return {**members, first: value}
    deeper = _with_member(inner if isinstance(inner, dict) else {}, "/" + "/".join(rest), value)
    return {**members, first: deeper}
