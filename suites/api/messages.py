"""The Anthropic face."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material

CHAT = "chat/kimi-k3-hello"
HELLO = "messages/kimi-k3-hello"
TOOLS = "messages/kimi-k3-stream-tools"
STREAM = "messages/kimi-k2.6-stream"


@cases_of("api.messages.answered")
def answered(m: Material) -> Iterator[Case]:
    """Whole, streamed, and without thinking; the chat wire answers."""
    yield from each(m.named(HELLO, TOOLS, "messages/kimi-k3-no-thinking"), m[CHAT])


@cases_of("api.messages.shape")
def shape(m: Material) -> Iterator[Case]:
    """Whole messages."""
    yield from each(m.named(HELLO, "messages/kimi-k3-no-thinking"))


@cases_of(
    "api.messages.stream-shape",
    "api.messages.event-order",
    "api.messages.event-names",
    "api.messages.usage-in-message-delta",
)
def streams(m: Material) -> Iterator[Case]:
    """Thinking and text, and a tool; what is not streamed is answered."""
    yield from each(m.named(STREAM, TOOLS), m[HELLO])


@cases_of(
    "api.messages.model-echoed", "api.messages.stop-reason", "api.messages.usage-split", "api.messages.no-signature"
)
def both(m: Material) -> Iterator[Case]:
    """Whole and streamed."""
    yield from each(m.named(HELLO, STREAM, TOOLS), m[HELLO])


@cases_of("api.messages.tool-use-fits-stop")
def tool_use_fits_stop(m: Material) -> Iterator[Case]:
    """With a tool, and without."""
    yield from each(m.named(STREAM, TOOLS), m[HELLO])


@cases_of("api.messages.tool-input-joins")
def tool_input_joins(m: Material) -> Iterator[Case]:
    """The input of a tool, in pieces."""
    yield from each(m.named(TOOLS))


@cases_of("api.messages.openai-error-on-401-429")
def openai_error_on_401_429(m: Material) -> Iterator[Case]:
    """Errors of the host, not of the face."""
    yield from each(m.named("messages/no-key", "limits/messages-rate"), m[HELLO])


@cases_of("api.messages.anthropic-error-on-400-404", "api.messages.error-words")
def anthropic_error_on_400_404(m: Material) -> Iterator[Case]:
    """Errors of the face."""
    yield from each(
        m.named("messages/named-tool-cn", "messages/kimi-k3-named-tool", "messages/unknown-model"), m[HELLO]
    )


@cases_of("api.messages.temperature-not-refused", "api.messages.version-header-accepted")
def temperature_not_refused(m: Material) -> Iterator[Case]:
    """A temperature that the chat wire would refuse."""
    yield from each(m.named(HELLO), itself=True)


@cases_of("api.messages.thinking-disabled-honoured", "api.messages.unknown-effort-accepted")
def thinking_disabled_honoured(m: Material) -> Iterator[Case]:
    """Without thinking, and with an effort that is none."""
    yield from each(m.named("messages/kimi-k3-no-thinking"), itself=True)


@cases_of("api.messages.named-tool-refused")
def named_tool_refused(m: Material) -> Iterator[Case]:
    """A named tool while thinking."""
    yield from each(m.named("messages/named-tool-cn", "messages/kimi-k3-named-tool"), m[HELLO])


@cases_of("api.messages.unknown-model-404")
def unknown_model_404(m: Material) -> Iterator[Case]:
    """A model that never was."""
    yield case(m["messages/unknown-model"], twins=m.named(HELLO))


@cases_of("api.messages.models-path-404")
def models_path_404(m: Material) -> Iterator[Case]:
    """A list that this face does not have."""
    yield case(m["messages/models-path"], twins=m.named("hosts/models-ai"))
