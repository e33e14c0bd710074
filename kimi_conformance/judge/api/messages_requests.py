"""The Anthropic face: which requests are answered, which are refused, and how errors look there."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.catalogue import PREDICATES, State
from kimi_conformance.judge.api.acceptance import acceptance, judged, trusted
from kimi_conformance.judge.api.chat import served
from kimi_conformance.judge.api.errors import KINDS, by_gateway, failed
from kimi_conformance.judge.api.fitting import misfits
from kimi_conformance.judge.api.hosts_known import elsewhere, on_coding, on_platform, standing, turning
from kimi_conformance.judge.api.known_good import plain_messages, plain_parameters
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.lifecycle import missing, tells, unheard_of
from kimi_conformance.judge.api.messages import blocks
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.api.refusal import broken, model_of, refusal, thinking_off
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

SEEN: Final = {"temperature": 0.5, "top_k": 1}
"""Values that were seen to be taken, though no schema has the members."""
MEMBERS: Final = frozenset(
    {"model", "messages", "max_tokens", "system", "stream", "thinking", "output_config", "tools", *SEEN}
)
EFFORTS: Final = frozenset({"low", "high", "max"})
WORDS: Final = tuple(kind for kind in KINDS if kind != "client_closed_request")
OPENAIS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})
GONE: Final = frozenset({State.NEVER, State.RETIRED, State.OTHER_HOST})


def _plain(s: Sight, c: Contract) -> bool:
    """Whether the request has nothing in it of which it is not known that it is taken."""
    bound, model = s.asked.get("max_tokens"), model_of(s, c)
    if s.face != "messages" or on_coding(s) or model is None or model.context is None:
        return False
    if not s.asked.keys() <= MEMBERS or not isinstance(bound, int) or isinstance(bound, bool) or bound < 1:
        return False
    fits = len(s.exchange.request.body) + bound < model.context
    system, tools = s.asked.get("system", "plain"), s.asked.get("tools")
    return all(
        (
            fits and _said(s.asked.get("messages")) and not broken(s, c),
            isinstance(s.asked.get("stream", False), bool),
            isinstance(system, str) and bool(system),
            s.asked.get("temperature") in (None, SEEN["temperature"]),
            s.asked.get("top_k") in (None, SEEN["top_k"]),
            "thinking" not in s.asked or _adaptive(s, c) or (thinking_off(s) and _can_be_silent(s, c)),
            "output_config" not in s.asked or _effort(s) is not None,
            tools is None or (isinstance(tools, list) and bool(tools) and all(_tool(tool) for tool in tools)),
        )
    )


def _said(said: Any) -> bool:
    return plain_messages(said) and all(each["role"] == "user" for each in said)


def _tool(tool: Any) -> bool:
    named = isinstance(tool, dict) and isinstance(tool.get("name"), str) and tool["name"].isidentifier()
    return named and plain_parameters(tool.get("input_schema"))


def _effort(s: Sight) -> str | None:
    wanted = s.asked.get("output_config")
    effort = wanted.get("effort") if isinstance(wanted, dict) and wanted.keys() == {"effort"} else None
    return effort if isinstance(effort, str) else None


def _adaptive(s: Sight, c: Contract) -> bool:
    """Seen to be taken by a model that has efforts."""
    model = model_of(s, c)
    efforts = model is not None and model.thinking is not None and model.thinking.effort is not None
    return efforts and s.asked["thinking"] == {"type": "adaptive"}


def _can_be_silent(s: Sight, c: Contract) -> bool:
    model = model_of(s, c)
    return model is not None and PREDICATES["thinking-can-be-disabled"](model)


def _tempered(s: Sight, c: Contract) -> bool:
    return not s.asked.keys().isdisjoint(SEEN) and _plain(s, c)


def _odd_effort(s: Sight, c: Contract) -> bool:
    effort = _effort(s)
    return effort is not None and effort not in EFFORTS and _plain(s, c)


def _versioned(s: Sight, c: Contract) -> bool:
    return s.exchange.request.header("anthropic-version") is not None and _plain(s, c)


acceptance("api.messages.answered", lambda s, c: trusted(s) and _plain(s, c), breakdowns=True)
acceptance("api.messages.temperature-not-refused", _tempered)
acceptance("api.messages.unknown-effort-accepted", _odd_effort)
acceptance("api.messages.version-header-accepted", _versioned)


def _silenced(s: Sight, c: Contract) -> bool:
    return thinking_off(s) and judged(s) and _plain(s, c)


@law("api.messages.thinking-disabled-honoured", when=_silenced)
def thinking_disabled_honoured(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Where thinking can be turned off, it is: accepted, and no reasoning comes back."""
    yield from served(s)
    for at, block, text in blocks(s):
        said = text or block.get("thinking")
        if block.get("type") == "thinking" and said:
            yield Flaw("no thinking block", shown(said), at, "it reasons although told not to")


