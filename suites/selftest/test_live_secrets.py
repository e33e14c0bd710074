"""Keys go to the wire and nowhere else, whatever a server does with them."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.api.surroundings import BadSurroundings, surroundings
from kimi_conformance.cassette.shelf import names
from kimi_conformance.upstream.kimi_wire import Problem, error
from kimi_conformance.upstream.script import Send
from suites.selftest.command import run
from suites.selftest.nights import TODAY
from suites.selftest.offline_kimi import AI, KEYS, NO_SETTINGS, at, kimi, started

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kimi_conformance.exchange import Request
    from kimi_conformance.upstream.script import Script

    Answer = Callable[[Request], Script]

ONLY: Final = ("--only", "api.chat.shape", "--only", "api.models.shape", "--only", "api.auth.invalid-key-401")


def keys_of(request: Request) -> str:
    return request.header("authorization") or request.header("x-api-key") or ""


def in_body(key: str, script: Script) -> Script:
    """A member more in an answer that is a JSON object."""
    first, *rest = script.steps
    assert isinstance(first, Send)
    return replace(script, steps=(Send(json.dumps({"sent": key, **json.loads(first.data)}).encode()), *rest))


def in_base64(key: str, script: Script) -> Script:
    return in_body(b64encode(key.encode()).decode(), script)


def in_header(key: str, script: Script) -> Script:
    return replace(script, headers=(*script.headers, ("X-Echo", key)))


def in_error(key: str, _: Script) -> Script:
    return error(Problem(400, "invalid_request_error", f"Invalid request: what is {key}?"))


def in_odd_shape(key: str, script: Script) -> Script:
    """A 200 in which members have other names, and one of them the key."""
    first, *rest = script.steps
    assert isinstance(first, Send)
    odd = replace(script, steps=(Send(json.dumps({"object": key, "data": [key]}).encode()), *rest))
    return in_header(key, odd)


HOWS: Final = (in_body, in_base64, in_header, in_error)


def echoing(*hows: Callable[[str, Script], Script]) -> Answer:
    """A server that hands keys back, in each of these ways in turn."""
    healthy, turns = kimi(TODAY), cycle(hows)

    def answer(request: Request) -> Script:
        key = keys_of(request)
        return next(turns)(key, healthy(request)) if key else healthy(request)

    return answer


def where_found(folder: Path, *texts: str) -> list[str]:
    """The files in `folder`, and the texts, in which a key stands, plain or in base64."""
    forms = [form for key in KEYS.values() for form in (key, b64encode(f"Bearer {key}".encode()).decode())]
    seen = {str(path): path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()}
    seen |= {text: text for text in texts}
    return [name for name, text in seen.items() if any(form in text for form in forms)]


def test_a_key_that_comes_back_is_written_down_nowhere(tmp_path: Path) -> None:
    with started(echoing(*HOWS)) as server:
        done = run("record", "--shelf", "shelf", "--json", "r.json", *ONLY, cwd=tmp_path, env=at(server.url))
    assert len([request for request in server.requests if keys_of(request)]) > len(HOWS)
    assert AI in keys_of(server.requests[0])
    assert where_found(tmp_path, done.out, done.err) == []
    assert (tmp_path / "r.json").exists()
    assert set(names(tmp_path / "shelf")) <= {"hosts/models-ai-wrong-key"}  # nobody has that one


def test_reports_of_failures_have_no_keys(tmp_path: Path) -> None:
    reports = ("--json", "r.json", "--junit", "j.xml", "--html", "r.html", "--allure", "allure")
    with started(echoing(in_odd_shape)) as server:
        done = run("verify", "--mode", "live", *reports, *ONLY, cwd=tmp_path, env=at(server.url))
    assert done.code == 1
    assert len(list((tmp_path / "allure").iterdir())) > 1
    assert "<secret.key.platform-ai>" in (tmp_path / "r.json").read_text("utf-8")
    assert "&lt;secret.key.platform-ai&gt;" in (tmp_path / "r.html").read_text("utf-8")
    assert where_found(tmp_path, done.out, done.err) == []


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        pytest.param("MOONSHOT_API_KEY", "op://vault/kimi/key", "op run", id="an unresolved reference"),
        pytest.param("MOONSHOT_API_KEY_CN", "op://vault/cn/key", "op run", id="one of an optional key"),
        pytest.param("MOONSHOT_API_KEY", "", "needs a key", id="an empty key"),
        pytest.param("MOONSHOT_API_KEY", "sk-a b", "MOONSHOT_API_KEY is no key", id="a blank within"),
        pytest.param("MOONSHOT_API_KEY", "sk-a\x01b", "MOONSHOT_API_KEY is no key", id="a control character"),
        pytest.param("KIMI_CODE_API_KEY", "sk-月", "KIMI_CODE_API_KEY is no key", id="no ASCII"),
        pytest.param("KIMI_BASE_URL", "sk-secret", "KIMI_BASE_URL is no base URL", id="a key in the place of a URL"),
        pytest.param("KIMI_BASE_URL", "http://me:sk-secret@host", "KIMI_BASE_URL is no base", id="a key within a URL"),
        pytest.param("KIMI_BASE_URL_CN", "ftp://host", "KIMI_BASE_URL_CN is no base URL", id="another scheme"),
        pytest.param("KIMI_BASE_URL", "http://host:99999", "KIMI_BASE_URL is no base URL", id="no port"),
        pytest.param("KIMI_BASE_URL", "http://[::1", "KIMI_BASE_URL is no base URL", id="half an address"),
    ],
)
def test_what_cannot_be_used_is_named_and_not_repeated(variable: str, value: str, said: str) -> None:
    with pytest.raises(BadSurroundings) as refused:
        surroundings({**KEYS, variable: value})
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("words", [("verify", "--mode", "live"), ("plan",)])
def test_an_unresolved_reference_is_said_in_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*words, cwd=tmp_path, env={**NO_SETTINGS, "MOONSHOT_API_KEY": "op://vault/kimi/key"})
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "op run" in done.err
    assert "vault" not in done.err


def test_base_urls_may_end_as_clients_write_them() -> None:
    given = {**KEYS, "KIMI_BASE_URL": "http://127.0.0.1:1/v1/", "KIMI_CODE_BASE_URL": "https://host.example/coding/v1"}
    found = surroundings(given).bases
    assert found["platform-ai"] == found["platform-cn"] == "http://127.0.0.1:1"
    assert found["coding"] == "https://host.example"


def test_the_option_is_for_all_hosts_that_have_no_variable() -> None:
    found = surroundings({**KEYS, "KIMI_BASE_URL": "http://a", "KIMI_BASE_URL_CN": "http://b"}, "http://c:8080").bases
    assert found == {"platform-ai": "http://c:8080", "platform-cn": "http://b", "coding": "http://c:8080"}


def test_without_anything_said_it_is_kimi_itself() -> None:
    assert set(surroundings(KEYS).bases.values()) == {
        "https://api.moonshot.ai",
        "https://api.moonshot.cn",
        "https://api.kimi.com",
    }
