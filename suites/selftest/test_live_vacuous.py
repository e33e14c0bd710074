"""A server that says the same to everybody keeps no requirement: nothing passes because something failed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Piece, Response
from kimi_conformance.faults.serving import all_500
from suites.selftest.command import run
from suites.selftest.nights import deaf, verdicts
from suites.selftest.offline_kimi import at, started

if TYPE_CHECKING:
    from pathlib import Path

JSON: Final = "application/json; charset=utf-8"
SSE: Final = "text/event-stream"


def answer(status: int, body: str, kind: str = JSON) -> Response:
    return Response(status, (("Content-Type", kind),), (Piece(1.0, body.encode()),), 1.0)


def error(status: int, kind: str, message: str) -> Response:
    return answer(status, json.dumps({"error": {"message": message, "type": kind}}))


ANSWERS: Final = {
    "500": error(500, "server_error", "internal error"),
    "401 for a key that is wrong": error(401, "invalid_authentication_error", "Invalid Authentication"),
    "401 for no key": error(401, "incorrect_api_key_error", "Incorrect API key provided"),
    "404 for a model": error(404, "resource_not_found_error", "Not found the model kimi-k3 or Permission denied"),
    "404 of a gateway": answer(
        404, '{"code":5,"error":"url.not_found","message":"没找到对象","method":"GET","scode":"0x5","status":false}'
    ),
    "400": error(400, "invalid_request_error", "Invalid request: nothing is right"),
    "429 without funds": error(429, "exceeded_current_quota_error", "Your account is suspended"),
    "429 of an engine": error(429, "engine_overloaded_error", "The engine is currently overloaded"),
    "a page": answer(200, "<!doctype html><html><body>Welcome</body></html>", "text/html"),
    "a page of a 502": answer(502, "<html><body>Bad Gateway</body></html>", "text/html"),
    "an object without members": answer(200, "{}"),
    "an error with 200": answer(200, '{"error":{"message":"internal error","type":"server_error"}}'),
    "a list of nothing": answer(200, '{"object":"list","data":[]}'),
    "a string": answer(200, '"ok"'),
    "nothing with 200": Response(200, (("Content-Length", "0"),), (), 1.0),
    "204": Response(204, (), (), 1.0),
    "a redirection": Response(302, (("Location", "https://example.com/"),), (), 1.0),
    "a stream of nothing": answer(200, "", SSE),
    "the end of a stream": answer(200, "data: [DONE]\n\n", SSE),
    "a stream of an error": answer(200, 'event: error\ndata: {"error":{"message":"internal error"}}\n\n', SSE),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_one_answer_to_everything_passes_nothing(name: str) -> None:
    trials = deaf(ANSWERS[name])
    assert [trial.case.id for trial in trials if trial.outcome.verdict in {Verdict.PASS, Verdict.WARN}] == []
    assert Verdict.NOT_OBSERVED in verdicts(trials)


@pytest.mark.parametrize("word", ["refused", "timeout", "closed", "reset", "protocol"])
def test_no_answer_at_all_shows_nothing_and_says_why(word: str) -> None:
    trials = deaf(None, f"{word}: nobody knows more")
    assert set(verdicts(trials)) == {Verdict.NOT_OBSERVED}
    assert all(f"{word}: nobody knows more" in one.outcome.message for one in trials)


def test_a_server_that_always_fails_is_not_conformant(tmp_path: Path) -> None:
    with started(all_500(lambda _: pytest.fail("it never looks"))) as server:
        done = run("verify", "--mode", "live", "--cap", "300", "--json", "r.json", cwd=tmp_path, env=at(server.url))
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert done.code == 1
    assert "NOT CONFORMANT" in done.out
    assert "Traceback" not in done.err
    assert "pass" not in {requirement["verdict"] for requirement in found["requirements"]}


def test_a_closed_port_is_not_conformant_and_no_failure_of_kimi(tmp_path: Path) -> None:
    with started(lambda _: pytest.fail("nobody asks")) as server:
        closed = server.url
    done = run("verify", "--mode", "live", "--json", "r.json", cwd=tmp_path, env=at(closed))
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert done.code == 1
    assert {requirement["verdict"] for requirement in found["requirements"]} == {"not-observed", "not-applicable"}
    assert "refused" in done.out
