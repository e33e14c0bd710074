"""Keys of the offline Kimi: whose they are, and the two types of 401."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from suites.selftest.serve_client import (
    CHAT,
    CODING,
    CODING_CHAT,
    CODING_MESSAGES,
    CONFIG,
    DRAINED,
    MESSAGES,
    OTHER,
    OWN,
    RESPONSES,
    answer_to,
    body,
    get,
    post,
)

if TYPE_CHECKING:
    from kimi_conformance.exchange import Request

CODING_TEXT = "The API Key appears to be invalid or may have expired. Please verify your credentials and try again."


def to(path: str, key: str | None) -> Request:
    """A good request to any path, with a bound for the Anthropic face."""
    if path.endswith(("/models", "/balance", "/usages", "/files", "/batches")):
        return get(path, key=key)
    model = "kimi-for-coding" if path.startswith("/coding") else "kimi-k3"
    return post(path, body(model=model, max_tokens=99, input="hello"), key=key)


PLATFORM = (CHAT, MESSAGES, RESPONSES, "/v1/models", "/v1/users/me/balance", "/v1/files", "/v1/batches")
CODING_PATHS = (CODING_CHAT, CODING_MESSAGES, "/coding/v1/models", "/coding/v1/usages")


@pytest.mark.parametrize("path", PLATFORM)
@pytest.mark.parametrize("key", ["sk-nobody", OTHER, CODING])
def test_a_key_that_is_not_of_this_host_is_401_invalid_authentication_on_every_face(path: str, key: str) -> None:
    wrong = {"error": {"message": "Invalid Authentication", "type": "invalid_authentication_error"}}
    assert answer_to(to(path, key)) == (401, wrong)
    assert answer_to(to(path, OWN))[0] == 200


@pytest.mark.parametrize("path", PLATFORM)
def test_no_key_at_all_is_the_other_401(path: str) -> None:
    missing = {"error": {"message": "Incorrect API key provided", "type": "incorrect_api_key_error"}}
    assert answer_to(to(path, None)) == (401, missing)


@pytest.mark.parametrize("path", CODING_PATHS)
@pytest.mark.parametrize("key", [OWN, OTHER, "sk-kimi-nobody"])
def test_the_coding_host_has_its_own_words_for_a_key_that_is_not_its_own(path: str, key: str) -> None:
    status, found = answer_to(to(path, key))
    assert status == 401
    assert found["error"] == {"message": CODING_TEXT, "type": "invalid_authentication_error"}
    assert answer_to(to(path, CODING))[0] == 200


def test_a_server_that_plays_cn_takes_the_keys_of_cn_and_refuses_those_of_ai() -> None:
    cn = replace(CONFIG, host="platform-cn")
    assert answer_to(to(CHAT, OTHER), cn)[0] == 200
    assert answer_to(to(CHAT, OWN), cn)[0] == 401
    assert answer_to(to(CODING_CHAT, CODING), cn)[0] == 200


@pytest.mark.parametrize(("path", "status"), [(MESSAGES, 200), (CHAT, 401)])
def test_only_the_anthropic_face_takes_x_api_key(path: str, status: int) -> None:
    assert answer_to(post(path, body(max_tokens=99), ("x-api-key", OWN), key=None))[0] == status


@pytest.mark.parametrize("path", ["/v1/models", "/v1/users/me/balance"])
def test_an_account_without_funds_can_ask_for_models_and_balance(path: str) -> None:
    assert answer_to(get(path, key=DRAINED))[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/anthropic/v1/models"),
        ("GET", CHAT),
        ("DELETE", "/v1/models"),
        ("POST", "/v1/embeddings"),
        ("GET", "/coding/v1/users/me/balance"),
        ("GET", "/v1/files/a/b/c"),
        ("GET", "/"),
    ],
)
def test_an_unknown_path_or_method_is_the_gateways_404_whatever_the_key(method: str, path: str) -> None:
    status, found = answer_to(get(path, key=None, method=method))
    assert (status, found["code"], found["error"], found["scode"]) == (404, 5, "url.not_found", "0x5")
    assert (found["method"], found["url"], found["status"]) == (method, path, False)
