"""Messages: a Kimi model that is asked for on /v1/messages, whether the router passes that on or translates it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kimi_conformance.contract.scene import Scene
from kimi_conformance.oracle import Routed, meant
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.contract.bodies import TranslationGroup
    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.matrix import Matrix

BOTH = (False, True)
VARY = "agent model stream"
LIMITS = ("429-rate", "429-overload", "429-quota")


def kimis(m: Matrix, streams: Iterable[bool] = (False,)) -> Iterator[Ask]:
    """An ask on /v1/messages for the first Kimi model of each route that serves it there."""
    routes: set[str] = set()
    for ask in m.asks(m.ordinary_agents[-1:], m.registered, surfaces=("messages",)):
        expected = m.world.expect(ask)
        known = m.world.catalogue.find(meant(m.profile, ask.model.value)) is not None
        if known and isinstance(expected, Routed) and expected.route not in routes:
            routes.add(expected.route)
            yield from (replace(ask, stream=stream) for stream in streams)


def carrying(m: Matrix, *groups: TranslationGroup, only: str = "") -> Iterator[Case]:
    """Each of these bodies for each kind of route."""
    for ask in kimis(m):
        for group in groups:
            for slug, members in m.bodies.translations[group].items():
                if slug.startswith(only):
                    yield case(replace(ask, members=members), vary="agent model", what=slug)


def played(m: Matrix, *acts: str, streams: Iterable[bool] = BOTH) -> Iterator[Case]:
    """An answer of each of these kinds, on each kind of route; the request has tools where they are called."""
    for ask in kimis(m, streams):
        for act in acts:
            members = m.bodies.translations["choice"]["auto"] if act == "calls" else {}
            yield case(replace(ask, members=members, scene=Scene((act,))), vary=VARY, answer=act)


def refused(m: Matrix, *acts: str, streams: Iterable[bool] = (False,)) -> Iterator[Case]:
    """A failure of each of these kinds, of whichever upstream is asked."""
    for ask in kimis(m, streams):
        for act in acts:
            yield case(replace(ask, scene=Scene((act,), others=act)), vary=VARY, disturbs=True, error=act)


@cases_of("router.messages.system-translated")
def system_translated(m: Matrix) -> Iterator[Case]:
    """No system prompt, a text, blocks, and one before a long conversation."""
    yield from carrying(m, "system")


@cases_of("router.messages.text-translated")
def text_translated(m: Matrix) -> Iterator[Case]:
    """Texts in blocks, two messages of one speaker in a row, an answer that is begun, and text beside thoughts."""
    yield from carrying(m, "text", "thinking")


@cases_of("router.messages.thinking-becomes-reasoning")
def thinking_becomes_reasoning(m: Matrix) -> Iterator[Case]:
    """A call that was thought about, with a signature and, as Kimi has it, without one."""
    yield from carrying(m, "thinking")


@cases_of("router.messages.images-translated")
def images_translated(m: Matrix) -> Iterator[Case]:
    """A picture beside a question."""
    yield from carrying(m, "images")


@cases_of("router.messages.tools-translated")
def tools_translated(m: Matrix) -> Iterator[Case]:
    """Several tools, with schemas of every kind, described and not."""
    yield from carrying(m, "tools")


@cases_of("router.messages.tool-choice-translated")
def tool_choice_translated(m: Matrix) -> Iterator[Case]:
    """Each way to choose among tools."""
    yield from carrying(m, "choice")


@cases_of("router.messages.tool-use-ids-kept")
def tool_use_ids_kept(m: Matrix) -> Iterator[Case]:
    """Calls with ids as Kimi and as Anthropic make them."""
    yield from carrying(m, "calls")


@cases_of("router.messages.tool-results-translated")
def tool_results_translated(m: Matrix) -> Iterator[Case]:
    """Several results, in blocks, of an error, of JSON, of nothing, and text beside them."""
    yield from carrying(m, "results")


@cases_of("router.messages.max-tokens-kept")
def max_tokens_kept(m: Matrix) -> Iterator[Case]:
    """A bound that is not the usual one."""
    yield from carrying(m, "bounds", only="max_tokens")


@cases_of("router.messages.stop-sequences-translated")
def stop_sequences_translated(m: Matrix) -> Iterator[Case]:
    """Two sequences."""
    yield from carrying(m, "bounds", only="stop_sequences")


@cases_of("router.messages.sampling-kept")
def sampling_kept(m: Matrix) -> Iterator[Case]:
    """A temperature, another, top_p, and none of them."""
    for only in ("temperature", "top_p", "none"):
        yield from carrying(m, "bounds", only=only)


@cases_of("router.messages.answer-shape", "router.messages.model-named")
def answered(m: Matrix) -> Iterator[Case]:
    """A plain answer, streamed or not."""
    yield from played(m, "healthy")


@cases_of("router.messages.text-returned", "router.messages.reasoning-becomes-thinking")
def said(m: Matrix) -> Iterator[Case]:
    """Reasoning and text, streamed or not; and calls without any text."""
    yield from played(m, "rich", "calls")


@cases_of("router.messages.tool-calls-become-tool-use")
def tool_calls_become_tool_use(m: Matrix) -> Iterator[Case]:
    """Two calls at once."""
    yield from played(m, "calls")


@cases_of("router.messages.stop-reason-translated")
def stop_reason_translated(m: Matrix) -> Iterator[Case]:
    """Each way in which an answer ends."""
    yield from played(m, "rich", "calls", "finish-length", "finish-content_filter")


@cases_of("router.messages.usage-translated")
def usage_translated(m: Matrix) -> Iterator[Case]:
    """A prompt that was not in the cache, and one that was for the most part."""
    yield from played(m, "healthy", "rich")


@cases_of("router.messages.error-status-kept")
def error_status_kept(m: Matrix) -> Iterator[Case]:
    """A refusal, a limit, a server's failure, a gateway's page; a refusal of a stream, too."""
    yield from refused(m, "400-temperature", "429-overload", "500", "504-html")
    yield from refused(m, "400-temperature", streams=(True,))


@cases_of("router.messages.error-shape")
def error_shape(m: Matrix) -> Iterator[Case]:
    """A refusal, an unknown model, an overload, a gateway's page."""
    yield from refused(m, "400-temperature", "404-model", "429-overload", "504-html")


