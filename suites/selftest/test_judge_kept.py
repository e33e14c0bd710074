"""What of an upstream's error does not reach the client: each flaw whole, with its place and its verdict."""

from __future__ import annotations

import gzip
import json
from typing import Any, Final

import pytest

from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.kept import got as got_in_words
from kimi_conformance.judge.kept import kept
from suites.selftest.failing_plays import FAIL, JSON, NOT_OBSERVED, RATE, WARN, answered, asked, error, got

ASKED: Final = asked()
WHERE: Final = "client response"
NEXT: Final = (*JSON, ("Retry-After", "1"))
TWO_PARTS: Final = "Your account org-0a<ak-1b> may not"


def flaws(upstream: bytes, client: bytes, status: int = 429, seen: int = 429, **how: Any) -> list[Flaw]:
    return kept(got(ASKED, [answered(ASKED, status, upstream)], seen, client, **how))


def lost(message: str, shown: str) -> Flaw:
    return Flaw(message, shown, WHERE, f"what the upstream said is lost: {message}")


def elsewhere(shown: str) -> Flaw:
    message = f"type and message are not where clients look, but elsewhere in the body: {shown}"
    return Flaw(RATE, shown, f"{WHERE} /error/type", message, WARN)


def test_what_the_client_got_is_told_in_a_few_words() -> None:
    assert got_in_words(got(ASKED, [], 503)) == "status 503"
    assert got_in_words(got(ASKED, [], None, cut="reset: x")) == "reset: x"


def test_where_no_upstream_said_an_error_there_is_none_to_keep() -> None:
    message = "no upstream said an error that could have been kept; the client got status 503"
    assert kept(got(ASKED, [answered(ASKED, 200, b"{}")], 503)) == [
        Flaw("an error of an upstream", "none", "upstream", message, NOT_OBSERVED)
    ]
    assert kept(got(ASKED, [answered(ASKED)], 503), []) == kept(got(ASKED, [], 503), iter(()))


def test_the_errors_to_choose_from_may_be_given_one_by_one() -> None:
    upstream = answered(ASKED).exchange.response
    assert upstream is not None
    assert kept(got(ASKED, [answered(ASKED)]), iter([upstream, upstream])) == []


@pytest.mark.parametrize(
    ("upstream", "client", "verdict"),
    [
        pytest.param(429, 400, FAIL, id="another-4xx"),
        pytest.param(429, 500, FAIL, id="a-5xx-of-a-4xx"),
        pytest.param(500, 429, FAIL, id="a-4xx-of-a-5xx"),
        pytest.param(500, 502, WARN, id="500"),
        pytest.param(502, 500, WARN, id="to-500"),
        pytest.param(499, 400, WARN, id="499"),
    ],
)
def test_another_status_is_told_with_both(upstream: int, client: int, verdict: Any) -> None:
    due = Flaw(str(upstream), str(client), f"{WHERE} status", f"the upstream's {upstream} became {client}", verdict)
    assert flaws(error(), error(), upstream, client) == [due]


@pytest.mark.parametrize("status", [200, 399])
def test_a_success_is_no_error(status: int) -> None:
    assert flaws(error(), error(), 429, status) == [
        Flaw("the upstream's 429", str(status), WHERE, f"an error of the upstream became {status}")
    ]


@pytest.mark.parametrize(
    ("headers", "due"),
    [
        pytest.param(
            JSON,
            Flaw(
                "1",
                "absent",
                f"{WHERE} header retry-after",
                "Retry-After is lost: the client cannot know when to come again",
            ),
            id="lost",
        ),
        pytest.param(
            (*JSON, ("LLM-Retry-After", "1")),
            Flaw(
                "1",
                "LLM-Retry-After",
                f"{WHERE} header retry-after",
                "Retry-After comes as LLM-Retry-After, where no client looks for it",
                WARN,
            ),
            id="renamed",
        ),
    ],
)
def test_a_wait_is_looked_for_by_its_header(headers: Any, due: Flaw) -> None:
    assert kept(got(ASKED, [answered(ASKED, headers=NEXT)], headers=headers)) == [due]


@pytest.mark.parametrize("upstream", [b"<html>", b"{}", b'{"error": {"type": "x"}}', b""])
def test_an_error_without_words_has_none_to_lose(upstream: bytes) -> None:
    assert flaws(upstream, error("other", "words")) == []


@pytest.mark.parametrize(("status", "verdict"), [(429, FAIL), (400, WARN), (503, WARN)])
def test_a_type_that_is_lost_is_bad_where_it_tells_limits_apart(status: int, verdict: Any) -> None:
    body = error("x", "no").decode()
    due = Flaw(RATE, body, f"{WHERE} /error/type", f"the error's type is lost: {RATE}", verdict)
    assert flaws(error(RATE, "no"), body.encode(), status, status) == [due]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Your account may", id="its-end-is-lost"),
        pytest.param("may not", id="its-beginning-is-lost"),
        pytest.param("nothing", id="all-is-lost"),
    ],
)
def test_all_parts_of_a_message_but_for_the_ids_must_be_there(said: str) -> None:
    body = error(RATE, said).decode()
    assert flaws(error(RATE, TWO_PARTS), body.encode()) == [lost(TWO_PARTS, body)]


