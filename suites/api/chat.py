"""Chat: whole answers, what a request may have in it, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material

ANSWERS = (
    "chat/kimi-k3-hello",
    "chat/kimi-k3-length",
    "chat/kimi-k3-length-16",
    "chat/kimi-k3-long",
    "tools/kimi-k3-auto",
)
STREAMS = tuple(f"stream/kimi-k3-{name}" for name in ("hello", "call", "repeat", "json", "two-calls"))
CACHED = ("chat/kimi-k3-hello", "chat/kimi-k3-length", "chat/kimi-k3-long", "stream/kimi-k3-hello")
HELLO = "chat/kimi-k3-hello"


@cases_of("api.chat.answered")
def answered(m: Material) -> Iterator[Case]:
    """A request of documented members alone to every model that is served."""
    for model in m.each("live"):
        name = "thinking/kimi-k3-effort-low" if model.id == "kimi-k3" else f"chat/{model.id}-hello"
        yield case(m[name], model=model.id)


@cases_of(
    "api.chat.shape",
    "api.chat.content-is-string",
    "api.chat.fingerprint-only-in-streams",
    "api.usage.present",
    "api.thinking.reasoning-in-its-member",
)
def whole_answers(m: Material) -> Iterator[Case]:
    """Whole answers."""
    yield from each(m.named(*ANSWERS))


@cases_of(
    "api.chat.model-echoed",
    "api.chat.finish-reason",
    "api.chat.finish-fits-content",
    "api.chat.budget-kept",
    "api.usage.total-is-sum",
    "api.usage.positive",
    "api.usage.reasoning-within-completion",
)
def answers_and_streams(m: Material) -> Iterator[Case]:
    """Whole answers, and streams."""
    yield from each(m.named(*ANSWERS, *STREAMS))


@cases_of("api.chat.text-is-utf8")
def text_is_utf8(m: Material) -> Iterator[Case]:
    """Chinese, quotes and emoji, whole and streamed."""
    yield from each(m.named(HELLO, "chat/kimi-k3-long", *STREAMS), itself=True)


@cases_of("api.usage.cached-within-prompt", "api.usage.cached-twins-equal", "api.usage.cached-only-on-hit")
def cached(m: Material) -> Iterator[Case]:
    """Answers to prompts that were in the cache."""
    yield from each(m.named(*CACHED))


@cases_of("api.usage.header-equals-counter")
def header_equals_counter(m: Material) -> Iterator[Case]:
    """An answer from the cache, and one that was not."""
    yield from each(m.named("chat/kimi-k3-hello", "chat/kimi-k3-long", "chat/kimi-k3-length-16"))


@cases_of("api.caching.implicit-hit")
def implicit_hit(m: Material) -> Iterator[Case]:
    """A prompt that is sent again and again."""
    yield from each(m.named("chat/kimi-k3-hello", "chat/kimi-k3-long"))


@cases_of("api.chat.length-fills-budget")
def length_fills_budget(m: Material) -> Iterator[Case]:
    """A budget that reasoning alone uses up."""
    yield from each(m.named("chat/kimi-k3-length", "chat/kimi-k3-length-16"))


@cases_of("api.chat.both-bounds-completion-wins")
def both_bounds_completion_wins(m: Material) -> Iterator[Case]:
    """One bound that is far too small, and another."""
    yield from each(m.named("chat/kimi-k3-both-bounds"))


@cases_of("api.chat.max-tokens-accepted")
def max_tokens_accepted(m: Material) -> Iterator[Case]:
    """The old name of the bound."""
    yield from each(m.named("chat/kimi-k3-hello", "chat/kimi-k3-length-16"), itself=True)


@cases_of("api.chat.unknown-members-accepted")
def unknown_members_accepted(m: Material) -> Iterator[Case]:
    """Members of other APIs, and one that nobody knows."""
    yield from each(m.named("chat/kimi-k3-hello", "chat/kimi-k3-members-nobody-knows"), itself=True)


@cases_of("api.chat.kimi-members-accepted")
def kimi_members_accepted(m: Material) -> Iterator[Case]:
    """The members that Kimi has beyond OpenAI's."""
    names = ("chat/kimi-k3-members-nobody-knows", "chat/kimi-k3-prompt-cache-key", "chat/kimi-k3-safety-identifier")
    yield from each(m.named(*names), itself=True)


@cases_of("api.chat.prediction-accepted")
def prediction_accepted(m: Material) -> Iterator[Case]:
    """What the answer is expected to be; without it the request is accepted."""
    yield from each(m.named("chat/kimi-k3-prediction"), m[HELLO])


def _refused(m: Material, *names: str) -> Iterator[Case]:
    yield from each(m.named(*names), m[HELLO])


empty_messages = cases_of("api.chat.empty-messages-refused")(lambda m: _refused(m, "chat/kimi-k3-empty-messages"))
empty_assistant = cases_of("api.chat.empty-assistant-refused")(
    lambda m: _refused(m, "chat/kimi-k3-empty-assistant", "chat/kimi-k2.5-empty-assistant")
)
six_stops = cases_of("api.chat.stop-at-most-five")(lambda m: _refused(m, "chat/kimi-k3-six-stops"))
remote_image = cases_of("api.chat.remote-image-refused")(lambda m: _refused(m, "chat/kimi-k3-remote-image"))
context_bounded = cases_of("api.chat.context-bounded")(lambda m: _refused(m, "chat/kimi-k2.5-too-long"))


@cases_of("api.chat.inline-image-accepted")
def inline_image_accepted(m: Material) -> Iterator[Case]:
    """An image of one pixel."""
    yield from each(m.named("chat/kimi-k3-inline-image"), itself=True)
