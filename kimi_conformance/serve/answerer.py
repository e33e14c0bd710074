"""From a request to its answer: the path, then the key, then what the path leads to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kimi_conformance.serve import account, batches, files
from kimi_conformance.serve.anthropic_face import message
from kimi_conformance.serve.call import Call
from kimi_conformance.serve.chat import chat
from kimi_conformance.serve.keys import account_of
from kimi_conformance.serve.listing import coding_models, models
from kimi_conformance.serve.responses import respond
from kimi_conformance.serve.shapes import refuse
from kimi_conformance.upstream import asked
from kimi_conformance.upstream.kimi_wire import Problem, not_found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.contract.catalogue import Host
    from kimi_conformance.exchange import Request
    from kimi_conformance.serve.call import Face
    from kimi_conformance.serve.config import Config
    from kimi_conformance.serve.state import State
    from kimi_conformance.upstream.script import Script

CODING: Final = "/coding"

PATHS: Final[Mapping[tuple[str, str], Callable[[Call], Script]]] = {
    ("POST", "/v1/chat/completions"): chat,
    ("POST", "/anthropic/v1/messages"): message,
    ("POST", "/v1/responses"): respond,
    ("GET", "/v1/models"): models,
    ("GET", "/v1/users/me/balance"): account.balance,
    ("POST", "/v1/tokenizers/estimate-token-count"): account.token_count,
    ("POST", "/v1/files"): files.upload,
    ("GET", "/v1/files"): files.listing,
    ("GET", "/v1/files/ID"): files.show,
    ("DELETE", "/v1/files/ID"): files.delete,
    ("GET", "/v1/files/ID/content"): files.content,
    ("POST", "/v1/batches"): batches.create,
    ("GET", "/v1/batches"): batches.listing,
    ("GET", "/v1/batches/ID"): batches.show,
    ("POST", "/v1/batches/ID/cancel"): batches.show,
    ("POST", "/coding/v1/chat/completions"): chat,
    ("POST", "/coding/v1/messages"): message,
    ("GET", "/coding/v1/models"): coding_models,
    ("GET", "/coding/v1/usages"): account.usages,
}
"""`ID` is any one word."""

_WITH_ID: Final = re.compile(r"(/v1/(?:files|batches)/)([^/]+)(/[a-z]+)?")


def answerer(config: Config, state: State) -> Callable[[Request], Script]:
    """Answers as Kimi does. What is remembered from one request to the next is in `state`."""

    def answer(request: Request) -> Script:
        path, id_ = _pattern(asked.path(request))
        handle = PATHS.get((request.method, path))
        if handle is None:
            return not_found(request)
        host: Host = "coding" if path.startswith(CODING) else "platform"
        face = _face(path)
        owner = account_of(request, config, host, face)
        if isinstance(owner, Problem):
            return refuse(owner, face, host)
        return handle(Call(request, config, state, *owner, host, face, id_))

    return answer


def _pattern(path: str) -> tuple[str, str]:
    """The path as `PATHS` has it, and the id in it."""
    found = _WITH_ID.fullmatch(path)
    return (f"{found[1]}ID{found[3] or ''}", found[2]) if found else (path, "")


def _face(path: str) -> Face:
    if path.endswith("/messages"):
        return "messages"
    return "responses" if path.endswith("/responses") else "chat"
