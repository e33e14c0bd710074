"""/v1/files: lists, uploads, single files, their contents and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.fitting import misfits
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.multipart import form
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.api.refusal import refusal
from kimi_conformance.judge.api.sight import NO_JSON
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

PURPOSES: Final = frozenset({"file-extract", "batch", "batch_output", "lambda", "image", "video"})
NEW_IDS: Final = 1_788_220_800
"""2026-09-01T00:00:00Z: from this second on, in any time zone but those ahead of UTC, ids are new."""


def _purpose(s: Sight) -> str | None:
    sent = form(s.exchange.request).get("purpose")
    return None if sent is None else sent.decode("utf-8", "replace")


@law("api.files.list-shape", "files")
def list_shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """The list of files has the shape of one."""
    yield from misfits(s, c, "files")


@law("api.files.object-shape", "file", when=lambda s, _c: s.given is not None or s.face == "file")
def object_shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """A file has the shape of one."""
    yield from misfits(s, c, "file")


@law("api.files.upload-shape", "file", when=lambda s, _c: s.face == "files")
def upload_shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """An upload is answered with the file: of the purpose and the size that were sent, under some name."""
    yield from misfits(s, c, "file")
    sent = form(s.exchange.request)
    if s.answer.get("filename") == "":
        yield Flaw("a name", shown(""), "response /filename", "the file has no name")
    expected: dict[str, Any] = {"purpose": _purpose(s), "bytes": len(sent["file"]) if "file" in sent else None}
    for member, value in expected.items():
        if value is not None and member in s.answer and s.answer[member] != value:
            message = f"{member} is not what was sent"
            yield Flaw(shown(value), shown(s.answer[member]), f"response /{member}", message)


@law("api.files.deleted-shape", "file.deleted")
def deleted_shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """A deletion says which file is gone, and that it is."""
    yield from misfits(s, c, "file.deleted")
    if s.answer.get("deleted") is False:
        yield Flaw("true", "false", "response /deleted", "the file is not deleted")
    asked = s.path.rstrip("/").rpartition("/")[2]
    if s.face == "file" and isinstance(s.answer.get("id"), str) and s.answer["id"] != asked:
        yield Flaw(asked, shown(s.answer["id"]), "response /id", "another file is said to be deleted")


def _text(s: Sight, _c: Contract) -> bool:
    textual = s.kind in ("", "application/json") or s.kind.startswith("text/")
    return s.face == "file.content" and s.ok and textual and not s.partial


@law("api.files.content", when=_text)
def content(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The content of a file that was read for its text is some text."""
    body = s.exchange.response.body if s.exchange.response else b""
    if not body.strip():
        yield Flaw("a text", answered(s), "response body", "the content of the file is empty")
    elif s.kind == "application/json" and s.body is NO_JSON:
        yield Flaw("JSON", answered(s), "response body", "the content calls itself JSON, and is none")


def _new(s: Sight, _c: Contract) -> bool:
    made = s.answer.get("created_at")
    return isinstance(made, int) and made >= NEW_IDS and isinstance(s.answer.get("id"), str)


@law("api.files.id-prefix", "file", when=_new)
def id_prefix(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The ids of new files begin with `file_`."""
    if not s.answer["id"].startswith("file_"):
        yield Flaw("file_…", shown(s.answer["id"]), "response /id", "the id of a new file has another form")


def _strange_purpose(s: Sight, _c: Contract) -> bool:
    purpose = _purpose(s)
    return s.exchange.request.method == "POST" and purpose is not None and purpose not in PURPOSES


refusal("api.files.bad-purpose-refused", _strange_purpose, names="purpose", face="files")