def _named_tool(s: Sight, c: Contract) -> bool:
    choice, model = s.asked.get("tool_choice"), model_of(s, c)
    named = isinstance(choice, dict) and choice.get("type") == "tool" and bool(s.asked.get("tools"))
    thinks = model is not None and model.tool_choice is not None and "named" not in model.tool_choice.thinking
    return named and thinks and not thinking_off(s)


refusal("api.messages.named-tool-refused", _named_tool, names="tool_choice|thinking", face="messages")


def _gone(s: Sight, c: Contract) -> bool:
    gone = (standing(s, c) in GONE and not turning(s, c)) or unheard_of(s, c)
    return s.face == "messages" and on_platform(s) and gone and tells(s, c)


@law("api.messages.unknown-model-404", when=_gone)
def unknown_model_404(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A model that is not there is told by its name."""
    yield from missing(s)
    said = s.error.get("message")
    if s.status == HTTPStatus.NOT_FOUND and str(s.asked["model"]) not in str(said):
        where = "response /error/message"
        yield Flaw(s.asked["model"], shown(said), where, "the message does not name the model")


def _openais(s: Sight, _c: Contract) -> bool:
    return s.face == "messages" and on_platform(s) and s.status in OPENAIS


@law("api.messages.openai-error-on-401-429", when=_openais)
def openai_error(s: Sight, c: Contract) -> Iterator[Flaw]:
    """A 401 and a 429 have the chat wire's shape."""
    yield from misfits(s, c, "error")
    if "type" in s.answer:
        message = f"a {s.status} in another shape than OpenAI's"
        yield Flaw("no such member", shown(s.answer["type"]), "response /type", message)


def _anthropics(s: Sight, _c: Contract) -> bool:
    missing_path = s.status == HTTPStatus.NOT_FOUND and by_gateway(s)
    refused = s.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND) and not missing_path
    return s.face == "messages" and on_platform(s) and refused


@law("api.messages.anthropic-error-on-400-404", when=_anthropics)
def anthropic_error(s: Sight, c: Contract) -> Iterator[Flaw]:
    """A 400 and a 404 have Anthropic's shape, and say which request it was."""
    yield from misfits(s, c, "error.messages")
    if s.error and not isinstance(s.answer.get("request_id"), str):
        seen = shown(s.answer.get("request_id"))
        yield Flaw("a string", seen, "response /request_id", "the error does not say which request it was")


def _worded(s: Sight, _c: Contract) -> bool:
    return s.face == "messages" and failed(s) and bool(s.error) and not on_coding(s) and not elsewhere(s)


@law("api.messages.error-words", when=_worded)
def error_words(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Types are Moonshot's own words, not Anthropic's."""
    if s.error.get("type") not in WORDS:
        seen = shown(s.error["type"]) if "type" in s.error else answered(s)
        yield Flaw("one of Moonshot's words", seen, "response /error/type", "an error of a type that is not Moonshot's")
