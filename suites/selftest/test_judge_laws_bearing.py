"""On what a law bears, and on what it does not, word by word: nothing seen is never a pass."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.judge.api import law as laws
from kimi_conformance.judge.api.known_good import plain_messages, sound
from kimi_conformance.judge.api.law import law
from kimi_conformance.judge.api.sight import NO_JSON, read_json
from suites.selftest.sights import (
    MESSAGES,
    TOOL,
    asking,
    bears,
    calling,
    chat,
    contract,
    error,
    events,
    flaws,
    invalid,
    seen,
    stream,
    whole,
)

OFF: Final = {"type": "disabled"}
PING: Final = {"type": "ping"}
OF_CHUNKS: Final = (
    "api.stream.chunk-shape",
    "api.stream.one-id",
    "api.stream.one-created",
    "api.stream.role-first-and-once",
    "api.stream.reasoning-before-content",
    "api.stream.fingerprint",
)
OF_WHOLE_STREAMS: Final = (
    "api.stream.one-finish",
    "api.stream.done-once-and-last",
    "api.stream.usage-reachable",
    "api.stream.usage-in-last-choice",
    "api.stream.folds-to-completion",
)
CHUNK: Final = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1788306762,
    "model": "kimi-k3",
    "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hello!"}, "finish_reason": None}],
}


@pytest.mark.parametrize("requirement", [*OF_CHUNKS, *OF_WHOLE_STREAMS])
def test_a_stream_without_a_chunk_shows_nothing_of_chunks(requirement: str) -> None:
    assert bears(requirement, stream(CHUNK))
    assert not bears(requirement, stream())


@pytest.mark.parametrize("requirement", OF_WHOLE_STREAMS)
def test_a_part_of_a_stream_shows_nothing_of_its_end(requirement: str) -> None:
    assert not bears(requirement, stream(CHUNK, partial=True))


def test_a_stream_without_an_event_shows_nothing_of_events() -> None:
    assert bears("api.messages.event-names", events(PING))
    assert not bears("api.messages.event-names", events())


@pytest.mark.parametrize("requirement", ["api.tools.ids-unique", "api.tools.index-outside-streams"])
def test_an_answer_without_calls_shows_nothing_of_calls(requirement: str) -> None:
    assert bears(requirement, chat(calling()))
    assert not bears(requirement, chat(whole()))


@pytest.mark.parametrize("effort", ["low", "medium", "high", "max"])
def test_an_effort_that_is_known_is_not_to_be_refused(effort: str) -> None:
    asked = {"model": "kimi-k3", "input": "Say hello.", "reasoning": {"effort": effort}}
    assert not bears("api.responses.effort-checked", seen(200, {}, asked=asked, path="/v1/responses"))


@pytest.mark.parametrize("choice", ["auto", "none", "required"])
def test_a_choice_that_is_known_is_not_to_be_refused(choice: str) -> None:
    assert not bears("api.tools.unknown-choice-refused", chat(whole(), asking(tools=[TOOL], tool_choice=choice)))


@pytest.mark.parametrize("kind", ["function", "builtin_function", "plugin", "_plugin"])
def test_a_tool_of_a_known_type_is_not_to_be_refused(kind: str) -> None:
    asked = asking(tools=[{"type": kind, kind: {"name": "get_weather"}}])
    assert not bears("api.tools.unknown-type-refused", chat(whole(), asked))


@pytest.mark.parametrize(("length", "due"), [(16, 0), (17, 1)])
def test_an_id_may_have_16_characters_beyond_a_long_name(length: int, due: int) -> None:
    answer = calling("get_weather" * 6)
    answer["choices"][0]["message"]["tool_calls"][0]["id"] = "x" * (66 + length)
    assert len(flaws("api.tools.call-shape", chat(answer))) == due


def test_thinking_turned_off_is_refused_on_the_chat_face_alone() -> None:
    asked = asking("kimi-k2.7-code", thinking=OFF)
    assert bears("api.thinking.disable-refused", invalid("thinking", asked))
    asked = asking("kimi-k2.6", thinking=OFF)
    assert bears("api.thinking.disabled-is-honoured", chat(whole(), asked))
    assert not bears("api.thinking.disabled-is-honoured", chat(whole(), asked, path=MESSAGES))


@pytest.mark.parametrize("said", ["no such tool_choice", "not while thinking"])
def test_a_named_tool_is_refused_by_the_name_of_the_member_or_the_rule(said: str) -> None:
    asked = asking(max_tokens=64, tools=[TOOL], tool_choice={"type": "tool", "name": "get_weather"})
    assert flaws("api.messages.named-tool-refused", invalid(said, asked, path=MESSAGES)) == []


def test_the_word_for_a_client_that_left_is_none_of_the_anthropic_face() -> None:
    left = error(400, "client_closed_request", "gone", asking(max_tokens=64), path=MESSAGES)
    assert [flaw.where for flaw in flaws("api.messages.error-words", left)] == ["response /error/type"]


def test_an_error_may_stand_anywhere_in_a_stream_of_messages() -> None:
    failed = {"type": "error", "error": {"type": "server_error", "message": "no"}}
    assert events(failed).messages.odd == []
    assert events(PING, {"type": "else"}).messages.odd == [(1, "else before message_start")]


def test_only_2xx_is_an_answer() -> None:
    assert [seen(status, {}).ok for status in (199, 200, 299, 300)] == [False, True, True, False]


def test_json_that_is_too_deep_is_none() -> None:
    assert read_json(b"[" * 200_000) is NO_JSON


def test_a_check_stays_what_it_is_when_it_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laws, "LAWS", {})

    def check(_sight: Any, _contract: Any) -> list[Any]:
        return []

    assert law("api.of.ours")(check) is check
    assert laws.LAWS["api.of.ours"].check is check
    with pytest.raises(ValueError, match="two laws"):
        law("api.of.ours")(check)


@pytest.mark.parametrize(("stops", "due"), [(5, True), (6, False)])
def test_it_is_known_of_five_stops_that_they_are_taken(stops: int, due: bool) -> None:  # noqa: FBT001 - an axis
    model = contract().catalogue.find("kimi-k3")
    assert model is not None
    assert sound(chat(whole(), asking(stop=["a"] * stops)), model) is due


def test_an_image_is_nothing_plain_where_nobody_says_so() -> None:
    image = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]
    said = [{"role": "user", "content": image}]
    assert [plain_messages(said), plain_messages(said, images=True)] == [False, True]
