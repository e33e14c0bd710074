"""Files and batches that are not what they should be."""

from __future__ import annotations

from typing import Any, Final

from kimi_conformance.faults.wire.edit import change, drop, put
from kimi_conformance.faults.wire.whole import answer, entire, header, holding, response
from kimi_conformance.faults.wire.wire_fault import wire

UPLOADED: Final = "api.files.upload-shape"
FILE: Final = "api.files.object-shape"
DELETED: Final = "api.files.deleted-shape"
CONTENT: Final = "api.files.content"


def _of_2024(file: dict[str, Any]) -> dict[str, Any]:
    return {**file, "id": "cn0bmk198onv4v01aafg"}


FAULTS: Final = (
    wire(
        "files-bare-list",
        "The list of files is a bare list.",
        entire(lambda found: found["data"]),
        "api.files.list-shape",
        on="files",
    ),
    wire(
        "files-object-missing",
        "The list of files does not say what it is.",
        answer(drop("object")),
        "api.files.list-shape",
        on="files",
    ),
    wire(
        "files-file-wrong",
        "A listed file has no size.",
        answer(drop("data/0/bytes")),
        "api.files.list-shape",
        on="files",
    ),
    wire("file-status-missing", "A file has no status.", answer(drop("status")), FILE, on="file"),
    wire("file-object-wrong", "A file calls itself a list.", answer(put("object", "list")), FILE, on="file"),
    wire("file-bytes-as-text", "The size of a file is a string.", answer(change("bytes", str)), FILE, on="file"),
    wire(
        "file-id-of-2024", "A new file has an id of the old form.", entire(_of_2024), "api.files.id-prefix", on="file"
    ),
    wire(
        "upload-purpose-changed",
        "An upload has another purpose than was sent.",
        answer(put("purpose", "batch")),
        UPLOADED,
        on="file-uploaded",
    ),
    wire(
        "upload-size-wrong",
        "An upload has another size than was sent.",
        answer(put("bytes", 7)),
        UPLOADED,
        on="file-uploaded",
    ),
    wire("upload-nameless", "An upload has no name.", answer(put("filename", "")), UPLOADED, on="file-uploaded"),
    wire(
        "upload-in-data",
        "An upload is answered in an envelope.",
        entire(lambda found: {"data": found}),
        UPLOADED,
        on="file-uploaded",
    ),
    wire(
        "deleted-not",
        "A deletion says that the file is not deleted.",
        answer(put("deleted", new=False)),
        DELETED,
        on="file-deleted",
    ),
    wire("deleted-another", "A deletion names another file.", answer(put("id", "file_1")), DELETED, on="file-deleted"),
    wire("deleted-silent", "A deletion does not say so.", answer(drop("deleted")), DELETED, on="file-deleted"),
    wire(
        "content-empty",
        "The content of a file is empty.",
        response(lambda found: holding(found, b" \n")),
        CONTENT,
        on="file-content",
    ),
    wire(
        "content-no-json",
        "The content of a file calls itself JSON, and is none.",
        header("content-type", lambda _: "application/json"),
        CONTENT,
        on="file-content",
    ),
    wire(
        "batches-bare-list",
        "The list of batches is a bare list.",
        entire(lambda found: found["data"]),
        "api.batches.list-shape",
        on="batches",
    ),
    wire(
        "batch-status-unknown",
        "A batch has a status that is not known.",
        answer(put("status", "queued")),
        "api.batches.shape",
        on="batch",
    ),
    wire("batch-id-missing", "A batch has no id.", answer(drop("id")), "api.batches.shape", on="batch"),
)
