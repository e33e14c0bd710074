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
SILENT = "messages/kimi-k3-no-thinking"
CALLED = "messages/kimi-k3-tools"
TOOLS = "messages/kimi-k3-stream-tools"
STREAMS = ("messages/kimi-k3-stream", "messages/kimi-k2.6-stream", TOOLS)
WHOLE = (HELLO, "messages/kimi-k3-max-effort", "messages/kimi-k2.6-hello", CALLED)
NAMED = ("messages/named-tool-cn", "messages/kimi-k3-named-tool")
UNKNOWN = ("messages/unknown-model", "messages/kimi-nonexistent")
TEMPERED = ("messages/kimi-k3-temperature", "messages/kimi-k3-top-k")


@cases_of("api.messages.answered")
def answered(m: Material) -> Iterator[Case]:
    """Whole, streamed, and without thinking; the chat wire answers."""
    yield from each(m.named(*WHOLE, STREAMS[0], TOOLS, SILENT), m[CHAT])


@cases_of("api.messages.shape")
def shape(m: Material) -> Iterator[Case]:
    """Whole messages."""
    yield from each(m.named(*WHOLE, SILENT))


@cases_of(
    "api.messages.stream-shape",
    "api.messages.event-order",
    "api.messages.event-names",
    "api.messages.usage-in-message-delta",
)
def streams(m: Material) -> Iterator[Case]:
    """Thinking and text, and a tool; what is not streamed is answered."""
    yield from each(m.named(*STREAMS), m[HELLO])


@cases_of(
    "api.messages.model-echoed", "api.messages.stop-reason", "api.messages.usage-split", "api.messages.no-signature"
)
def both(m: Material) -> Iterator[Case]:
    """Whole and streamed."""
    yield from each(m.named(*WHOLE, *STREAMS), m[HELLO])


@cases_of("api.messages.thinking-within-output", "api.messages.cached-twins-equal")
def counters(m: Material) -> Iterator[Case]:
    """Whole and streamed, by a model that counts its reasoning."""
    yield from each(m.named(*WHOLE, "messages/kimi-k3-stream", TOOLS), m[HELLO])


@cases_of("api.messages.any-tool-obeyed")
def any_tool_obeyed(m: Material) -> Iterator[Case]:
    """A call is required although nobody asks for the weather."""
    yield from each(m.named("messages/kimi-k3-any-tool"), m[HELLO])


@cases_of("api.messages.tool-use-fits-stop")
def tool_use_fits_stop(m: Material) -> Iterator[Case]:
    """With a tool, and without."""
    yield from each(m.named(*STREAMS, CALLED), m[HELLO])


@cases_of("api.messages.tool-input-joins")
def tool_input_joins(m: Material) -> Iterator[Case]:
    """The input of a tool, in pieces."""
    yield from each(m.named(TOOLS))


@cases_of("api.messages.openai-error-on-401-429")
def openai_error_on_401_429(m: Material) -> Iterator[Case]:
    """Errors of the host, not of the face."""
    yield from each(m.named("messages/no-key", "messages/wrong-key", "limits/messages-rate"), m[HELLO])


@cases_of("api.messages.anthropic-error-on-400-404", "api.messages.error-words")
def anthropic_error_on_400_404(m: Material) -> Iterator[Case]:
    """Errors of the face."""
    yield from each(m.named(*NAMED, *UNKNOWN), m[HELLO])


@cases_of("api.messages.version-header-accepted")
def version_header_accepted(m: Material) -> Iterator[Case]:
    """Every call of this face has the header."""
    yield from each(m.named(HELLO), itself=True)


@cases_of("api.messages.temperature-not-refused")
def temperature_not_refused(m: Material) -> Iterator[Case]:
    """A temperature that the chat wire would refuse, and a member that nobody documents."""
    yield from each(m.named(*TEMPERED), itself=True)


@cases_of("api.messages.thinking-disabled-honoured")
def thinking_disabled_honoured(m: Material) -> Iterator[Case]:
    """Without thinking."""
    yield from each(m.named(SILENT), itself=True)


@cases_of("api.messages.unknown-effort-accepted")
def unknown_effort_accepted(m: Material) -> Iterator[Case]:
    """An effort that is none."""
    yield from each(m.named("messages/kimi-k3-bogus-effort"), itself=True)


@cases_of("api.messages.named-tool-refused")
def named_tool_refused(m: Material) -> Iterator[Case]:
    """A named tool while thinking."""
    yield from each(m.named(*NAMED), m[HELLO])


@cases_of("api.messages.unknown-model-404")
def unknown_model_404(m: Material) -> Iterator[Case]:
    """Models that never were."""
    yield from each(m.named(*UNKNOWN), m[HELLO])


@cases_of("api.messages.models-path-404")
def models_path_404(m: Material) -> Iterator[Case]:
    """A list that this face does not have."""
    yield case(m["messages/models-path"], twins=m.named("hosts/models-ai"))
