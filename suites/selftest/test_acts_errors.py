"""The acts that are errors, and upstreams that fail: what goes out, in the words and the shape of whoever is asked."""

from __future__ import annotations

import gzip
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.exchange import Headers, Request
from kimi_conformance.upstream import anthropic, kimi, openai
from kimi_conformance.upstream.acts import ACTS, Heard
from kimi_conformance.upstream.acts.errors import ERRORS
from kimi_conformance.upstream.script import Close, Pause, Reset, Script

if TYPE_CHECKING:
    from kimi_conformance.upstream.acts.act import Wire
    from kimi_conformance.upstream.reply import Reply

ASKED = b'{"model":"kimi-k3","messages":[{"role":"user","content":"kc1"}]}'
ALL_ERRORS = [*ERRORS, "404-model"]
WAITS = ("retry-after", "x-retry-after", "msh-cooldown-seconds")


def heard(dialect: str = "kimi", wire: Wire = "chat", *, stream: bool = False, headers: Headers = ()) -> Heard:
    path = (
        {"kimi": kimi.MESSAGES, "anthropic": anthropic.MESSAGES}.get(dialect, "") if wire == "messages" else kimi.CHAT
    )
    body = ASKED.replace(b"{", b'{"stream":true,', 1) if stream else ASKED
    request = Request("POST", path or anthropic.MESSAGES, headers, body)
    return Heard(request, dialect, wire, "kc1", 0, partial(_healthy, request, dialect))


def _healthy(request: Request, dialect: str, reply: Reply) -> Script:
    if dialect == "kimi":
        return kimi.answer(request, kimi.Config(reply=reply))
    if dialect == "anthropic":
        return anthropic.answer(request, anthropic.Config(reply=reply))
    return openai.answer(request, openai.Config(reply=reply))


def header(script: Script, name: str) -> str | None:
    return next((value for key, value in script.headers if key.lower() == name), None)


def said(script: Script) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(script.body)
    return body


ACCOUNT = r"org-0123456789abcdef0123456789abcdef"
KEY_ID = r"\u003cak-abcdefghij0123456789\u003e"
SUSPENDED = (
    "is suspended due to insufficient balance, please recharge your account or check your plan and billing details"
)
REACHED = "request reached organization max RPM: 3, please try again after 1 seconds"


@pytest.mark.parametrize(
    ("act", "status", "type_", "message"),
    [
        (
            "400-temperature",
            400,
            "invalid_request_error",
            "invalid temperature: only 1 is allowed for this model",
        ),
        ("401-wrong-key", 401, "invalid_authentication_error", "Invalid Authentication"),
        ("401-no-key", 401, "incorrect_api_key_error", "Incorrect API key provided"),
        ("403", 403, "permission_denied_error", "The API you are accessing is not open"),
        ("404-model", 404, "resource_not_found_error", "Not found the model kimi-k3 or Permission denied"),
        ("429-rate", 429, "rate_limit_reached_error", f"Your account {ACCOUNT}{KEY_ID} {REACHED}"),
        ("429-overload", 429, "engine_overloaded_error", "The engine is currently overloaded, please try again later"),
        ("429-quota", 429, "exceeded_current_quota_error", f"Your account {ACCOUNT} {KEY_ID} {SUSPENDED}"),
        ("500-unexpected", 500, "unexpected_output", "invalid state transition"),
    ],
)
def test_kimi_says_it_byte_for_byte_as_it_was_seen(act: str, status: int, type_: str, message: str) -> None:
    script = ACTS[act](heard())
    assert (script.status, script.body.decode()) == (status, f'{{"error":{{"message":"{message}","type":"{type_}"}}}}')
    assert header(script, "content-type") == "application/json; charset=utf-8"
    assert header(script, "msh-request-id")


def test_the_bodies_are_as_long_as_the_recorded_ones() -> None:
    assert len(ACTS["429-rate"](heard()).body) == 216
    assert len(ACTS["429-overload"](heard()).body) == 115


@pytest.mark.parametrize("act", ALL_ERRORS)
def test_only_the_rate_limit_says_when_to_come_again(act: str) -> None:
    waits = [header(ACTS[act](heard()), name) for name in WAITS]
    assert waits == (["1"] * 3 if act == "429-rate" else [None] * 3)


@pytest.mark.parametrize("act", ALL_ERRORS)
def test_each_dialect_has_its_own_shape(act: str) -> None:
    assert set(said(ACTS[act](heard()))["error"]) == {"message", "type"}
    assert set(said(ACTS[act](heard("openai")))["error"]) == {"message", "type", "param", "code"}
    own = said(ACTS[act](heard("anthropic", "messages")))
    assert (set(own), own["type"]) == ({"type", "error", "request_id"}, "error")
    assert "message" in said(ACTS[act](heard("postgrest", "other")))


@pytest.mark.parametrize("act", ALL_ERRORS)
def test_kimis_anthropic_face_has_anthropics_shape_for_two_statuses_only(act: str) -> None:
    script = ACTS[act](heard("kimi", "messages"))
    assert ("request_id" in said(script)) == (script.status in (400, 404))
    chat = said(ACTS[act](heard()))["error"]
    assert said(script)["error"]["type"] == chat["type"]


def test_the_rate_limit_has_other_words_on_the_anthropic_face() -> None:
    message = said(ACTS["429-rate"](heard("kimi", "messages")))["error"]["message"]
    assert message == "Organization Rate limit exceeded, please try again after 1 seconds"


def test_the_504_is_a_page() -> None:
    script = ACTS["504-html"](heard("anthropic", "messages"))
    assert (script.status, header(script, "content-type")) == (504, "text/html")
    assert b"504 Gateway Time-out" in script.body


@pytest.mark.parametrize(("accepted", "packed"), [(None, True), ("gzip, br", True), ("*", True), ("identity", False)])
def test_a_body_is_compressed_only_for_who_takes_that(accepted: str | None, packed: bool) -> None:  # noqa: FBT001
    headers = () if accepted is None else (("Accept-Encoding", accepted),)
    script = ACTS["400-gzip"](heard(headers=headers))
    assert (header(script, "content-encoding") == "gzip") == packed
    body = gzip.decompress(script.body) if packed else script.body
    assert json.loads(body)["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("stream", [False, True])
def test_what_breaks_off_breaks_off_where_it_says(stream: bool) -> None:  # noqa: FBT001 - an axis
    asked = heard(stream=stream)
    whole = len(asked.healthy(kimi.Config().reply).body)
    assert ACTS["reset"](asked).before == (Reset(),)
    assert ACTS["closed"](asked).before == (Close(),)
    assert ACTS["reset-after-head"](asked).steps == (Reset(),)
    for act, end in (("reset-in-body", Reset()), ("short", Close())):
        script = ACTS[act](asked)
        assert script.steps[-1] == end
        assert script.declared == 2 * len(script.body) or script.declared == 2 * len(script.body) + 1
        assert whole / 3 < len(script.body) < whole


@pytest.mark.parametrize("stream", [False, True])
def test_what_is_slow_is_silent_at_the_right_place(stream: bool) -> None:  # noqa: FBT001 - an axis
    asked = heard(stream=stream)
    (silence,) = ACTS["slow-head"](asked).before
    assert isinstance(silence, Pause)
    *sent, pause, end = ACTS["slow-body"](asked).steps
    assert sent
    assert isinstance(pause, Pause)
    assert end == Close()