@cases_of("router.messages.error-message-kept")
def error_message_kept(m: Matrix) -> Iterator[Case]:
    """A refusal, and a quota that is used up."""
    yield from refused(m, "400-temperature", "429-quota")


@cases_of("router.messages.rate-limits-told-apart")
def rate_limits_told_apart(m: Matrix) -> Iterator[Case]:
    """The three 429, one after the other."""
    for ask in kimis(m):
        asks = (replace(ask, scene=Scene((act,), others=act)) for act in LIMITS)
        yield case(*asks, vary="agent model", disturbs=True)


@cases_of(
    "router.messages.stream-begins",
    "router.messages.stream-blocks-in-order",
    "router.messages.stream-ends",
    "router.messages.stream-event-names",
)
def streamed(m: Matrix) -> Iterator[Case]:
    """Reasoning and text; two calls at once."""
    yield from played(m, "rich", "calls", streams=(True,))


@cases_of("router.messages.stream-inputs-join")
def stream_inputs_join(m: Matrix) -> Iterator[Case]:
    """Two calls at once."""
    yield from played(m, "calls", streams=(True,))


@cases_of("router.messages.stream-incremental")
def stream_incremental(m: Matrix) -> Iterator[Case]:
    """Words that wait for each other."""
    yield from played(m, "gated", streams=(True,))


@cases_of("router.messages.stream-cut-shown")
def stream_cut_shown(m: Matrix) -> Iterator[Case]:
    """A stream that ends early, neatly or by a reset."""
    yield from refused(m, "cut-clean", "cut-reset", streams=(True,))


@cases_of("router.messages.stream-error-told")
def stream_error_told(m: Matrix) -> Iterator[Case]:
    """An error after some words."""
    yield from refused(m, "error-event", streams=(True,))
