"""Portkey's cloud gateway: its key, its virtual keys and configs, and behind them each provider's answer.

A config is carried out as Portkey does it: retries, fallback, conditions. The text of the 401 was observed, those of
the 400s are the open gateway's, or modelled where it has none. A provider's error is handed on as it is; the open
gateway puts those of some providers into words of its own.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kimi_conformance.exchange import Request
from kimi_conformance.upstream import anthropic, asked, kimi, openai
from kimi_conformance.upstream.portkey_attempts import Made, attempted
from kimi_conformance.upstream.portkey_config import Option, Target, Unresolvable, carried_out
from kimi_conformance.upstream.reply import DEFAULT, Reply
from kimi_conformance.upstream.script import Script, compact, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.contract.trip import Attempt

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"

PROVIDERS = {"kimi": "kimi", "moonshot": "kimi", "openai": "openai", "openrouter": "openai", "anthropic": "anthropic"}
"""The providers that the stand-in knows, and the dialect of each."""


@dataclass(frozen=True, slots=True)
class Config:
    """`secret` None takes any key or none; `virtual_keys` lead to providers, `configs` from ids to parsed configs.

    `serves` has globs by provider; a provider that it does not name serves every model.
    """

    secret: str | None = None
    virtual_keys: Mapping[str, str] = field(default_factory=dict)
    configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    serves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reply: Reply = DEFAULT


@dataclass(frozen=True, slots=True)
class Leg:
    """A call that Portkey makes: of which provider, with which request. `healthy` gives the healthy answer.

    `later`: another target of the config was called before this one, and failed.
    """

    provider: str
    request: Request
    later: bool
    healthy: Callable[[Reply], Script]

    @property
    def dialect(self) -> str:
        """What the provider speaks."""
        return PROVIDERS[self.provider]


def answerer(config: Config) -> Callable[[Request], Script]:
    """Answers as a healthy Portkey does."""
    return partial(answer, config=config)


def answer(request: Request, config: Config) -> Script:
    """The answer to one request, where every provider is healthy."""
    return gateway(request, config, lambda leg: leg.healthy(config.reply))[0]


def gateway(request: Request, config: Config, play: Callable[[Leg], Script]) -> tuple[Script, tuple[Attempt, ...]]:
    """The answer to one request, and the calls that were made for it; `play` is what a provider answers to each."""
    # Its own header comes first; the Anthropic clients that know no other way bring the key as a bearer token.
    if config.secret is not None and (request.header("x-portkey-api-key") or asked.bearer(request)) != config.secret:
        return failure(401, "Portkey Error: Invalid API Key. Error Code: 03"), ()
    if request.method != "POST" or asked.path(request) not in (CHAT, MESSAGES):
        return failure(404, f"Portkey Error: no route {request.method} {asked.path(request)}"), ()
    made: list[Made] = []

    def call(option: Option) -> int:
        provider, key = provider_of(option.target, config)
        sent = replace(request, body=_overridden(request, option.target.override_params))
        leg = Leg(provider, sent, later=bool(made), healthy=partial(_provided, sent, provider, config))
        made.append(attempted(option, provider, key, partial(play, leg)))
        return made[-1].script.status

    try:
        carried_out(_routing(request, config), partial(_facts, request), call)
    except ValidationError:
        return failure(400, "Portkey Error: Invalid config passed"), ()
    except Unresolvable as refusal:
        return failure(400, f"Portkey Error: {refusal}"), ()
    last = made[-1].script
    waits = [wait for one in made[:-1] for wait in one.waits]
    traced = ("x-portkey-trace-id", request.header("x-portkey-trace-id") or str(uuid.uuid4()))
    script = replace(last, headers=(*last.headers, traced), before=(*waits, *last.before))
    return script, tuple(attempt for one in made for attempt in one.attempts)


def provider_of(target: Target, config: Config) -> tuple[str, str | None]:
    """The provider of a target, and the virtual key that leads to it, if one does. Raises `Unresolvable`."""
    key, provider = target.virtual_key, target.provider
    if key is None and provider is not None and provider.startswith("@"):
        key = provider.removeprefix("@")
    if key is not None:
        provider = config.virtual_keys.get(key)
        if provider is None:
            raise Unresolvable(f"Invalid virtual key passed: {key}")
    if provider not in PROVIDERS:
        raise Unresolvable(f"Invalid provider passed: {provider}")
    return provider, key


def _provided(sent: Request, provider: str, config: Config, reply: Reply) -> Script:
    """What a healthy provider answers, on the face that was asked."""
    serves = config.serves.get(provider, ())
    inner = Request("POST", asked.path(sent), body=sent.body)
    if PROVIDERS[provider] == "kimi":
        face = replace(inner, url=kimi.MESSAGES if inner.url == MESSAGES else kimi.CHAT)
        return kimi.answer(face, kimi.Config(serves=serves, reply=reply))
    if inner.url == MESSAGES:
        return anthropic.answer(inner, anthropic.Config(serves=serves, reply=reply))
    return openai.answer(inner, openai.Config(serves=serves, reply=reply))


def failure(status: int, message: str) -> Script:
    """An error of Portkey's own."""
    return json_answer(status, {"status": "failure", "message": message})


def _routing(request: Request, config: Config) -> Target:
    """The routing headers as one config. Raises `Unresolvable`, and `ValidationError` for a config in wrong form."""
    named, key, provider = (request.header(f"x-portkey-{name}") for name in ("config", "virtual-key", "provider"))
    if not (named or key or provider):
        raise Unresolvable("Either x-portkey-config or x-portkey-provider header is required")
    beside = {name: value for name, value in (("virtual_key", key), ("provider", provider)) if value}
    if not named:
        return Target.model_validate(beside)
    if named.lstrip().startswith("{"):
        whole = Target.model_validate_json(named)
    elif named in config.configs:
        whole = Target.model_validate(config.configs[named])
    else:
        raise Unresolvable(f"Invalid config id passed: {named}")
    alone = whole.virtual_key is None and whole.provider is None and not whole.targets
    return whole.model_copy(update=beside) if alone else whole


def _facts(request: Request) -> dict[str, Mapping[str, Any]]:
    """What conditions look at: the body, and the metadata header."""
    metadata = Request("GET", "", body=(request.header("x-portkey-metadata") or "").encode())
    return {"params": asked.body(request) or {}, "metadata": asked.body(metadata) or {}}


def _overridden(request: Request, override: Mapping[str, Any]) -> bytes:
    body = asked.body(request) if override else None
    return request.body if body is None else compact({**body, **override})
