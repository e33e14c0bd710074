"""Every deliberate change of an answer is noticed, where it stands, and in its class."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.faults.wire.edit import both, change, drop, put, rename
from suites.selftest.drifted import body_of, edited, rewritten, told, with_body, with_headers
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.faults.wire.edit import Edit
    from kimi_conformance.judge.api.sight import Sight

REFUSED = "refused/api.sampling.temperature-fixed"

CALL = "/choices/[]/message/tool_calls/[]"
K3, K26 = "/data/[id=kimi-k3]", "/data/[id=kimi-k2.6]"
CODING = f"/data/[id={SPECIMENS['models-coding'].answer['data'][0]['id']}]"

EFFORTS = f"{K3}/think_efforts"

EDITED: tuple[tuple[str, Edit, str], ...] = (
    # what clients may rely on is gone
    ("chat", drop("usage"), "breaking member-gone /usage"),
    ("chat", drop("usage/total_tokens"), "breaking member-gone /usage/total_tokens"),
    ("chat", drop("choices/0/finish_reason"), "breaking member-gone /choices/[]/finish_reason"),
    ("chat", put("choices", []), "breaking member-gone /choices/[]"),
    ("chat-tools", drop("choices/0/message/tool_calls/0/id"), f"breaking member-gone {CALL}/id"),
    ("chat-two-calls", drop("choices/0/message/tool_calls/1/type"), f"breaking member-gone {CALL}/type"),
    ("message", drop("usage/service_tier"), "breaking member-gone /usage/service_tier"),
    ("message", drop("content/0/signature"), "breaking member-gone /content/[]<thinking>/signature"),
    ("models", drop("data/*/context_length"), "breaking member-gone /data/[]/context_length"),
    ("models", drop("data/0/think_efforts"), f"breaking member-gone {K3}/think_efforts"),
    ("balance", drop("data/cash_balance"), "breaking member-gone /data/cash_balance"),
    ("gone/model-messages", drop("request_id"), "breaking member-gone /request_id"),
    ("taken/responses-thinking", drop("output"), "breaking member-gone /output"),
    ("files", drop("data/0/bytes"), "breaking member-gone /data/[]/bytes"),
    (REFUSED, drop("error/type"), "breaking member-gone /error/type"),
    (REFUSED, drop("error/message"), "breaking member-gone /error/message"),
    # there is more
    ("chat", put("service_tier", "default"), "additive member-new /service_tier"),
    ("chat", put("choices/0/logprobs", None), "additive member-new /choices/[]/logprobs"),
    ("chat", put("usage/audio", {"tokens": 1}), "additive member-new /usage/audio"),
    ("message", put("content/1/citations", []), "additive member-new /content/[]<text>/citations"),
    ("models", put("data/1/price", 1.5), f"additive member-new {K26}/price"),
    (REFUSED, put("error/code", "bad"), "additive member-new /error/code"),
    # another type
    ("chat", change("created", str), "breaking retyped /created"),
    ("chat", change("usage/prompt_tokens", lambda n: n + 0.5), "breaking retyped /usage/prompt_tokens"),
    ("chat", change("choices", lambda found: found[0]), "breaking retyped /choices"),
    (
        "chat-tools",
        change("choices/0/message/tool_calls/0/function/arguments", lambda _: {}),
        f"breaking retyped {CALL}/function/arguments",
    ),
    ("models-coding", change("data/0/context_length", str), f"breaking retyped {CODING}/context_length"),
    ("balance", change("data/available_balance", str), "breaking retyped /data/available_balance"),
    ("tokens", change("data", lambda data: data["total_tokens"]), "breaking retyped /data"),
    # null, and no longer null
    ("chat", put("id", None), "breaking null /id"),
    ("chat", put("choices/0/message/content", None), "additive null /choices/[]/message/content"),
    ("chat-tools", put("choices/0/message/tool_calls", None), "breaking null /choices/[]/message/tool_calls"),
    ("responses-unknown-model", put("error/param", None), "breaking null /error/param"),
    ("models", put("data/0/owned_by", None), f"breaking null {K3}/owned_by"),
    ("models", put("data/0/root", None), f"additive null {K3}/root"),
    # words of a fixed list
    ("chat", put("object", "completion"), "breaking value /object"),
    ("chat", put("choices/0/finish_reason", "eos"), "breaking value /choices/[]/finish_reason"),
    ("chat", put("choices/0/message/role", "model"), "breaking value /choices/[]/message/role"),
    ("chat-tools", put("choices/0/message/tool_calls/0/type", "mcp"), f"breaking value {CALL}/type"),
    ("message", put("stop_reason", "done"), "breaking value /stop_reason"),
    ("message", put("content/0/type", "redacted"), "breaking value /content/[]/type"),
    ("balance", put("scode", "0x1"), "breaking value /scode"),
    ("batch", put("status", "paused"), "breaking value /status"),
    ("file-deleted", put("deleted", new=False), "breaking value /deleted"),
    ("responses-unknown-model", put("error/code", "no_model"), "breaking value /error/code"),
    # what is said of models
    ("models", drop("data/0"), f"breaking model {K3}"),
    (
        "models",
        change("data", lambda found: [*found, {**found[0], "id": "kimi-k4"}]),
        "additive model /data/[id=kimi-k4]",
    ),
    ("models", put("data/0/context_length", 262144), f"breaking attribute {K3}/context_length"),
    ("models", put("data/1/context_length", 524288), f"additive attribute {K26}/context_length"),
    ("models", put("data/0/supports_image_in", new=False), f"breaking attribute {K3}/supports_image_in"),
    ("models", put("data/0/supports_thinking_type", "both"), f"breaking attribute {K3}/supports_thinking_type"),
    (
        "models",
        put("data/0/think_efforts/valid_efforts", ["low", "max"]),
        f"breaking attribute {EFFORTS}/valid_efforts",
    ),
    (
        "models",
        put("data/0/think_efforts/valid_efforts", ["low", "high", "max", "ultra"]),
        f"additive attribute {EFFORTS}/valid_efforts",
    ),
    (
        "models",
        put("data/0/think_efforts/default_effort", "low"),
        f"breaking attribute {EFFORTS}/default_effort",
    ),
    ("models", put("data/1/owned_by", "kimi"), f"wording attribute {K26}/owned_by"),
    # errors
    (REFUSED, put("error/type", "bad_request"), "breaking error-type /error/type"),
    ("key/wrong", put("error/type", "authentication_error"), "breaking error-type /error/type"),
    ("gone/path-embeddings", put("error", "url.gone"), "breaking error-type /error"),
    (
        REFUSED,
        change("error/message", lambda text: text.replace("only 1", "only 0.6")),
        "breaking error-text /error/message",
    ),
    (REFUSED, put("error/message", "temperature: 1, please"), "wording error-text /error/message"),
    ("key/wrong", put("error/message", "invalid authentication"), "wording error-text /error/message"),
    ("gone/model-messages", put("error/message", "no such model"), "wording error-text /error/message"),
    ("gone/path-embeddings", put("message", "not found"), "wording error-text /message"),
    ("error/tokens", put("error", "no messages there"), "wording error-text /error"),
)


@pytest.mark.parametrize(("name", "edit", "expected"), [pytest.param(*row, id=f"{row[0]} {row[2]}") for row in EDITED])
def test_a_change_is_told_where_it_stands(name: str, edit: Edit, expected: str) -> None:
    assert expected in told(SPECIMENS[name], edited(name, edit))


@pytest.mark.parametrize(
    ("at", "was", "now", "due"),
    [
        pytest.param("data/0/think_efforts/valid_efforts", "ab", "ba", "breaking attribute", id="a-text-is-one-word"),
        pytest.param("data/0/supports_thinking_type", 1, 2, "breaking attribute", id="what-is-fixed-does-not-grow"),
        pytest.param("data/0/context_length", 1, 2, "additive attribute", id="what-counts-does"),
        pytest.param(
            "data/0/notes", [{"a": 1}, {"a": 1}], [{"a": 1}, {}], "breaking member-gone", id="within-an-entry"
        ),
    ],
)
def test_what_is_said_of_a_model_is_told_whatever_it_is(at: str, was: Any, now: Any, due: str) -> None:
    changes = told(edited("models", put(at, was)), edited("models", put(at, now)))
    below = "/[]/a" if isinstance(was, list) else ""
    assert changes == [f"{due} {K3}{at.removeprefix('data/0')}{below}"]


def test_a_list_of_which_nobody_knows_how_long_it_is_may_be_empty() -> None:
    assert told(edited("chat", put("notes", [1])), edited("chat", put("notes", []))) == []


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        pytest.param("chat", put("created", 1.0), id="1.0 is an integer, too"),
        pytest.param("balance", change("data/cash_balance", int), id="where numbers stand, an integer is one"),
        pytest.param(
            "taken/responses-thinking", put("created_at", 1788440000.0), id="and where nobody says what stands"
        ),
    ],
)
def test_what_is_the_same_kind_of_number_is_no_change(name: str, edit: Edit) -> None:
    assert told(SPECIMENS[name], edited(name, edit)) == []


CHAT = SPECIMENS["chat"]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(with_body(CHAT, b"<html>"), "breaking form body", id="a page"),
        pytest.param(with_body(CHAT, b""), "breaking form body", id="nothing"),
        pytest.param(
            with_headers(with_body(CHAT, body_of(SPECIMENS["stream"])), content_type="text/event-stream"),
            "breaking form body",
            id="a stream that nobody wanted",
        ),
        pytest.param(with_body(CHAT, b"[]"), "breaking retyped ", id="a list for an object"),
        pytest.param(with_body(CHAT, b"{}", 403), "breaking status status", id="403"),
        pytest.param(with_headers(CHAT, content_type="text/plain"), "breaking header header content-type", id="text"),
        pytest.param(with_headers(CHAT, content_type=None), "breaking header header content-type", id="no type"),
        pytest.param(with_headers(CHAT, msh_request_id=None), "breaking header header msh-request-id", id="no id"),
        pytest.param(with_headers(CHAT, msh_trace_mode="off"), "wording header header msh-trace-mode", id="not traced"),
        pytest.param(with_headers(CHAT, sunset="soon"), "additive header header sunset", id="a new header"),
    ],
)
def test_another_status_form_or_header_is_told(after: Sight, expected: str) -> None:
    assert expected in told(CHAT, after)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param(REFUSED, 422, id="another status of a refusal"),
        pytest.param("key/wrong", 403, id="another status of a wrong key"),
        pytest.param("gone/model-retired", 410, id="another status of a model that is gone"),
        pytest.param("gone/path-embeddings", 405, id="another status of a path that is not there"),
    ],
)
def test_another_status_is_breaking_and_the_rest_is_not_compared(name: str, status: int) -> None:
    before = SPECIMENS[name]
    assert told(before, with_body(before, body_of(before), status)) == ["breaking status status"]


def test_what_was_refused_and_is_accepted_is_told_too() -> None:
    assert told(SPECIMENS[REFUSED], with_body(SPECIMENS[REFUSED], body_of(CHAT), 200)) == ["breaking status status"]


def with_one(name: str, spoil: Callable[[dict[str, Any]], None], at: int) -> Sight:
    def spoil_one(events: list[Any]) -> list[Any]:
        spoil(events[at])
        return events

    return rewritten(name, spoil_one)


def with_all(name: str, spoil: Callable[[dict[str, Any]], Any]) -> Sight:
    def spoil_all(events: list[Any]) -> list[Any]:
        for event in events:
            if isinstance(event, dict):
                spoil(event)
        return events

    return rewritten(name, spoil_all)


def test_members_of_a_stream_are_told_as_those_of_its_events() -> None:
    stream = SPECIMENS["stream"]
    assert told(stream, with_all("stream", lambda event: event.pop("created"))) == [
        "breaking member-gone event /created"
    ]
    assert told(stream, with_all("stream", lambda event: event.update(tier="x"))) == ["additive member-new event /tier"]
    assert told(stream, with_all("stream", lambda event: event.update(created="x"))) == [
        "breaking retyped event /created"
    ]
    assert told(stream, with_all("stream", lambda event: event.update(object="x"))) == ["breaking value event /object"]
    message = with_all("message-stream", lambda event: event.get("message", {}).pop("role", None))
    assert told(SPECIMENS["message-stream"], message) == ["breaking member-gone event <message_start>/message/role"]


def test_of_a_stream_only_what_every_piece_has_to_have_is_missed_in_one() -> None:
    stream = SPECIMENS["stream"]
    assert told(stream, with_one("stream", lambda event: event.pop("created"), 3)) == [
        "breaking member-gone event /created"
    ]
    assert told(stream, with_one("stream", lambda event: event.pop("system_fingerprint"), 3)) == []


def test_of_a_whole_answer_what_every_item_had_is_missed_in_one() -> None:
    two, place = SPECIMENS["chat-two-calls"], "choices/0/message/tool_calls/{}/index"
    first, second = (edited("chat-two-calls", drop(place.format(n))) for n in range(2))
    assert told(two, first) == told(two, second) == [f"breaking member-gone {CALL}/index"]
    assert told(first, second) == told(first, two) == []


def test_what_depends_on_a_batch_may_be_missing_in_one() -> None:
    rows = [{"id": name, "status": "completed", "completed_at": 1} for name in "ab"]
    fewer = [rows[0], {"id": "b", "status": "completed"}]
    assert told(*(edited("batches", put("data", data)) for data in (rows, fewer))) == []


def test_a_list_that_has_to_have_something_may_get_it_again() -> None:
    assert told(edited("chat", put("choices", [])), CHAT) == []


def test_a_member_that_is_renamed_is_gone_and_new() -> None:
    found = told(SPECIMENS["chat"], edited("chat", rename("usage/total_tokens", "total")))
    assert found == ["breaking member-gone /usage/total_tokens", "additive member-new /usage/total"]


def test_what_is_inside_of_something_new_or_gone_is_not_told_again() -> None:
    found = told(SPECIMENS["chat"], edited("chat", both(drop("usage"), put("extra", {"a": {"b": 1}}))))
    assert found == ["breaking member-gone /usage", "additive member-new /extra"]


def test_what_is_nested_beyond_all_measure_is_read_as_deep_as_answers_go() -> None:
    deep: object = 1
    for _ in range(300):
        deep = {"a": [deep]}
    after = edited("chat", put("extra", deep))
    assert told(CHAT, after) == ["additive member-new /extra"]
    assert told(after, after) == []


def test_a_member_with_a_slash_in_its_name_is_told_as_a_pointer() -> None:
    after = with_body(CHAT, json.dumps({**CHAT.answer, "a/b~c": 1}).encode())
    assert told(CHAT, after) == ["additive member-new /a~1b~0c"]
