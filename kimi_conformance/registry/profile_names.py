"""Names in a profile that lead nowhere: routes to unknown upstreams, policies to unknown routes, files that are not."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from kimi_conformance.contract.reach import AgentPort
from kimi_conformance.oracle import is_registered, sent_name
from kimi_conformance.registry.parse import locate

HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.registry.problems import Problem
    from kimi_conformance.registry.yaml_file import Document

    Pointer = tuple[str | int, ...]


def dangling_names(profile: Profile, document: Document) -> Iterator[Problem]:
    """Every name in `profile` that leads nowhere."""
    yield from _to_known(document, "upstream", profile.upstreams, _upstream_names(profile))
    yield from _to_known(document, "route", profile.routes, _route_names(profile))
    yield from _surfaces(profile, document)
    yield from _agents(profile, document)
    yield from _models(profile, document)
    yield from _marks(profile, document)
    yield from _ledger(profile, document)
    yield from _files(profile, document)
    yield from _intercepted(profile, document)


def _to_known(
    document: Document, kind: str, known: Iterable[str], named: Iterable[tuple[Pointer, str]]
) -> Iterator[Problem]:
    for pointer, name in named:
        if name not in known:
            yield locate(document, pointer, f"there is no {kind} '{name}'", candidates=known, name=name)


def _upstream_names(profile: Profile) -> Iterator[tuple[Pointer, str]]:
    yield from ((("routes", name, "upstream"), route.upstream) for name, route in profile.routes.items())
    yield from ((("intercept", host), name) for host, name in profile.intercept.items())
    if profile.ledger and profile.ledger.postgrest:
        yield ("ledger", "postgrest", "upstream"), profile.ledger.postgrest.upstream
    if profile.alerts:
        yield ("alerts", "upstream"), profile.alerts.upstream


def _route_names(profile: Profile) -> Iterator[tuple[Pointer, str]]:
    policy = profile.policy
    yield from ((("routes", n, "fallback"), route.fallback) for n, route in profile.routes.items() if route.fallback)
    yield from ((("policy", "plan_agents", agent), route) for agent, route in policy.plan_agents.items())
    yield from ((("policy", "models", model), route) for model, route in policy.models.items())
    yield from ((("policy", "prefixes", prefix, "route"), rule.route) for prefix, rule in policy.prefixes.items())
    if policy.default:
        yield ("policy", "default"), policy.default


def _surfaces(profile: Profile, document: Document) -> Iterator[Problem]:
    if not profile.client_surfaces:
        yield locate(document, ("surfaces",), "the router needs at least one of the surfaces chat and messages")
    for name, route in profile.routes.items():
        for index, surface in enumerate(route.surfaces or ()):
            if surface not in profile.client_surfaces:
                what = f"route '{name}' serves the surface '{surface}', which the router has not"
                yield locate(document, ("routes", name, "surfaces", index), what, candidates=profile.client_surfaces)


def _agents(profile: Profile, document: Document) -> Iterator[Problem]:
    agents = profile.policy.plan_agents
    if agents and profile.agent is None and profile.decide is None:
        what = "the policy has plan agents, but the profile does not say how an agent is named"
        mend = "add `agent:`, for example `agent: {header: x-agent-id}`"
        yield locate(document, ("policy", "plan_agents"), what, mend=mend)
    if isinstance(profile.agent, AgentPort):
        for agent in agents:
            if agent not in profile.agent.port:
                what = f"agent '{agent}' has no port"
                yield locate(
                    document, ("policy", "plan_agents", agent), what, candidates=profile.agent.port, name=agent
                )


def _models(profile: Profile, document: Document) -> Iterator[Problem]:
    for section in ("sends", "rewrites", "per_model"):
        for model in getattr(profile, section):
            if not is_registered(profile, sent_name(profile, model)) and not is_registered(profile, model):
                what = f"'{model}' under '{section}' is neither registered in the policy nor has it a prefix there"
                yield locate(document, (section, model), what, candidates=profile.policy.models, name=model)


def _marks(profile: Profile, document: Document) -> Iterator[Problem]:
    for name, route in profile.routes.items():
        upstream = profile.upstreams.get(route.upstream)
        for header, mark in route.headers.items():
            known = upstream.virtual_keys if upstream and header.lower() == "x-portkey-virtual-key" else None
            if known and isinstance(mark, str) and mark not in known:
                what = f"upstream '{route.upstream}' has no virtual key '{mark}'"
                yield locate(document, ("routes", name, "headers", header), what, candidates=known, name=mark)


def _ledger(profile: Profile, document: Document) -> Iterator[Problem]:
    if profile.tier_seen and profile.tier_seen.ledger and profile.ledger is None:
        yield locate(
            document, ("tier_seen", "ledger"), "the tier is said to be in the ledger, but there is no `ledger:`"
        )
    if profile.ledger and profile.ledger.postgrest:
        upstream = profile.upstreams.get(profile.ledger.postgrest.upstream)
        if upstream and "postgrest" not in upstream.speaks:
            what = f"the ledger's upstream '{profile.ledger.postgrest.upstream}' does not speak postgrest"
            yield locate(document, ("ledger", "postgrest", "upstream"), what, mend="give it `speaks: postgrest`")
        if "trace" in profile.ledger.columns and profile.trace is None:
            what = "the ledger has a trace column, but the profile does not say in which header a trace id travels"
            yield locate(document, ("ledger", "columns", "trace"), what, mend="add `trace: {header: x-trace-id}`")


def _files(profile: Profile, document: Document) -> Iterator[Problem]:
    folder = document.path.parent
    for name, upstream in profile.upstreams.items():
        for config, file in upstream.configs.items():
            pointer = ("upstreams", name, "configs", config)
            try:
                json.loads((folder / file).read_text("utf-8"))
            except OSError as error:
                yield locate(document, pointer, f"cannot read '{file}': {error.strerror}")
            except ValueError as error:
                yield locate(document, pointer, f"'{file}' is no JSON: {error}")
    for section in ("start", "asgi"):
        way = getattr(profile, section)
        for target in way.files if way else ():
            if not _inside(target):
                what = f"'{target}' is no place below {{scratch}}, where files are copied to"
                yield locate(document, (section, "files", target), what)
    if profile.start and not (folder / profile.start.cwd).is_dir() and "{" not in profile.start.cwd:
        yield locate(document, ("start", "cwd"), f"there is no folder '{profile.start.cwd}'")


def _intercepted(profile: Profile, document: Document) -> Iterator[Problem]:
    if profile.intercept and profile.start is None:
        what = "calls can be intercepted only of a router that the suite starts"
        mend = "give the profile `start:`, or the upstreams `listen:`, or configure their addresses in the router"
        yield locate(document, ("intercept",), what, mend=mend)
    for host in profile.intercept:
        if not HOST.fullmatch(host):
            what = f"'{host}' is no host name: neither scheme nor port nor path stand in one, and no upper case"
            named = urlsplit(host if "//" in host else f"//{host}").hostname
            yield locate(document, ("intercept", host), what, mend=f"write {named}" if named else None)


def _inside(target: str) -> bool:
    """Whether `target`, relative to a folder, is a file within it."""
    path = PurePosixPath(target)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts
