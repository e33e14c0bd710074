"""Another order of the events of a stream is noticed, and how many pieces a text comes in is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from suites.selftest.drifted import body_of, compared, rewritten, told, with_body
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from collections.abc import Callable

    Rewrite = Callable[[list[Any]], list[Any]]


def _without_type(kind: str) -> Rewrite:
    return lambda events: [event for event in events if event["type"] != kind]


def _no_usage_chunk(events: list[Any]) -> list[Any]:
    return [event for event in events if not isinstance(event, dict) or event["choices"]]


def _first_with(name: str, events: list[Any]) -> int:
    return next(at for at, event in enumerate(events) if isinstance(event, dict) and name in str(event))


def _role_everywhere(events: list[Any]) -> list[Any]:
    for event in events:
        for choice in event["choices"] if isinstance(event, dict) else ():
            choice["delta"]["role"] = "assistant"
    return events


def _reasoning_again(events: list[Any]) -> list[Any]:
    """A piece of reasoning behind the first piece of content."""
    at = next(n for n, event in enumerate(events) if event["choices"][0]["delta"].get("content"))
    return [*events[: at + 1], events[1], *events[at + 1 :]]


def _usage_first(events: list[Any]) -> list[Any]:
    at = _first_with("'choices': []", events)
    return [events[at], *events[:at], *events[at + 1 :]]


def _no_choice_usage(events: list[Any]) -> list[Any]:
    for event in events:
        for choice in event["choices"] if isinstance(event, dict) else ():
            choice.pop("usage", None)
    return events


@pytest.mark.parametrize(
    ("name", "rewrite", "class_"),
    [
        pytest.param("stream", lambda e: e[:-1], "breaking", id="no [DONE]"),
        pytest.param("stream", lambda e: [*e, "[DONE]"], "breaking", id="[DONE] twice"),
        pytest.param("stream", lambda e: [*e, e[0]], "breaking", id="something behind [DONE]"),
        pytest.param("stream", lambda e: e[1:], "breaking", id="no role"),
        pytest.param("stream", _role_everywhere, "breaking", id="the role in every piece"),
        pytest.param("stream", _reasoning_again, "breaking", id="reasoning behind content"),
        pytest.param("stream", _no_choice_usage, "breaking", id="no usage in the choice"),
        pytest.param("stream-asked-usage", _usage_first, "breaking", id="usage first"),
        pytest.param("stream-asked-usage", _no_usage_chunk, "breaking", id="no chunk with the usage"),
        pytest.param("stream", lambda e: [*e[:2], "torn {", *e[2:]], "breaking", id="no JSON"),
        pytest.param(
            "stream", lambda e: [*e[:2], {"error": {"message": "x"}}, *e[2:]], "breaking", id="an error inside"
        ),
        pytest.param("message-stream", lambda e: e[:-1], "breaking", id="no message_stop"),
        pytest.param("message-stream", lambda e: [*e[:-2], e[-1]], "breaking", id="no message_delta"),
        pytest.param("message-stream", lambda e: [e[1], e[0], *e[2:]], "breaking", id="a block before the message"),
        pytest.param("message-stream", _without_type("content_block_stop"), "breaking", id="blocks without end"),
        pytest.param("message-stream", _without_type("content_block_start"), "breaking", id="blocks without beginning"),
        pytest.param("message-stream", lambda e: [*e[:-1], {"type": "note"}, e[-1]], "additive", id="a new event"),
    ],
)
def test_another_order_of_events_is_told(name: str, rewrite: Rewrite, class_: str) -> None:
    assert f"{class_} order event order" in told(SPECIMENS[name], rewritten(name, rewrite))


def test_the_order_is_told_by_kinds_of_pieces() -> None:
    changes = compared(SPECIMENS["stream-asked-usage"], rewritten("stream-asked-usage", _usage_first)).changes
    (found,) = [change for change in changes if change.kind == "order"]
    assert found.before == "role → reasoning → content → finish → usage of the choice → usage → [DONE]"
    assert found.after == "usage → role → reasoning → content → finish → usage of the choice → [DONE]"


def test_lines_that_are_written_otherwise_are_told_as_additive() -> None:
    crlf = with_body(SPECIMENS["stream"], body_of(SPECIMENS["stream"]).replace(b"\n", b"\r\n"))
    assert told(SPECIMENS["stream"], crlf) == ["additive form event lines"]


def test_lines_that_are_written_in_other_ways_are_told_in_order() -> None:
    stream = SPECIMENS["stream"]
    odd = b"\xef\xbb\xbfid: 1\x00\r\nretry: x\rnobody: 1\n" + body_of(stream).replace(b"data: ", b"data:")
    changes = compared(stream, with_body(stream, odd)).changes
    kinds = [change.says.rpartition(": ")[2] for change in changes if change.where == "event lines"]
    assert kinds == sorted(kinds)
    assert {"bad-retry", "bom", "cr", "crlf", "id-with-nul", "mixed-line-ends", "unknown-field"} <= {*kinds}
