"""The laws of the smaller endpoints: balance, estimates, files, batches, caching."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.selftest.sights import asking, chat, error, page, seen, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

MONEY = {"method": "GET", "path": "/v1/users/me/balance"}
ESTIMATE = {"path": "/v1/tokenizers/estimate-token-count"}
FILES = {"path": "/v1/files"}
ONE = {"method": "GET", "path": "/v1/files/file_1"}
GONE = {"method": "DELETE", "path": "/v1/files/file_1"}
CONTENT = {"method": "GET", "path": "/v1/files/file_1/content"}
FORM = {"content-type": "multipart/form-data; boundary=moon"}
TEXT = {"content-type": "text/plain"}
MOON = "The moon is far. 月亮很远。"
FILE = {
    "id": "file_1",
    "object": "file",
    "bytes": len(MOON.encode()),
    "created_at": 1795305600,
    "filename": "moon.txt",
    "purpose": "file-extract",
    "status": "ready",
    "status_details": "",
}
FIRST_OF_SEPTEMBER = 1788220800
BATCH = {
    "id": "batch_1",
    "object": "batch",
    "endpoint": "/v1/chat/completions",
    "input_file_id": "file_1",
    "completion_window": "24h",
    "status": "validating",
    "created_at": 1795305600,
    "request_counts": {"completed": 0, "failed": 0, "total": 0},
}
UNANSWERED = {
    "code": 3,
    "error": "messages[1]: no tool message",
    "message": "非法输入",
    "scode": "0x3",
    "status": False,
}
PURPOSE = (
    "Invalid purpose: wishes, only `file-extract`, `batch`, `batch_output`, `lambda`, `image` and `video` accepted"
)
PREFIX, BAD_PURPOSE = "api.files.id-prefix", "api.files.bad-purpose-refused"


def balance(available: float, voucher: float, cash: float) -> Sight:
    data = {"available_balance": available, "voucher_balance": voucher, "cash_balance": cash}
    return seen(200, {"code": 0, "data": data, "scode": "0x0", "status": True}, **MONEY)


def form(purpose: str) -> str:
    head = "Content-Disposition: form-data; name="
    return (
        f'--moon\r\n{head}"purpose"\r\n\r\n{purpose}\r\n'
        f'--moon\r\n{head}"file"; filename="moon.txt"\r\nContent-Type: text/plain\r\n\r\n{MOON}\r\n--moon--\r\n'
    )


def upload(purpose: str = "file-extract", **changes: object) -> Sight:
    return seen(200, {**FILE, **changes}, asked=form(purpose), sent=FORM, **FILES)


def sent(fields: bytes, boundary: str = "moon", **changes: object) -> Sight:
    """An upload of these fields, as they came."""
    head = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return seen(200, {**FILE, **changes}, asked=fields, sent=head, **FILES)


def refused(message: str, **known: object) -> Sight:
    return error(400, "invalid_request_error", message, form("wishes"), sent=FORM, **FILES, **known)


def gone(name: str) -> dict[str, object]:
    return {"id": name, "object": "file", "deleted": True}


def cached(tokens: int) -> Sight:
    answer = whole()
    return chat({**answer, "usage": {**answer["usage"], "cached_tokens": tokens}})


DISPOSITION = b"Content-Disposition: form-data"
WISH = b'--moon\r\n%s; name="purpose"\r\n\r\nbatch\r\n--moon--' % DISPOSITION
LINES = b'--moon\r\n%s; name="file"\r\n\r\na\r\n\r\nb\r\n--moon--' % DISPOSITION
NAMELESS = b"--moon\r\n%s\r\n\r\nlambda\r\n" % DISPOSITION
UNREAD = b'--moon\r\n%s; name="\xff"\r\n\r\nlambda\r\n' % DISPOSITION

FINE = [
    *(  # an upload that was not kept whole is not compared
        ("api.files.upload-shape", seen(200, FILE, asked=kept, sent=FORM, **FILES))
        for kept in ("", "--moon\r\n", form("batch")[:-9], form("batch").replace("moon", "mars"))
    ),
    ("api.files.upload-shape", sent(b"before\r\n" + WISH)),
    ("api.files.upload-shape", sent(WISH.replace(b"moon", "月".encode()), "月")),
    ("api.files.upload-shape", sent(LINES, bytes=6)),
    ("api.balance.shape", balance(49.58894, 46.58893, 3.00001)),
    ("api.balance.sum", balance(49.58894, 46.58893, 3.00001)),
    ("api.balance.sum", balance(0, 0, -31.14918)),
    ("api.balance.sum", balance(0.01, 0, 0)),
    ("api.tokens.shape", seen(200, {"data": {"total_tokens": 80}}, **ESTIMATE)),
    ("api.tokens.error-family", seen(400, UNANSWERED, **ESTIMATE)),
    ("api.files.list-shape", seen(200, {"object": "list", "data": [FILE]}, method="GET", **FILES)),
    ("api.files.object-shape", seen(200, FILE, **ONE)),
    ("api.files.upload-shape", upload()),
    ("api.files.deleted-shape", seen(200, {"id": "file_1", "object": "file", "deleted": True}, **GONE)),
    ("api.files.content", seen(200, MOON, headers=TEXT, **CONTENT)),
    ("api.files.content", seen(200, {"content": MOON}, **CONTENT)),
    (PREFIX, upload()),
    (BAD_PURPOSE, refused(PURPOSE)),
    ("api.batches.list-shape", seen(200, {"object": "list", "data": [BATCH]}, method="GET", path="/v1/batches")),
    ("api.batches.shape", seen(200, BATCH, method="GET", path="/v1/batches/batch_1")),
    ("api.batches.shape", seen(200, BATCH, path="/v1/batches/batch_1/cancel")),
    ("api.caching.implicit-hit", cached(93)),
    *(
        ("api.files.deleted-shape", seen(200, gone(name), **{**GONE, "path": f"/v1/files/{path}"}))
        for name, path in (("file_1", "file_1/"), ("file_X", "file_X"))
    ),
    ("api.files.deleted-shape", seen(200, gone("file_1"), given="file.deleted")),
    ("api.files.content", seen(200, MOON, headers={}, **CONTENT)),
    (
        BAD_PURPOSE,
        error(
            400,
            "invalid_request_error",
            PURPOSE,
            form("wishes").encode().replace(b"wishes", b"\xff"),
            sent=FORM,
            **FILES,
        ),
    ),
]
FILE_MEMBERS = ("object", "bytes", "created_at", "filename", "purpose", "status")
WRONG = [
    *(("api.files.upload-shape", sent(fields + WISH), "response /purpose") for fields in (b"", NAMELESS, UNREAD)),
    (
        "api.balance.shape",
        seen(200, {"code": 0, "data": {}, "scode": "0x0", "status": True}, **MONEY),
        "response /data/available_balance, response /data/voucher_balance, response /data/cash_balance",
    ),
    ("api.balance.shape", seen(200, "no", **MONEY), "response body"),
    ("api.balance.sum", balance(50, 46.58893, 3.00001), "response /data/available_balance"),
    ("api.balance.sum", balance(10, 5, -31), "response /data/available_balance"),
    ("api.balance.sum", balance(0.5, 0, -31), "response /data/available_balance"),
    ("api.tokens.shape", seen(200, {"data": {"total_tokens": "80"}}, **ESTIMATE), "response /data/total_tokens"),
    ("api.tokens.shape", seen(200, {"data": {"total_tokens": 0}}, **ESTIMATE), "response /data/total_tokens"),
    ("api.tokens.error-family", error(400, "invalid_request_error", "no", **ESTIMATE), "response /error"),
    ("api.tokens.error-family", page(400, **ESTIMATE), "response /error"),
    (
        "api.files.list-shape",
        seen(200, {"object": "list", "data": [{"id": "a"}]}, method="GET", **FILES),
        ", ".join(f"response /data/0/{name}" for name in FILE_MEMBERS),
    ),
    ("api.files.object-shape", seen(200, {**FILE, "id": ""}, **ONE), "response /id"),
    ("api.files.upload-shape", upload(purpose="batch"), "response /purpose"),
    ("api.files.upload-shape", upload(bytes=1), "response /bytes"),
    ("api.files.upload-shape", upload(filename=""), "response /filename"),
    ("api.files.upload-shape", upload(created_at="today"), "response /created_at"),
    (
        "api.files.deleted-shape",
        seen(200, {"id": "file_1", "object": "file", "deleted": False}, **GONE),
        "response /deleted",
    ),
    ("api.files.deleted-shape", seen(200, {"id": "file_2", "object": "file", "deleted": True}, **GONE), "response /id"),
    ("api.files.content", seen(200, " ", headers=TEXT, **CONTENT), "response body"),
    ("api.files.content", seen(200, MOON, **CONTENT), "response body"),
    (PREFIX, upload(id="d3k"), "response /id"),
    (BAD_PURPOSE, refused("no"), "response /error/message"),
    (BAD_PURPOSE, upload("wishes"), "response"),
    ("api.batches.list-shape", seen(200, {"object": "list"}, method="GET", path="/v1/batches"), "response /data"),
    ("api.batches.shape", seen(200, {**BATCH, "status": "lost"}, path="/v1/batches"), "response /status"),
    ("api.caching.implicit-hit", cached(0), "response /usage/cached_tokens"),
    ("api.files.object-shape", seen(200, {**FILE, "id": ""}, given="file", **FILES), "response /id"),
    (PREFIX, upload(id="d3k", created_at=FIRST_OF_SEPTEMBER), "response /id"),
    (
        "api.files.upload-shape",
        seen(200, {"id": "file_1"}, asked=form("batch"), sent=FORM, **FILES),
        ", ".join(f"response /{name}" for name in FILE_MEMBERS),
    ),
    ("api.files.deleted-shape", seen(200, {"object": "file"}, **GONE), "response /id, response /deleted"),
]
SILENT = [
    ("api.balance.shape", error(401, "invalid_authentication_error", "no", **MONEY)),
    ("api.balance.sum", seen(200, {"data": {"available_balance": 1}}, **MONEY)),
    ("api.balance.sum", balance(available=True, voucher=0, cash=0)),
    ("api.tokens.shape", seen(400, UNANSWERED, **ESTIMATE)),
    ("api.tokens.error-family", error(401, "invalid_authentication_error", "no", **ESTIMATE)),
    ("api.tokens.error-family", seen(200, {"data": {"total_tokens": 80}}, **ESTIMATE)),
    ("api.tokens.error-family", error(400, "invalid_request_error", "no")),
    *(("api.tokens.error-family", page(status, **ESTIMATE)) for status in (500, 504)),
    ("api.tokens.error-family", error(404, "resource_not_found_error", "no", **ESTIMATE)),
    ("api.files.object-shape", upload()),
    ("api.files.upload-shape", seen(200, FILE, **ONE)),
    ("api.files.content", seen(200, "png", headers={"content-type": "image/png"}, **CONTENT)),
    ("api.files.content", page(404, **CONTENT)),
    (PREFIX, upload(id="d3k", created_at=1785305600)),
    (BAD_PURPOSE, upload()),
    (BAD_PURPOSE, seen(200, FILE, asked=asking(purpose="wishes"), **FILES)),
    ("api.batches.list-shape", error(400, "invalid_request_error", "no", method="GET", path="/v1/batches")),
    ("api.batches.shape", page(404, method="GET", path="/v1/batches/batch_1")),
    ("api.caching.implicit-hit", chat(whole())),
    ("api.files.content", seen(200, " ", headers=TEXT)),
    ("api.files.content", seen(200, {"content": MOON}, partial=True, **CONTENT)),
    (PREFIX, upload(id="d3k", created_at=FIRST_OF_SEPTEMBER - 1)),
    (BAD_PURPOSE, seen(200, {}, asked=form("wishes"), sent=FORM, method="GET", **FILES)),
    (PREFIX, upload(id="d3k", created_at="today")),
    (PREFIX, upload(id=5)),
    *((BAD_PURPOSE, upload(each)) for each in ("batch", "batch_output", "lambda", "image", "video")),
]
