"""POST /v1/tokenizers/estimate-token-count."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from kimi_conformance.judge.api.fitting import misfits
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.api.refusal import decided
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight


@law("api.tokens.shape", "tokens")
def shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """An estimate has the shape of one, and counts something."""
    yield from misfits(s, c, "tokens")
    data = s.answer.get("data")
    if isinstance(data, dict) and data.get("total_tokens") == 0:
        yield Flaw("more than 0", shown(0), "response /data/total_tokens", "the estimate counts nothing")


def _refused(s: Sight, _c: Contract) -> bool:
    """A missing model is left alone: nobody has seen what it is answered here."""
    client = HTTPStatus.BAD_REQUEST <= s.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return s.face == "tokens" and decided(s) and client and s.status != HTTPStatus.NOT_FOUND


@law("api.tokens.error-family", when=_refused)
def error_family(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A refused estimate comes in the gateway's family."""
    if not isinstance(s.answer.get("error"), str):
        seen = shown(s.answer["error"]) if "error" in s.answer else answered(s)
        yield Flaw("a string", seen, "response /error", "a refused estimate in another shape than the gateway's")
