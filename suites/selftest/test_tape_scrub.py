"""What a cassette must not have: cookies, ids of accounts, keys."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.cassette.scrub import SecretFound, scrubbed
from suites.selftest.socket_server import saying
from suites.selftest.taping import played, recorded

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-" + "k1m1" * 6
ORG = "org-" + "9f8e7d6c" * 4
AK = "ak-" + "zyxwv98765" * 2


def response(body: bytes = b"", **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return {"status": {"code": 200, "message": "OK"}, "headers": named, "body": {"string": body}}


def answer(body: bytes, *headers: bytes) -> bytes:
    lines = (b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body)
    return b"\r\n".join(lines)


def test_cookies_are_left_out_and_the_rest_stays() -> None:
    kept = scrubbed(response(b"ok", Set_Cookie="session=1", vary="Origin"), ())
    assert kept["headers"] == {"vary": ["Origin"]}
    assert kept["body"]["string"] == b"ok"


def test_ids_of_an_account_are_replaced_at_equal_length_by_those_of_the_published_answers() -> None:
    said = f"Your account {ORG}\\u003c{AK}\\u003e request reached organization max RPM: 3".encode()
    body = scrubbed(response(said), ())["body"]["string"]
    expected = "Your account org-0123456789abcdef0123456789abcdef\\u003cak-abcdefghij0123456789\\u003e request"
    assert body.decode().startswith(expected)
    assert len(body) == len(said)
    assert scrubbed(response(body), ())["body"]["string"] == body


@pytest.mark.parametrize("name", ["msh-org-id", "Msh-Uid", "msh-gid", "msh-project-id"])
def test_headers_that_name_an_account_keep_their_length_only(name: str) -> None:
    assert scrubbed(response(**{name: "p-1c2d"}), ())["headers"] == {name: ["0-0000"]}


@pytest.mark.parametrize("words", ["a speak-easy by the oak-tree", "org-chart", "ak-47", "uid-"])
def test_words_that_only_look_like_ids_stay(words: str) -> None:
    assert scrubbed(response(words.encode()), ())["body"]["string"] == words.encode()


def test_an_answer_with_a_key_in_it_is_not_written_down(tmp_path: Path) -> None:
    path = tmp_path / "call.yaml"
    live = recorded(path, saying(answer(f'{{"error":"{KEY} is unknown"}}'.encode())), secrets=(KEY,))
    assert live.status == 200
    assert not path.exists()


@pytest.mark.parametrize("found", [response(x_key=KEY), response(gzip.compress(KEY.encode()), content_encoding="gzip")])
def test_a_key_is_found_in_headers_and_in_compressed_answers(found: dict[str, Any]) -> None:
    with pytest.raises(SecretFound, match="a key"):
        scrubbed(found, (KEY,))


@pytest.mark.parametrize("body", [gzip.compress(ORG.encode(), mtime=0), b"no gzip at all"])
def test_a_compressed_answer_that_cannot_be_scrubbed_is_not_written_down(body: bytes) -> None:
    with pytest.raises(SecretFound, match="compressed"):
        scrubbed(response(body, content_encoding="gzip"), ())


def test_an_empty_secret_stands_in_no_answer() -> None:
    assert scrubbed(response(b"ok"), ("",))["body"]["string"] == b"ok"


def test_what_is_recorded_is_scrubbed(tmp_path: Path) -> None:
    path = tmp_path / "call.yaml"
    recorded(path, saying(answer(ORG.encode(), b"Set-Cookie: a=b", b"Msh-Org-Id: " + ORG.encode())))
    text = path.read_text(encoding="utf-8")
    assert ORG not in text
    assert "a=b" not in text
    again = played(path).response
    assert again is not None
    assert again.body == b"org-0123456789abcdef0123456789abcdef"
