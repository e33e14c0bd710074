"""Chat: answers of POST /v1/chat/completions, whole ones and streams alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.hosts_known import elsewhere, on_coding
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, calls, choices, count, event, shown, usages
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

ANSWER: Final = ("chat.completion", "chat.completion.chunk")
REASONS: Final = ("stop", "length", "tool_calls", "content_filter")
MARGIN: Final = 1024
"""So close to the end of the context an answer may be cut for want of it."""
LEAST: Final = 8192
"""A context that is not known (the coding host's depends on the plan) is taken to be the smallest that there was."""
CUT: Final = ("length", "content_filter")
"""Why an answer ends before it is whole."""


def _answers(sight: Sight, _contract: Contract) -> bool:
    return any(choices(sight))


def _finished(sight: Sight, contract: Contract) -> bool:
    return _answers(sight, contract) and not sight.partial


def _named(sight: Sight, contract: Contract) -> bool:
    """The coding host and routers have aliases, and may answer by another name; so may an id that picks a variant."""
    asked = isinstance(sight.asked.get("model"), str) and not on_coding(sight) and not elsewhere(sight)
    row = contract.catalogue.find(str(sight.asked.get("model")))
    answers = bool(sight.stream.chunks) if sight.streamed else bool(sight.answer)
    return asked and (row is None or row.context is not None) and answers


def _bounded(sight: Sight, _contract: Contract) -> bool:
    return budget(sight.asked) is not None and any(usages(sight))


def _cut_short(sight: Sight, contract: Contract) -> bool:
    """Only where there is one choice is it known which budget the counter is of."""
    reasons = [reason for _, _, reason in choices(sight)]
    return _bounded(sight, contract) and reasons == ["length"]


def budget(asked: dict[str, Any]) -> int | None:
    """How many tokens an answer may have: `max_completion_tokens`, which wins over `max_tokens`; None: not said."""
    for name in ("max_completion_tokens", "max_tokens"):
        said = asked.get(name)
        if isinstance(said, int) and not isinstance(said, bool) and said > 0:
            return said
    return None


@law("api.chat.shape", "chat.completion")
def shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """A whole answer has the shape of one."""
    if not s.answer:
        yield Flaw("a JSON object", answered(s), "response body", "the answer is no JSON object")
        return
    for error in c.schemas.errors("chat.completion", s.answer):
        yield Flaw(error.expected, error.actual, f"response {error.at}", error.message)


@law("api.chat.content-is-string", *ANSWER, when=_answers)
def content_is_string(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Content is a string, empty where there is nothing to say."""
    for at, message, _ in choices(s):
        if not isinstance(message.get("content"), str):
            seen = shown(message["content"]) if "content" in message else "no such member"
            yield Flaw("a string", seen, f"{at}/message/content", "content is no string")


@law("api.chat.model-echoed", *ANSWER, when=_named)
def model_echoed(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The answer names the model that was asked for."""
    asked = s.asked["model"]
    if not s.streamed and s.answer.get("model") != asked:
        yield Flaw(asked, shown(s.answer.get("model")), "response /model", "another model answers")
    for value, number in s.stream.models.items():
        if value != asked:
            yield Flaw(asked, shown(value), event(s, number, "/model"), "another model answers")


@law("api.chat.finish-reason", *ANSWER, when=_finished)
def finish_reason(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Each choice says why it ended, in one of four words."""
    for at, _, reason in choices(s):
        if reason not in REASONS:
            message = "the finish_reason is none of those that are known"
            yield Flaw(" or ".join(REASONS), shown(reason), f"{at}/finish_reason", message)


@law("api.chat.finish-fits-content", *ANSWER, when=_finished)
def finish_fits_content(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Tool calls and `finish_reason: tool_calls` come together; `length` and `content_filter` may cut a call."""
    for at, message, reason in choices(s):
        called = bool(calls(message))
        if called and reason not in ("tool_calls", *CUT):
            yield Flaw("tool_calls", shown(reason), f"{at}/finish_reason", "tool calls are there, and not announced")
        if not called and reason == "tool_calls":
            yield Flaw("tool calls", "none", f"{at}/message/tool_calls", "tool calls are announced, and not there")


@law("api.chat.budget-kept", *ANSWER, when=_bounded)
def budget_kept(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """No answer is longer than what was asked for: each of its choices may use up the budget."""
    most = (budget(s.asked) or 0) * max(len(list(choices(s))), 1)
    for at, used in usages(s):
        spent = count(used, "completion_tokens")
        if spent is not None and spent > most:
            yield Flaw(
                f"at most {most}", str(spent), f"{at}/completion_tokens", "more was completed than was asked for"
            )


@law("api.chat.length-fills-budget", *ANSWER, when=_cut_short)
def length_fills_budget(s: Sight, c: Contract) -> Iterator[Flaw]:
    """An answer that ends for its length has used up its budget, reasoning included, or the context of the model."""
    most, row = budget(s.asked) or 0, c.catalogue.find(str(s.asked.get("model")))
    context = (row.context if row and not on_coding(s) else None) or LEAST
    for at, used in usages(s):
        spent, total = count(used, "completion_tokens"), count(used, "total_tokens")
        full = total is not None and total >= context - MARGIN
        if (spent is None or spent < most) and not full:
            message = "the answer was cut for its length before its budget was used up"
            yield Flaw(str(most), shown(spent), f"{at}/completion_tokens", message)


@law("api.chat.text-is-utf8", *ANSWER, when=lambda s, _c: bool(s.exchange.response and s.exchange.response.body))
def text_is_utf8(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """What is said is UTF-8, and no character was lost on the way."""
    body = s.exchange.response.body if s.exchange.response else b""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        seen = repr(body[error.start : error.end])
        if not ((s.exchange.error or s.partial) and error.end == len(body)):  # cut within a character: told as a cut
            yield Flaw("UTF-8", seen, f"response byte {error.start}", f"the body is not UTF-8: {error.reason}")
    if "messages" not in s.asked or "\ufffd" in str(s.asked["messages"]):
        return  # what was asked for may have it
    for at, message, reason in choices(s):
        for member in ("content", "reasoning_content"):
            text = message.get(member)
            if isinstance(text, str) and "\ufffd" in (text.rstrip("\ufffd") if reason in CUT else text):
                message_ = "a character was lost: U+FFFD stands in its place"
                yield Flaw("whole characters", shown(text), f"{at}/message/{member}", message_)


@law("api.chat.fingerprint-only-in-streams", "chat.completion", when=_answers)
def fingerprint_only_in_streams(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A whole answer has no `system_fingerprint`."""
    if "system_fingerprint" in s.answer:
        found = shown(s.answer["system_fingerprint"])
        yield Flaw("no such member", found, "response /system_fingerprint", "a whole answer has a fingerprint")


def served(s: Sight) -> Iterator[Flaw]:
    """Flaws of an answer that should be 200, of a request that was looked at."""
    if s.status != 200:  # noqa: PLR2004 - RFC 9110, 15.3.1
        yield Flaw("200", answered(s), "response", f"refused, or failed: {answered(s)}")
    elif not s.partial and not _spoken(s):
        expected = "a message" if s.face == "messages" else "an answer with choices"
        yield Flaw(expected, answered(s), "response body", f"200, and no answer: {answered(s)}")


def _spoken(s: Sight) -> bool:
    """Whether there is an answer in it: of the Anthropic face, of the Responses face, or of chat."""
    if s.face == "messages":
        return bool(s.reading.events) if s.streamed else isinstance(s.answer.get("content"), list)
    return isinstance(s.answer.get("output"), list) if s.face == "responses" else any(choices(s))
