"""Files: uploaded, listed, read and deleted by the key that owns them (facts 2.4). They live as long as the server."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.serve.answering import base62
from kimi_conformance.serve.invalid import invalid
from kimi_conformance.serve.multipart import parts
from kimi_conformance.serve.state import File
from kimi_conformance.upstream.kimi_wire import JSON, Problem, error, headers
from kimi_conformance.upstream.script import Script, Send, json_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.serve.call import Call

PURPOSES: Final = ("file-extract", "image", "video", "batch", "batch_output", "lambda")
ACCEPTED: Final = "only `file-extract`, `batch`, `batch_output`, `lambda`, `image` and `video` accepted"


def upload(call: Call) -> Script:
    """Takes a file. That the purpose is looked at first, and the text for a missing file, are modelled."""
    form = parts(call.request)
    purpose = form["purpose"].data.decode("utf-8", "replace") if "purpose" in form else ""
    if purpose not in PURPOSES:
        return error(invalid(f"Invalid purpose: {purpose}, {ACCEPTED}"))
    if "file" not in form:
        return error(invalid("File is missing, please upload a file"))
    data = form["file"].data
    if not data:
        return error(invalid("File size is zero, please confirm and re-upload the file"))
    owned = call.state.files[call.key]
    name = _free(form["file"].filename or "file", {file.name for file in owned.values()})
    file = File(f"file_{base62()}", name, purpose, int(call.state.clock()), data)
    owned[file.id] = file
    return json_answer(200, described(file), headers(JSON))


def listing(call: Call) -> Script:
    """All files of the key."""
    files = [described(file) for file in call.state.files[call.key].values()]
    return json_answer(200, {"object": "list", "data": files}, headers(JSON))


def show(call: Call) -> Script:
    """One file."""
    file = call.state.files[call.key].get(call.id)
    return json_answer(200, described(file), headers(JSON)) if file else missing(call.id)


def content(call: Call) -> Script:
    """The text of a file for extraction, the bytes of any other."""
    file = call.state.files[call.key].get(call.id)
    if not file:
        return missing(call.id)
    type_ = "text/plain; charset=utf-8" if file.purpose == "file-extract" else "application/octet-stream"
    return Script(200, headers(type_), (Send(file.data),))


def delete(call: Call) -> Script:
    """Deletes a file."""
    if not call.state.files[call.key].pop(call.id, None):
        return missing(call.id)
    return json_answer(200, {"id": call.id, "object": "file", "deleted": True}, headers(JSON))


def described(file: File) -> dict[str, Any]:
    """A file as the API says it; `status_details` is there and empty."""
    return {
        "id": file.id,
        "object": "file",
        "bytes": len(file.data),
        "created_at": file.created,
        "filename": file.name,
        "purpose": file.purpose,
        "status": "ready",
        "status_details": "",
    }


def missing(id_: str) -> Script:
    """404; the text is modelled."""
    return error(Problem(404, "resource_not_found_error", f"Not found the file {id_} or Permission denied"))


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, numbered where it is taken: since 2026-08-31 files of one name are renamed; how, is modelled."""
    path, number, free = PurePosixPath(name), 0, name
    while free in taken:
        number += 1
        free = f"{path.stem}({number}){path.suffix}"
    return free
