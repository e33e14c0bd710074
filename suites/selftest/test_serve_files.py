"""Files and batches of the offline Kimi."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.serve import State, answerer
from suites.selftest.serve_client import CONFIG, DRAINED, OWN, Hand, answer_to, ask, get, post

FILES = "/v1/files"
ACCEPTED = "only `file-extract`, `batch`, `batch_output`, `lambda`, `image` and `video` accepted"
DATA = "年份: 2026\r\n\r\n--x\r\n".encode() + bytes(range(256))


def upload(
    data: bytes = DATA, *, purpose: str = "file-extract", name: str = "notes.txt", quoted: bool = True
) -> Request:
    """A form as clients send it."""
    form = (
        b'--frontier\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n'
        + purpose.encode()
        + b"\r\n--frontier\r\n"
        b'Content-Disposition: form-data; name="file"; filename="' + name.encode() + b'"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n--frontier--\r\n"
    )
    boundary = 'boundary="frontier"' if quoted else "boundary=frontier"
    type_ = ("Content-Type", f"multipart/form-data; {boundary}")
    return Request("POST", FILES, (("Authorization", f"Bearer {OWN}"), type_), form)


def said(exchange: Exchange) -> Any:
    assert exchange.response is not None
    return exchange.response.json()


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize(("purpose", "type_"), [("file-extract", "text/plain"), ("batch", "application/octet-stream")])
def test_a_file_is_listed_shown_read_and_deleted(purpose: str, type_: str, quoted: bool) -> None:  # noqa: FBT001
    answer = answerer(CONFIG, State(Hand()))
    kept = json.loads(answer(upload(purpose=purpose, quoted=quoted)).body)
    assert kept["id"].startswith("file_")
    described = {"bytes": len(DATA), "created_at": 1_790_000_000, "filename": "notes.txt", "purpose": purpose}
    assert kept == {"id": kept["id"], "object": "file", **described, "status": "ready", "status_details": ""}
    one = f"{FILES}/{kept['id']}"
    assert json.loads(answer(get(FILES)).body) == {"object": "list", "data": [kept]}
    assert json.loads(answer(get(one)).body) == kept
    content = answer(get(f"{one}/content"))
    assert content.body == DATA
    assert dict(content.headers)["Content-Type"].startswith(type_)
    assert answer(get(one, key=DRAINED)).status == 404
    gone = answer(get(one, method="DELETE"))
    assert json.loads(gone.body) == {"id": kept["id"], "object": "file", "deleted": True}
    again = [answer(get(one)), answer(get(f"{one}/content")), answer(get(one, method="DELETE"))]
    assert [script.status for script in again] == [404] * 3


def test_files_of_one_name_are_told_apart() -> None:
    found = ask(upload(), upload(), upload())
    assert [said(exchange)["filename"] for exchange in found] == ["notes.txt", "notes(1).txt", "notes(2).txt"]
    assert len({said(exchange)["id"] for exchange in found}) == 3


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            upload(purpose="gossip"),
            f"Invalid purpose: gossip, {ACCEPTED}",
        ),
        (upload(b""), "File size is zero, please confirm and re-upload the file"),
        (
            post(FILES, {}),
            f"Invalid purpose: , {ACCEPTED}",
        ),
    ],
)
def test_an_upload_without_purpose_or_content_is_400(request_: Request, message: str) -> None:
    found = answer_to(request_)
    assert found == (400, {"error": {"message": message, "type": "invalid_request_error"}})
    assert answer_to(upload(b"x"))[0] == 200


@pytest.mark.parametrize("part", [b"no head", b"Content-Disposition: form-data\r\n\r\nnameless"])
def test_a_part_that_is_none_is_passed_over(part: bytes) -> None:
    whole = upload()
    broken = replace(whole, body=b"--frontier\r\n" + part + b"\r\n" + whole.body)
    assert answer_to(broken)[1]["bytes"] == len(DATA)


def test_there_are_no_batches() -> None:
    listed, one, cancelled, made = ask(
        get("/v1/batches"),
        get("/v1/batches/batch_1"),
        get("/v1/batches/batch_1/cancel", method="POST"),
        post("/v1/batches", {"input_file_id": "file_1", "endpoint": "/v1/chat/completions"}),
    )
    assert said(listed) == {"object": "list", "data": [], "has_more": False}
    for exchange in (one, cancelled, made):
        assert (exchange.status, said(exchange)["error"]["type"]) == (404, "resource_not_found_error")