@pytest.mark.parametrize("said", ["Your account *** may not", "Your account,may not", "may not - Your account"])
def test_the_blanks_around_the_ids_may_go_with_them(said: str) -> None:
    assert flaws(error(RATE, TWO_PARTS), error(RATE, said)) == []


@pytest.mark.parametrize(
    ("said", "written"),
    [
        pytest.param('say "no"', r"say \"no\"", id="quotes"),
        pytest.param("a < b", r"a \\u003c b", id="in-small-letters"),
        pytest.param("J b", r"\\u004A b", id="in-capitals"),
        pytest.param("为 b", "为 b", id="not-ascii"),
        pytest.param("为 b", r"\u4e3a b", id="not-ascii-escaped"),
        pytest.param("为 b", r"\\u4e3a b", id="not-ascii-escaped-twice"),
        pytest.param('say "no"', r"say \\\"no\\\"", id="quotes-escaped-twice"),
        pytest.param("a J b", r"a \\u004A b", id="a-letter-escaped-twice"),
        pytest.param("line\nline \\ tab\t.", r"line\\nline \\\\ tab\\t.", id="breaks-and-backslashes"),
        pytest.param("a\rb\bc\fd", r"a\\rb\\bc\\fd", id="other-letters-escaped-twice"),
        pytest.param("half a moon \ud83c b", r"half a moon \ud83c b", id="half-a-character"),
        pytest.param("moon 🌓 b", r"moon \\ud83c\\udf13 b", id="two-halves-escaped-twice"),
    ],
)
def test_escapes_hide_nothing(said: str, written: str) -> None:
    body = f'{{"detail": "{RATE}: {written}"}}'
    assert flaws(error(RATE, said), body.encode()) == [elsewhere(body)]


@pytest.mark.parametrize(
    "client",
    [
        pytest.param({"error": {"type": RATE, "message": "Your account"}, "detail": "may not"}, id="half-of-it"),
        pytest.param({"error": {"type": RATE, "message": "other"}, "detail": "Your account may not"}, id="none-of-it"),
        pytest.param({"error": {"type": "x", "message": "Your account may not"}, "code": RATE}, id="another-type"),
        pytest.param({"message": "Your account may not", "type": RATE}, id="no-envelope"),
    ],
)
def test_what_is_elsewhere_in_the_body_warns(client: Any) -> None:
    body = json.dumps(client)
    assert flaws(error(RATE, TWO_PARTS), body.encode()) == [elsewhere(body)]


def test_a_coding_that_hides_all_is_told_with_what_came() -> None:
    coded = (*JSON, ("content-encoding", "gzip"))
    due = Flaw("no", "\\xff{}", WHERE, "the body is not in the coding that its header names")
    assert flaws(error(RATE, "no"), b"\xff{}", headers=coded) == [due]
    body = error("x", "no").decode()
    (seen,) = flaws(error(RATE, "no"), gzip.compress(body.encode()), headers=coded)
    assert seen.actual == body


@pytest.mark.parametrize(
    ("size", "shown"),
    [(160, "x" * 160), (161, "x" * 160 + "… (161 characters)"), (1000, "x" * 160 + "… (1000 characters)")],
)
def test_a_long_answer_is_shown_by_its_beginning(size: int, shown: str) -> None:
    assert {flaw.actual for flaw in flaws(error(RATE, "no"), b"x" * size)} == {shown}


def test_where_one_of_several_calls_was_translated_the_type_may_be_another() -> None:
    chat = asked(surface="chat")
    arrivals = [answered(chat, path="/v1/messages", body=error(RATE, "no")), answered(chat, body=error(RATE, "no"))]
    assert kept(got(chat, arrivals, body=error("x", "no"))) == []


def test_the_error_that_the_client_s_resembles_most_is_the_one_with_the_fewest_failures() -> None:
    # of the first: another status (warn) and a lost Retry-After (fail); of the second: two warnings
    first = answered(ASKED, 503, error(RATE, "no"), headers=NEXT)
    second = answered(ASKED, 500, error("another", "no"))
    seen = kept(got(ASKED, [first, second], 502, error(RATE, "no")))
    assert [flaw.verdict for flaw in seen] == [WARN, WARN]
    assert seen[0].message == "the upstream's 500 became 502"
    third = answered(ASKED, 502, error(RATE, "no"), headers=NEXT)
    assert [flaw.message for flaw in kept(got(ASKED, [third, second], 502, error(RATE, "no")))] == [
        "the upstream's 500 became 502",
        "the error's type is lost: another",
    ]


@pytest.mark.parametrize("body", [b'{"error":{"message":"no"}}', b'{"error":{"message":"no","type":null}}'])
def test_the_same_error_is_kept_though_it_has_no_type(body: bytes) -> None:
    assert flaws(body, b" " + body) == []


@pytest.mark.parametrize("said", ["?", "XX", "为"])
def test_a_short_message_is_lost_as_a_long_one_is(said: str) -> None:
    body = error(RATE, "no").decode()
    assert flaws(error(RATE, said), body.encode()) == [lost(said, body)]


@pytest.mark.parametrize("said", ["one\ntwo", "a\tb", "back\\slash"])
def test_the_same_error_is_kept_whatever_its_words_are(said: str) -> None:
    assert flaws(error(RATE, said), b" " + error(RATE, said)) == []
