"""Hosts: whose key opens which host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material


@cases_of("api.hosts.ai-key-on-cn-401")
def ai_key_on_cn_401(m: Material) -> Iterator[Case]:
    """The list of models and chat, each with the key that the other host takes."""
    yield case(m["hosts/models-cn-ai-key"], twins=m.named("hosts/models-ai"), face="models")
    yield case(m["hosts/chat-cn-ai-key"], twins=m.named("chat/kimi-k3-hello"), face="chat")
    yield case(m["hosts/chat-cn-ai-key-of-january"], twins=m.named("chat/kimi-k3-hello"), face="chat", client="aichat")


@cases_of("api.hosts.cn-key-on-ai-401")
def cn_key_on_ai_401(m: Material) -> Iterator[Case]:
    """The same the other way round."""
    yield case(m["hosts/models-ai-cn-key"], twins=m.named("hosts/models-cn"), face="models")
    yield case(m["hosts/chat-ai-cn-key"], twins=m.named("hosts/chat-cn"), face="chat")


@cases_of("api.hosts.missing-key-401-other-type")
def missing_key_401_other_type(m: Material) -> Iterator[Case]:
    """No key at all: models on both hosts, chat, and the Anthropic face; the same request with a key is accepted."""
    yield case(m["hosts/models-ai-no-key"], twins=m.named("hosts/models-ai"), host="platform-ai", face="models")
    yield case(m["hosts/models-cn-no-key"], twins=m.named("hosts/models-cn"), host="platform-cn", face="models")
    yield case(m["hosts/chat-ai-no-key"], twins=m.named("chat/kimi-k3-hello"), host="platform-ai", face="chat")
    yield case(m["messages/no-key"], twins=m.named("messages/kimi-k3-hello"), host="platform-ai", face="messages")


@cases_of("api.hosts.platform-key-on-coding-401")
def platform_key_on_coding_401(m: Material) -> Iterator[Case]:
    """Chat on the coding host with the platform's key."""
    yield case(m["hosts/chat-coding-platform-key"], twins=m.named("hosts/models-ai"))


@cases_of("api.hosts.coding-key-on-platform-401")
def coding_key_on_platform_401(m: Material) -> Iterator[Case]:
    """The platform's list of models with the key of Kimi Code."""
    yield case(m["hosts/models-ai-coding-key"], twins=m.named("coding/models"))


@cases_of("api.hosts.same-models-on-both")
def same_models_on_both(m: Material) -> Iterator[Case]:
    """Both lists."""
    yield case(*m.named("hosts/models-ai", "hosts/models-cn"))


@cases_of("api.auth.own-key-accepted")
def own_key_accepted(m: Material) -> Iterator[Case]:
    """Every host with its own key."""
    yield from each(m.named("hosts/models-ai", "hosts/models-cn", "coding/models", "chat/kimi-k3-hello"), itself=True)


@cases_of("api.auth.invalid-key-401")
def invalid_key_401(m: Material) -> Iterator[Case]:
    """A key that nobody has; the same request with a key is accepted."""
    yield case(m["hosts/models-ai-wrong-key"], twins=m.named("hosts/models-ai"), face="models")
    yield case(m["hosts/chat-ai-wrong-key"], twins=m.named("chat/kimi-k3-hello"), face="chat")
    yield case(m["messages/wrong-key"], twins=m.named("messages/kimi-k3-hello"), face="messages")
    yield case(m["responses/wrong-key"], twins=m.named("responses/hello"), face="responses")


@cases_of("api.auth.401-shape")
def shape_of_401(m: Material) -> Iterator[Case]:
    """Every 401 that there is."""
    yield from each(
        m.named(
            "hosts/models-ai-no-key",
            "hosts/models-ai-cn-key",
            "hosts/chat-ai-no-key",
            "hosts/chat-ai-wrong-key",
            "messages/no-key",
            "responses/no-key",
        ),
        m["hosts/models-ai"],
    )


@cases_of("api.auth.x-api-key-on-messages")
def x_api_key_on_messages(m: Material) -> Iterator[Case]:
    """The Anthropic face with the key in the other header."""
    yield from each(m.named("messages/kimi-k3-hello"), itself=True)
