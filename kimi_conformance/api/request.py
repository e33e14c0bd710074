"""A call as an HTTP request: to Kimi's own host, with its key by name. Only the wire knows the real ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import httpx

from kimi_conformance.api.origins import ORIGINS

if TYPE_CHECKING:
    from kimi_conformance.api.call import Call
    from kimi_conformance.contract.calls import Form

BOUNDARY: Final = "kimi-conformance-7d6b2f"
"""Always the same: requests are compared byte for byte."""
AGENT: Final = "kimi-conformance"


def request_of(call: Call, taken: str | None = None) -> httpx.Request:
    """The request of `call`; `taken` is the id that stands for `{id}` in its path.

    The key stands in it by name: `Bearer <key platform-ai>`.
    """
    headers = {"user-agent": AGENT, "accept-encoding": "identity"}
    if call.key != "none":
        named = key_by_name(call.key)
        headers |= {"x-api-key": named} if call.x_api_key else {"authorization": f"Bearer {named}"}
    content = b""
    if call.form is not None:
        content = multipart(call.form)
        headers["content-type"] = f"multipart/form-data; boundary={BOUNDARY}"
    elif call.body is not None:
        content = json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers["content-type"] = "application/json"
    if call.path.startswith("/anthropic/"):
        headers["anthropic-version"] = "2023-06-01"
    url = f"{ORIGINS[call.host]}{call.path.replace('{id}', taken or '{id}')}"
    return httpx.Request(call.method, url, headers=headers | dict(call.headers), content=content)


def key_by_name(name: str) -> str:
    """How a key is written wherever it may be read."""
    return f"<key {name}>"


def multipart(form: Form) -> bytes:
    """A form with one file (RFC 7578)."""
    lines = (
        f"--{BOUNDARY}",
        'Content-Disposition: form-data; name="purpose"',
        "",
        form.purpose,
        f"--{BOUNDARY}",
        f'Content-Disposition: form-data; name="file"; filename="{form.filename}"',
        "Content-Type: text/plain; charset=utf-8",
        "",
        form.content,
        f"--{BOUNDARY}--",
        "",
    )
    return "\r\n".join(lines).encode()
