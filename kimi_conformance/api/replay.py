"""Replay: calls answered from their cassettes, through the tape, without a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from vcr.errors import CannotOverwriteExistingCassetteException

from kimi_conformance.api.request import request_of
from kimi_conformance.api.seen import Seen, Unseen
from kimi_conformance.cassette.capture import capture
from kimi_conformance.cassette.problems import BadCassette
from kimi_conformance.cassette.shelf import load, path_of, provenance_of
from kimi_conformance.cassette.tape import RECORDED, TIMES, Tape
from kimi_conformance.judge.api.sight import Sight

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.api.call import Call


@dataclass(slots=True)
class Replay:
    """Sees calls on tape, each once. Raises `BadCassette` for a cassette that is missing, broken, or another call's."""

    shelf: Path | None = None
    _seen: dict[str, Seen] = field(default_factory=dict)

    def __call__(self, call: Call, attempt: int = 0) -> Seen | Unseen:
        """The recorded answer to `call`. A cassette holds one attempt, the one that was kept."""
        if attempt:
            return Unseen("the cassette holds one attempt")
        if call.name not in self._seen:
            self._seen[call.name] = self._play(call)
        return self._seen[call.name]

    def _play(self, call: Call) -> Seen:
        path = path_of(call.name, self.shelf)
        with httpx.Client(transport=Tape(load(path)), trust_env=False) as client:
            try:
                exchange, extensions = capture(client, request_of(call, self._taken(call)))
            except CannotOverwriteExistingCassetteException:
                raise BadCassette(f"{path} holds the answer to another request: record it anew") from None
        provenance = provenance_of(extensions[RECORDED], path)
        return Seen(
            Sight(exchange, provenance.recorded_at, call.host, call.whose, timed=TIMES in extensions),
            provenance.origin,
            provenance.recorded_at,
        )

    def _taken(self, call: Call) -> str | None:
        """The id that the call takes from another one's answer."""
        if call.takes is None:
            return None
        seen = self(call.takes)
        return taken_from(seen)


def taken_from(seen: Seen | Unseen) -> str | None:
    """The id in an answer; None where there is none."""
    found = seen.sight.answer.get("id") if isinstance(seen, Seen) else None
    return found if isinstance(found, str) else None
