"""Which recorded answer belongs to a request."""

from __future__ import annotations

import pytest
from vcr.matchers import get_matchers_results
from vcr.request import Request

from kimi_conformance.cassette.matching import MATCHERS

URI = "https://api.moonshot.ai/v1/files?limit=2"
BODY = '{"model":"kimi-k3","n":1,"messages":[{"role":"user","content":"你好"}]}'.encode()
OWN = {"authorization": "Bearer <key platform-ai>"}


def unlike(method: str = "POST", uri: str = URI, body: bytes | None = BODY, headers: dict[str, str] = OWN) -> list[str]:
    """What tells such a request apart from the one that is recorded."""
    asked, recorded = Request(method, uri, body, headers), Request("POST", URI, BODY, OWN)
    return [name for name, _ in get_matchers_results(asked, recorded, MATCHERS)[1]]


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        ({"method": "PUT"}, "method"),
        ({"uri": URI.replace(".ai", ".cn")}, "host"),
        ({"uri": URI.replace("files", "batches")}, "path"),
        ({"uri": URI.replace("2", "3")}, "query"),
        ({"headers": {"authorization": "Bearer <key platform-cn>"}}, "key"),
        ({"headers": {"x-api-key": "<key platform-ai>"}}, "key"),
        ({"headers": {}}, "key"),
        ({"body": BODY.replace(b"k3", b"k2.6")}, "canonical_body"),
        ({"body": BODY.replace(b'"n":1', b'"n":true')}, "canonical_body"),
        ({"body": BODY.replace(b'"n":1', b'"n":1.0')}, "canonical_body"),
        ({"body": b""}, "canonical_body"),
        ({"body": BODY[:-1]}, "canonical_body"),
    ],
)
def test_a_request_that_differs_in_one_thing_is_another_one(asked: dict[str, str], by: str) -> None:
    assert unlike(**asked) == [by]


def test_the_same_request_matches() -> None:
    assert unlike() == []


def test_the_order_and_the_spelling_of_a_json_body_do_not_matter() -> None:
    other = rb'{ "messages": [{"content": "\u4f60\u597d", "role": "user"}], "n": 1, "model": "kimi-k3" }'
    assert unlike(body=other) == []


def test_the_order_of_a_list_matters() -> None:
    def uri_of(body: bytes) -> Request:
        return Request("POST", URI, body, OWN)

    failures = get_matchers_results(uri_of(b'{"stop":["a","b"]}'), uri_of(b'{"stop":["b","a"]}'), MATCHERS)[1]
    assert [name for name, _ in failures] == ["canonical_body"]


def test_bodies_that_are_no_json_are_compared_by_their_bytes() -> None:
    form = b"--kimi\r\n\xff\xfe\r\n--kimi--"
    asked, recorded = Request("POST", URI, form, OWN), Request("POST", URI, form + b"\r\n", OWN)
    assert [name for name, _ in get_matchers_results(asked, recorded, MATCHERS)[1]] == ["canonical_body"]
    assert get_matchers_results(asked, asked, MATCHERS)[1] == []
