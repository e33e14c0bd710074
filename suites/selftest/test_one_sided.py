"""One side alone: what the client's leg shows of a router whose upstreams nobody sees, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.check import ONE_SIDED
from kimi_conformance.upstream.script import Script, Send, json_answer
from suites.selftest.live_router import checked, verdicts
from suites.selftest.offline_kimi import started
from suites.selftest.router_there import KEYS, OWN_KEY, by_requirement, reference, seen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.exchange import Request

NOT_404: Final = "router.gate.no-own-404-for-a-registered-model"
NON_STRING: Final = "router.gate.non-string-model-is-refused"
MALFORMED: Final = "router.request.malformed-json-refused"
LISTS: Final = "router.models.lists-registered-models"
SHAPE: Final = "router.models.shape"
ECHOED: Final = "router.secret.client-key-not-echoed"
TYPE: Final = "router.response.content-type-kept"
DONE: Final = "router.stream.done-once-and-last"
EVENTS: Final = "router.stream.events-equal-in-order"
OF_MESSAGES: Final = ("answer-shape", "stream-begins", "stream-blocks-in-order", "stream-ends", "stream-event-names")

HTML: Final = b"<!doctype html><html><body>Welcome</body></html>"
CHAT: Final = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}]}


def test_of_a_healthy_router_the_client_sees_what_it_gets_and_nothing_more(tmp_path: Path) -> None:
    with reference() as (url, real):
        found = by_requirement(seen(tmp_path, url))
    told = {NOT_404, LISTS, SHAPE, TYPE, DONE, ECHOED, *(f"router.messages.{name}" for name in OF_MESSAGES)}
    assert found == {
        **dict.fromkeys(told, Verdict.PASS),
        **dict.fromkeys((NON_STRING, MALFORMED, EVENTS), Verdict.NOT_OBSERVED),
    }
    assert {ONE_SIDED[name].says for name in told} == {"tells"}
    assert {ONE_SIDED[name].says for name in (NON_STRING, MALFORMED, EVENTS)} == {"fails"}
    assert len(real.requests) == 5  # an ordinary call and a stream on two surfaces; an ordinary one after the odd one


@pytest.mark.parametrize(
    ("fault", "requirement"),
    [
        ("models.doubled", SHAPE),
        ("models.bare", SHAPE),
        ("models.without-ids", SHAPE),
        ("models.not-served", SHAPE),
        ("models.one-forgotten", LISTS),
        ("models.under-other-names", LISTS),
        ("response.plain-text", TYPE),
        ("response.latin-1", TYPE),
        ("response.streams-as-json", TYPE),
        ("stream.two-ends", DONE),
        ("stream.counted-after-the-end", DONE),
        ("messages.start-without-usage", "router.messages.stream-begins"),
        ("messages.index-zero", "router.messages.stream-blocks-in-order"),
        ("messages.delta-without-usage", "router.messages.stream-ends"),
        ("messages.done-at-the-end", "router.messages.stream-ends"),
        ("messages.events-unnamed", "router.messages.stream-event-names"),
    ],
)
def test_a_defect_that_the_client_sees_is_found(fault: str, requirement: str, tmp_path: Path) -> None:
    with reference(fault) as (url, _):
        found = by_requirement(seen(tmp_path, url, only=[requirement]))
    assert found == {requirement: Verdict.FAIL}


@pytest.mark.parametrize(
    ("fault", "requirement"),
    [
        ("stream.no-end", DONE),
        ("messages.no-stop", "router.messages.stream-ends"),
        ("request.malformed-forwarded", MALFORMED),
        ("gate.non-string-forwarded", NON_STRING),
        ("gate.non-string-crashes", NON_STRING),
        ("stream.one-lost", EVENTS),
    ],
)
def test_what_an_upstream_may_have_done_is_held_against_nobody(fault: str, requirement: str, tmp_path: Path) -> None:
    with reference(fault) as (url, _):
        found = by_requirement(seen(tmp_path, url, only=[requirement]))
    assert found == {requirement: Verdict.NOT_OBSERVED}


def page(status: int, body: bytes, kind: str = "text/html") -> Script:
    return Script(status, (("content-type", kind),), (Send(body),))


SAME_TO_ALL: Final[Mapping[str, Script]] = {
    "500": json_answer(500, {"error": {"message": "internal error", "type": "server_error"}}),
    "502 in HTML": page(502, b"<html>Bad Gateway</html>"),
    "401": json_answer(401, {"error": {"message": "who are you", "type": "invalid_authentication_error"}}),
    "404": json_answer(404, {"detail": "Not Found"}),
    "404 of Kimi": json_answer(404, {"error": {"message": "Not found", "type": "resource_not_found_error"}}),
    "400": json_answer(400, {"error": {"message": "Invalid request", "type": "invalid_request_error"}}),
    "429": json_answer(429, {"error": {"message": "slow down", "type": "rate_limit_reached_error"}}),
    "a page": page(200, HTML),
    "noise": page(200, b"\xff\xfe\x00noise", "application/json"),
    "an empty object": json_answer(200, {}),
    "an error with 200": json_answer(200, {"error": {"message": "internal error"}}),
    "an empty list": json_answer(200, {"object": "list", "data": []}),
    "the end of a stream": page(200, b"data: [DONE]\n\n", "text/event-stream"),
    "a stream of an error": page(200, b'data: {"error":{"message":"no"}}\n\ndata: [DONE]\n\n', "text/event-stream"),
    "nothing": page(200, b""),
}


@pytest.mark.parametrize("assumed", [False, True], ids=["promised", "assumed"])
@pytest.mark.parametrize("name", SAME_TO_ALL)
def test_one_answer_to_everything_passes_nothing(name: str, *, assumed: bool, tmp_path: Path) -> None:
    with started(lambda _: SAME_TO_ALL[name]) as odd:
        judged = seen(tmp_path, odd.url, assumed=assumed)
    played = by_requirement(judged)
    assert len(played) > 5
    assert set(played.values()) <= {Verdict.NOT_OBSERVED, Verdict.FAIL}
    accused = {name for name, verdict in played.items() if verdict is Verdict.FAIL}
    lists = () if assumed else (SHAPE, LISTS)  # who has promised a list, and says something else, has none
    assert accused <= {*lists, *([NOT_404] if name == "404" else [])}


def test_a_key_that_comes_back_is_a_warning(tmp_path: Path) -> None:
    with reference("secret.key-echoed") as (url, _):
        judged = seen(tmp_path, url, only=[f"{ECHOED}@surface=chat"])
    [one] = [one for one in judged.values() if one.play]
    assert one.verdict is Verdict.WARN
    assert "secret.env.ROUTER_KEY (plain) was seen" in one.message


def test_a_stranger_shows_no_part_of_the_clients_key(tmp_path: Path) -> None:
    with started(lambda _: yes()) as lax:
        judged = seen(tmp_path, lax.url, only=[f"{ECHOED}@surface=chat@what=stranger"])
        keys = [request.header("authorization") for request in lax.requests]
    assert {one.verdict for one in judged.values() if one.play} == {Verdict.PASS}
    assert keys == [f"Bearer {OWN_KEY}", "Bearer sk-kc-nobody-nobodyhasthiskeyanywhere"]


def test_a_strangers_key_that_comes_back_is_a_warning(tmp_path: Path) -> None:
    with reference("secret.key-told-in-refusal") as (url, _):
        judged = seen(tmp_path, url, only=[f"{ECHOED}@surface=chat@what=stranger"])
    [one] = [one for one in judged.values() if one.play]
    assert one.verdict is Verdict.WARN
    assert one.message.startswith("secret.stranger (plain) was seen in ")


@pytest.mark.parametrize("status", [200, 401])
def test_a_key_that_comes_back_is_in_no_report(status: int, tmp_path: Path) -> None:
    def echo(request: Request) -> Script:
        return json_answer(status, {**CHAT, "key": request.header("authorization")})

    words = ("--key-env", "ROUTER_KEY", "--model", "kimi-k3", "--only", ECHOED, "--keep", "kept")
    with started(echo) as indiscreet:
        done, results = checked(tmp_path, "--url", indiscreet.url, *words, env=KEYS)
    assert verdicts(results)[ECHOED] == "warn"
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and OWN_KEY.encode() in path.read_bytes()]
    assert OWN_KEY not in done.out + done.err


def test_a_key_that_may_stand_anywhere_is_not_looked_for(tmp_path: Path) -> None:
    with started(lambda _: yes(system="test")) as lax:
        judged = seen(tmp_path, lax.url, only=[f"{ECHOED}@surface=chat"], env={"ROUTER_KEY": "test"})
    assert by_requirement(judged) == {ECHOED: Verdict.NOT_OBSERVED}


def yes(**members: Any) -> Script:
    return json_answer(200, {**CHAT, "data": [{"id": "kimi-k3"}], **members})


def test_who_answers_whatever_is_asked_has_not_refused(tmp_path: Path) -> None:
    with started(lambda _: yes()) as agreeable:
        found = by_requirement(seen(tmp_path, agreeable.url, surfaces={"chat": "/v1/chat/completions"}))
    assert (found[MALFORMED], found[NON_STRING], found[NOT_404]) == (Verdict.FAIL, Verdict.FAIL, Verdict.PASS)
    assert (found[DONE], found[EVENTS]) == (Verdict.NOT_OBSERVED, Verdict.NOT_OBSERVED)


def test_where_nobody_has_promised_a_refusal_only_a_body_that_breaks_off_must_have_one(tmp_path: Path) -> None:
    only = [NON_STRING, f"{MALFORMED}@surface=chat@body=trailing-comma", f"{MALFORMED}@surface=chat@body=truncated"]
    with started(lambda _: yes()) as agreeable:
        chat = {"chat": "/v1/chat/completions"}
        # Not all at once: the odd models are seven, with an ordinary call after each.
        judged = {
            name: one
            for each in only
            for name, one in seen(tmp_path, agreeable.url, only=[each], surfaces=chat, assumed=True).items()
            if one.play
        }
    assert {one.verdict for name, one in judged.items() if name.startswith(NON_STRING)} == {Verdict.NOT_OBSERVED}
    assert [judged[name].verdict for name in only[1:]] == [Verdict.NOT_OBSERVED, Verdict.FAIL]


def test_an_ordinary_call_after_an_odd_one_is_made_anew(tmp_path: Path) -> None:
    with started(lambda _: yes()) as agreeable:
        judged = seen(tmp_path, agreeable.url, only=[f"{NON_STRING}@*@model=model-number"])
        asked = len(agreeable.requests)
    [play] = [one.play for one in judged.values() if one.play]
    first, _, after = play.trips
    assert (asked, first.sent.body == after.sent.body) == (3, False)
    assert first.client.end_ms < after.client.start_ms


def test_no_list_is_missed_where_nobody_has_promised_one(tmp_path: Path) -> None:
    def answer(request: Request) -> Script:
        return json_answer(404, {"detail": "Not Found"}) if request.method == "GET" else yes()

    with started(answer) as listless:
        lists = [by_requirement(seen(tmp_path, listless.url, only=[SHAPE], assumed=yes_)) for yes_ in (True, False)]
    assert lists == [{SHAPE: Verdict.NOT_OBSERVED}, {SHAPE: Verdict.FAIL}]
