"""Each change is told in a sentence, with what was there before and what is there now: word for word."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.faults.wire.edit import both, change, drop, put
from kimi_conformance.judge.drift.change import words
from suites.selftest.drifted import body_of, compared, edited, rewritten, with_body, with_headers
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from kimi_conformance.faults.wire.edit import Edit
    from kimi_conformance.judge.api.sight import Sight

TEMPERATURE = "refused/api.sampling.temperature-fixed"
EFFORTS = "/think_efforts/valid_efforts"
CONTENT = "/choices/[]/message/content"
LISTED = "; the schema has a fixed list, and not that"
RULE = "invalid temperature: only 1 is allowed for this model"
CALLS = "/choices/[]/message/tool_calls/[]"
Told = tuple[str, str, str]


def said(before: Sight, after: Sight) -> list[Told]:
    """Before, after and the sentence of each change."""
    return [(each.before, each.after, each.says) for each in compared(before, after).changes]


EDITED: tuple[tuple[str, Edit, Told], ...] = (
    ("chat", drop("usage"), ("object", "absent", "/usage is gone, which every client may rely on")),
    (
        "chat-cached",
        drop("usage/completion_tokens"),
        ("integer", "absent", "/usage/completion_tokens is gone, which every client may rely on"),
    ),
    ("message", drop("usage/service_tier"), ("string", "absent", "/usage/service_tier is gone")),
    (
        "chat-two-calls",
        drop("choices/0/message/tool_calls/0/id"),
        ("always there", "not always there", f"{CALLS}/id is not always there any more"),
    ),
    ("chat", put("choices", []), ("some", "none", "/choices has nothing in it")),
    (
        "chat",
        put("system_fingerprint", "a"),
        ("absent", "string", "/system_fingerprint is new; the schema does not know it"),
    ),
    ("files", put("has_more", new=False), ("absent", "boolean", "/has_more is new; the schema names it")),
    ("chat", put("x", [1, "a", None]), ("absent", "array", "/x is new; the schema does not know it")),
    ("chat", change("created", str), ("integer", "string", "/created was integer, and is string")),
    ("balance", change("data/cash_balance", str), ("number", "string", "/data/cash_balance was number, and is string")),
    ("chat", put("id", None), ("string", "null", "/id was never null, and is")),
    (
        "chat",
        put("choices/0/message/content", None),
        ("string", "null", f"{CONTENT} was never null, and is; the schema allows it"),
    ),
    ("message", put("usage/service_tier", None), ("string", "null", "/usage/service_tier was never null, and is")),
    (
        "responses-unknown-model",
        put("error/param", None),
        ("string", "null", "/error/param was never null, and is; the schema allows it"),
    ),
    ("taken/responses-thinking", put("model", None), ("string", "null", "/model was never null, and is")),
    ("chat", put("object", "x"), ("chat.completion", "x", f"/object is x in the place of chat.completion{LISTED}")),
    ("taken/responses-thinking", put("object", "x"), ("response", "x", "/object is x in the place of response")),
    (
        "taken/responses-thinking",
        put("status", "paused"),
        ("completed", "paused", "/status is paused in the place of completed"),
    ),
    (
        "message",
        put("content/0/type", "odd"),
        ("text, thinking", "odd, text", f"/content/[] is of a kind that was not there, odd{LISTED}"),
    ),
    ("models", drop("data/0"), ("listed", "absent", "the model kimi-k3 is not listed any more")),
    (
        "models",
        put("data/0/id", "kimi-k9"),
        ("absent", "listed", "the model kimi-k9 is listed now; the catalogue does not know it"),
    ),
    (
        "models",
        put("data/0/id", "kimi-k3.1-pro"),
        ("absent", "listed", "the model kimi-k3.1-pro is listed now; the catalogue knows it"),
    ),
    ("models", put("data/0/context_length", 9), ("1048576", "9", "/context_length of kimi-k3 was 1048576, and is 9")),
    (
        "models",
        put("data/0/think_efforts/valid_efforts", ["max", "low"]),
        ("high, low, max", "low, max", f"{EFFORTS} of kimi-k3 was high, low, max, and is low, max"),
    ),
    (
        "models",
        put("data/0/supports_thinking_type", "no"),
        ("only", "no", "/supports_thinking_type of kimi-k3 was only, and is no"),
    ),
    (
        TEMPERATURE,
        put("error/type", "x"),
        ("invalid_request_error", "x", "/error/type is x in the place of invalid_request_error"),
    ),
    (TEMPERATURE, put("error/message", "Only 1."), (RULE, "Only 1.", "the error says it in other words")),
    (TEMPERATURE, put("error/message", ""), (RULE, "an empty text", "the error says it in other words")),
    (
        "gone/path-embeddings",
        put("error", "gone"),
        ("url.not_found", "gone", "/error is gone in the place of url.not_found"),
    ),
)


@pytest.mark.parametrize(
    ("name", "edit", "told"), [pytest.param(*row, id=f"{row[0]} {row[2][2]} {row[2][1]}") for row in EDITED]
)
def test_a_change_of_a_body_is_told_so(name: str, edit: Edit, told: Told) -> None:
    assert told in said(SPECIMENS[name], edited(name, edit))


def test_a_number_of_a_rule_is_told_as_a_rule() -> None:
    after = edited(TEMPERATURE, put("error/message", "invalid temperature: only 0.6 is allowed for this model"))
    told = "the same words with another number: a rule has changed"
    assert said(SPECIMENS[TEMPERATURE], after) == [(RULE, RULE.replace("1", "0.6"), told)]


def test_an_error_is_quoted_without_what_is_somebodys_own() -> None:
    before = SPECIMENS["gone/model-retired"]
    model = before.asked["model"]
    after = with_body(before, json.dumps({"error": {"message": f"{model} of org-0123456789", "type": "x"}}).encode())
    found = {each.where: (each.before, each.after) for each in compared(before, after).changes}
    assert found["/error/message"] == ("Not found the model MODEL or Permission denied", "MODEL of …")


@pytest.mark.parametrize(
    ("after", "told"),
    [
        pytest.param(
            with_body(SPECIMENS["chat"], b"<html>" + b"x" * 90),
            ("JSON", "no JSON", f'no JSON came in the place of JSON: "<html>{"x" * 54}"'),
            id="a page",
        ),
        pytest.param(
            with_body(SPECIMENS["chat"], b"\xff"),
            ("JSON", "no JSON", 'no JSON came in the place of JSON: "\ufffd"'),
            id="bytes",
        ),
        pytest.param(
            with_body(SPECIMENS["chat"], b""),
            ("JSON", "no body", 'no body came in the place of JSON: ""'),
            id="nothing",
        ),
        pytest.param(
            with_body(SPECIMENS["chat"], b"{}", 403),
            (
                "200 application/json",
                "403 application/json",
                "answered 403 application/json, where it was 200 application/json",
            ),
            id="403",
        ),
        pytest.param(
            with_headers(SPECIMENS["chat"], msh_request_id=None),
            ("present", "absent", "the header msh-request-id is gone"),
            id="a header is gone",
        ),
        pytest.param(
            with_headers(SPECIMENS["chat"], sunset="x"),
            ("absent", "present", "the header sunset is new"),
            id="a new header",
        ),
        pytest.param(
            with_headers(SPECIMENS["chat"], msh_trace_mode="off"),
            ("on", "off", "the header msh-trace-mode says something else"),
            id="another value",
        ),
    ],
)
def test_a_change_of_status_form_or_headers_is_told_so(after: Sight, told: Told) -> None:
    assert said(SPECIMENS["chat"], after) == [told]


def test_a_stream_and_the_content_of_a_file_are_called_what_they_are() -> None:
    page = with_body(with_headers(SPECIMENS["stream"], content_type="text/event-stream"), b"data: 1\n\n")
    document = with_headers(with_body(SPECIMENS["stream"], b"{}"), content_type="application/json")
    (one, _) = compared(page, document).changes
    assert (one.before, one.after) == ("a stream of events", "JSON")
    content = SPECIMENS["file-content"]
    assert compared(content, with_body(content, b"")).changes == []  # an empty file is one, too
    gone = with_body(content, b'{"error":{}}', 404)
    assert said(gone, with_body(gone, b"<html>")) == [
        ("JSON", "no JSON", 'no JSON came in the place of JSON: "<html>"')
    ]


def test_the_topic_of_a_change_leads_to_its_requirements() -> None:
    gone = compared(SPECIMENS["models"], edited("models", drop("data/0"))).changes
    new = compared(SPECIMENS["models-coding"], edited("models-coding", put("data/0/id", "k9"))).changes
    other = compared(SPECIMENS["models"], edited("models", put("data/0/context_length", 1))).changes
    head = compared(SPECIMENS["chat"], with_headers(SPECIMENS["chat"], msh_trace_mode="off")).changes
    order = compared(SPECIMENS["message-stream"], rewritten("message-stream", lambda events: events[:-1])).changes
    assert [each.topic for each in (*gone, *other, *head)] == ["models", "models", "msh-trace-mode"]
    assert [each.topic for each in new if each.kind == "model"] == ["coding.models", "coding.models"]
    assert [each.topic for each in order if each.kind == "order"] == ["messages"]


def test_a_model_was_to_go_only_where_the_catalogue_has_it_retired_there_and_then() -> None:
    def expected(name: str, day: date | None, **known: Any) -> list[str | None]:
        before = edited("models", put("data/0/id", name))
        after = replace(edited("models", drop("data/0")), on=day, **known)
        return [each.expected for each in compared(before, after).changes if each.kind == "model"]

    day = date(2026, 11, 26)
    assert expected("kimi-k2.5", day) == [f"the catalogue has it retired on {day}"]
    assert expected("kimi-k3", day) == [None]
    assert expected("kimi-nobody-knows", day) == [None]
    assert expected("kimi-k2.5", None) == [None]
    assert expected("kimi-k2.5", day, host=None) == [None]


def test_entries_of_a_list_that_are_none_are_left_to_the_judge() -> None:
    odd = change("data", lambda rows: [*rows, "kimi-k9", {"object": "model"}, {"id": 7}])
    assert [each.kind for each in compared(SPECIMENS["models"], edited("models", odd)).changes] == []
    for data in (7, "kimi-k3", None, True):
        changes = compared(SPECIMENS["models"], edited("models", put("data", data))).changes
        assert "model" in {each.kind for each in changes}
    assert "retyped" in {each.kind for each in compared(SPECIMENS["models"], edited("models", put("data", {}))).changes}


@pytest.mark.parametrize(
    ("edit", "kinds"),
    [
        pytest.param(put("data/0/context_length", "1"), ["retyped"], id="another type is told once"),
        pytest.param(put("data/0/context_length", None), ["null"], id="so is null"),
        pytest.param(drop("data/0/context_length"), ["member-gone"], id="and what is gone"),
        pytest.param(
            put("data/0/think_efforts/valid_efforts", ["max", "high", "low"]), [], id="another order of a list"
        ),
        pytest.param(put("data/0/think_efforts/valid_efforts", "max"), ["retyped"], id="no list"),
        pytest.param(put("data/0/context_length", 1048576.0), [], id="the same number"),
    ],
)
def test_an_attribute_is_told_once(edit: Edit, kinds: list[str]) -> None:
    assert [each.kind for each in compared(SPECIMENS["models"], edited("models", edit)).changes] == kinds


@pytest.mark.parametrize(
    ("at", "was", "now", "class_"),
    [
        ("context_length", 1.5, 2.5, "additive"),
        ("context_length", 2.5, 1.5, "breaking"),
        ("context_length", "1", "2", "breaking"),
        ("context_length", {"a": 1}, {"a": 2}, "breaking"),
        ("think_efforts/valid_efforts", "low", "max", "breaking"),
        ("supports_video_in", False, True, "additive"),
        ("supports_thinking_type", "no", "only", "breaking"),
        ("owned_by", "a", "b", "wording"),
    ],
)
def test_more_is_more_only_where_it_can_be_counted(at: str, was: Any, now: Any, class_: str) -> None:
    sides = [edited("models", put(f"data/0/{at}", value)) for value in (was, now)]
    assert [each.class_ for each in compared(*sides).changes if each.kind == "attribute"] == [class_]


@pytest.mark.parametrize("model", ["", 7, None])
def test_a_request_without_a_model_leaves_the_text_of_its_error_as_it_is(model: Any) -> None:
    before = SPECIMENS[TEMPERATURE]
    asked = replace(before.exchange.request, body=json.dumps({"model": model, "temperature": 0.3}).encode())
    before = replace(before, exchange=replace(before.exchange, request=asked))
    after = with_body(before, json.dumps({"error": {"message": "7 or None", "type": "x"}}).encode())
    assert (RULE, "7 or None", "the error says it in other words") in said(before, after)


def test_an_error_that_has_found_its_words_is_told_so() -> None:
    empty = edited(TEMPERATURE, put("error/message", ""))
    assert said(empty, SPECIMENS[TEMPERATURE]) == [("an empty text", RULE, "the error says it in other words")]


def test_what_all_models_share_is_told_once_and_what_one_has_lost_by_its_name() -> None:
    every = compared(SPECIMENS["models"], edited("models", drop("data/*/root"))).changes
    assert [(each.where, each.says) for each in every] == [("/data/[]/root", "/data/[]/root is gone")]
    one = compared(SPECIMENS["models"], edited("models", drop("data/1/root"))).changes
    assert [(each.where, each.says) for each in one] == [
        ("/data/[id=kimi-k2.6]/root", "/data/[id=kimi-k2.6]/root is gone")
    ]
    two = edited("models", both(drop("data/3"), drop("data/2")))
    lost = [
        replace(two, exchange=two.exchange),
        edited("models", both(drop("data/3"), drop("data/2"), drop("data/*/root"))),
    ]
    assert [each.where for each in compared(*lost).changes] == ["/data/[]/root"]


def test_several_words_stand_in_an_order_that_does_not_change() -> None:
    assert words({"b", "a", "c"}) == "a, b, c"
    assert words(frozenset()) == "nothing"


def test_a_body_that_is_one_list_is_compared_as_that() -> None:
    before = with_body(SPECIMENS["balance"], b"[1]")
    assert said(before, with_body(before, b'["a"]')) == [("number", "string", "/[] was number, and is string")]
    assert body_of(before) == b"[1]"
