"""Errors of the gateway: paths and methods that are not there. There `error` is a string."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.hosts_known import on_platform
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.api.refusal import settled
from kimi_conformance.judge.api.shapes import METHODS, face_of
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

NOT_THERE: Final = re.compile(r"/v1/(embeddings|audio/.+|images/.+|no-such-.+)")
"""Paths of other providers that Kimi does not have, and one that says so itself."""
ELSEWHERE: Final = re.compile(
    r"/v1/(formulas|tools|signatures|caching|agents|assistants|sessions|environments|users|models)\b.*"
)
"""Paths that may be there, of interfaces that are not judged here."""
UNVERSIONED: Final = "/chat/completions"
"""What clients ask for whose base URL lacks `/v1`."""
NOT_FOUND: Final = 5
MODELS_OF_MESSAGES: Final = "/anthropic/v1/models"


def not_found(s: Sight) -> Iterator[Flaw]:
    """Flaws of an answer that should be the gateway's 404."""
    if s.status != HTTPStatus.NOT_FOUND:
        yield Flaw("404", answered(s), "response", f"a path that is not there is answered: {answered(s)}")
        return
    for member, value in (("error", "url.not_found"), ("code", NOT_FOUND)):
        if s.answer.get(member) != value:
            seen = shown(s.answer[member]) if member in s.answer else answered(s)
            message = f"the 404 of a path that is not there has another {member}"
            yield Flaw(shown(value), seen, f"response /{member}", message)


def _judged(s: Sight) -> bool:
    """Whether Kimi's own word on a path counts here. The managed agents have paths and words of their own."""
    return on_platform(s) and settled(s) and not s.of_agents


def _unknown_path(s: Sight, _c: Contract) -> bool:
    path = s.path.rstrip("/")
    ours = path.startswith(("/v1/", "/anthropic/v1/")) and path != MODELS_OF_MESSAGES
    nowhere = path == UNVERSIONED or (ours and face_of(path) is None and not ELSEWHERE.fullmatch(path))
    missing = s.status == HTTPStatus.NOT_FOUND or NOT_THERE.fullmatch(path) is not None
    return _judged(s) and nowhere and missing


@law("api.errors.unknown-path", when=_unknown_path)
def unknown_path(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A path that is not there is told from a model that is not there."""
    yield from not_found(s)


@law("api.messages.models-path-404", when=lambda s, _c: _models_of_messages(s) and _judged(s))
def models_path_404(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The Anthropic face has no list of models."""
    yield from not_found(s)


def _models_of_messages(s: Sight) -> bool:
    return s.exchange.request.method == "GET" and s.path.rstrip("/") == MODELS_OF_MESSAGES


@law("api.errors.gateway-family", "error.gateway")
def gateway_family(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The gateway's errors are strings, with a number in two spellings."""
    for member in ("error", "message"):
        value = s.answer.get(member)
        if not isinstance(value, str) or (member == "error" and not value):
            yield Flaw("a string", shown(value), f"response /{member}", f"{member} is no string")
    code, scode = s.answer.get("code"), s.answer.get("scode")
    if not isinstance(code, int) or isinstance(code, bool):
        yield Flaw("an integer", shown(code), "response /code", "code is no integer")
    elif not isinstance(scode, str) or scode.lower() != hex(code):
        yield Flaw(hex(code), shown(scode), "response /scode", "scode is not the code in hexadecimal")
    if s.answer.get("status", False) is not False:
        yield Flaw("false", shown(s.answer["status"]), "response /status", "an error with a good status")


def _wrong_method(s: Sight, _c: Contract) -> bool:
    face, method = face_of(s.path), s.exchange.request.method
    wrong = face is not None and method not in METHODS[face] and method not in ("HEAD", "OPTIONS")
    return wrong and _judged(s)


@law("api.errors.wrong-method", when=_wrong_method)
def wrong_method(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A method that a path does not have is refused by the gateway."""
    if not HTTPStatus.BAD_REQUEST <= s.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        yield Flaw("4xx", answered(s), "response", "a method that is not there is answered")
    elif s.shape != "error.gateway":
        message = "a method that is not there is refused in another shape than the gateway's"
        yield Flaw("a string `error` beside code and scode", answered(s), "response body", message)
