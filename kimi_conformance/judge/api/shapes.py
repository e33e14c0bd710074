"""Which shape an exchange has to have: by method, path, status and content type; that of errors by their look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from kimi_conformance.contract.schema import Shape

Face: TypeAlias = Literal[
    "chat",
    "messages",
    "responses",
    "models",
    "balance",
    "tokens",
    "files",
    "file",
    "file.content",
    "batches",
    "batch",
    "coding.models",
    "coding.usages",
]
"""What a path is about, whatever stands before it: a router may serve Kimi below a prefix of its own."""

PATHS: Final[tuple[tuple[Face, str], ...]] = (
    ("chat", r"/chat/completions"),
    ("messages", r"(/v\d+|/anthropic|/coding)/messages"),
    ("responses", r"/responses"),
    ("coding.models", r"/coding(/v1)?/models"),
    ("models", r"(?<!/anthropic/v1)/models"),
    ("balance", r"/users/me/balance"),
    ("tokens", r"/tokenizers/estimate-token-count"),
    ("file.content", r"/files/[^/]+/content"),
    ("file", r"/files/[^/]+"),
    ("files", r"/files"),
    ("batch", r"/batches/[^/]+(/cancel)?"),
    ("batches", r"/batches"),
    ("coding.usages", r"/usages"),
)
_PATHS: Final = tuple((face, re.compile(rf".*{pattern}/?")) for face, pattern in PATHS)

METHODS: Final[dict[Face, frozenset[str]]] = {
    "chat": frozenset({"POST"}),
    "messages": frozenset({"POST"}),
    "responses": frozenset({"POST"}),
    "models": frozenset({"GET"}),
    "coding.models": frozenset({"GET"}),
    "coding.usages": frozenset({"GET"}),
    "balance": frozenset({"GET"}),
    "tokens": frozenset({"POST"}),
    "files": frozenset({"GET", "POST"}),
    "file": frozenset({"GET", "DELETE"}),
    "file.content": frozenset({"GET"}),
    "batches": frozenset({"GET", "POST"}),
    "batch": frozenset({"GET", "POST"}),
}

SERVED: Final[dict[tuple[Face, str], Shape]] = {
    ("chat", "POST"): "chat.completion",
    ("messages", "POST"): "message",
    ("models", "GET"): "models",
    ("coding.models", "GET"): "coding.models",
    ("coding.usages", "GET"): "coding.usages",
    ("balance", "GET"): "balance",
    ("tokens", "POST"): "tokens",
    ("files", "GET"): "files",
    ("files", "POST"): "file",
    ("file", "GET"): "file",
    ("file", "DELETE"): "file.deleted",
    ("batches", "GET"): "batches",
    ("batches", "POST"): "batch",
    ("batch", "GET"): "batch",
    ("batch", "POST"): "batch",
}
"""The shape of a 2xx by face and method; what is not here has none that is pinned (file contents, responses)."""

STREAMED: Final[dict[Face, Shape]] = {"chat": "chat.completion.chunk", "messages": "message.events"}


def face_of(path: str) -> Face | None:
    """What `path` is about; None where it is none of Kimi's paths."""
    return next((face for face, pattern in _PATHS if pattern.fullmatch(path)), None)


def served_shape(face: Face | None, method: str, *, streamed: bool) -> Shape | None:
    """The shape that a 2xx has to have. `streamed`: it came as an event stream."""
    if face is None:
        return None
    return STREAMED.get(face) if streamed else SERVED.get((face, method))


def error_shape(face: Face | None, body: Any) -> Shape:
    """The family that an error belongs to by its look; what looks like none of them is held to the chat wire's."""
    found = body if isinstance(body, dict) else {}
    inner = found.get("error")
    if isinstance(inner, str) and ("scode" in found or "code" in found):
        return "error.gateway"
    if found.get("type") == "error":
        return "error.messages"
    if face == "responses" and isinstance(inner, dict) and {"code", "param"} & inner.keys():
        return "error.responses"
    return "error"
