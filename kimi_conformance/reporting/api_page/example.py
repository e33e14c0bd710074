"""An example: a call and its answer as a cassette has them, JSON folded for reading."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kimi_conformance import sse
from kimi_conformance.cassette.taped import taped
from kimi_conformance.exchange import Piece
from kimi_conformance.reporting.api_page.folded import folded
from kimi_conformance.reporting.api_page.mark import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from kimi_conformance.cassette.taped import Taped
    from kimi_conformance.contract.api_page import Example
    from kimi_conformance.contract.provenance import Origin
    from kimi_conformance.reporting.api_page.mark import Word
    from kimi_conformance.sse import Event

WORDS: Final[Mapping[Origin, Word]] = {"live": "recorded", "observed": "observed", "modelled": "modelled"}
HEADERS: Final = ("authorization", "x-api-key", "anthropic-version")
"""Those of a request that are worth a line."""
DONE: Final = "[DONE]"


@dataclass(frozen=True, slots=True)
class Shown:
    """An example as it is shown. `source` is where the answer was published, or made.

    `presumed`: the source does not show the whole request. `kept`: of each event only these members are shown.
    """

    title: str
    cassette: str
    mark: Mark
    source: str
    request: str | None
    answer: str | None
    presumed: bool
    kept: tuple[str, ...]


def shown(example: Example, shelf: Path | None = None) -> Shown:
    """The cassette of `example`, ready to be shown. Raises `BadCassette`."""
    found = taped(example.call, shelf)
    said = found.provenance
    return Shown(
        example.title,
        example.call,
        Mark(WORDS[said.origin], said.recorded_at),
        said.source,
        None if example.only == "answer" else _request(found),
        None if example.only == "request" else _answer(found, example),
        said.request == "presumed" and example.only != "answer",
        example.keep,
    )


def _request(found: Taped) -> str:
    lines = [f"{found.method} {found.url}"]
    lines += [f"{name}: {value}" for name, value in found.asked_headers if name in HEADERS]
    return "\n".join([*lines, *(("", _body(found.asked)) if found.asked else ())])


def _answer(found: Taped, example: Example) -> str:
    lines = [str(found.status), *(f"{name}: {value}" for name, value in found.headers if name in example.headers)]
    streamed = found.media == "text/event-stream"
    return "\n".join([*lines, "", *(_events(found.body, example) if streamed else [_body(found.body)])])


def _body(body: bytes) -> str:
    """A body: folded where it is JSON, else as it is."""
    try:
        return folded(json.loads(body))
    except ValueError:
        return body.decode("utf-8", "replace").rstrip("\n")


def _events(body: bytes, example: Example) -> Iterator[str]:
    """The events of a stream, a line each; of many those at its beginning and its end."""
    lines = [_event(event, example.keep) for event in sse.read([Piece(0.0, body)]).events]
    most = example.most or len(lines)
    if (left := len(lines) - 2 * most) <= 0:
        yield from lines
        return
    yield from lines[:most]
    yield f"… {left} more like these …"
    yield from lines[-most:]


def _event(event: Event, keep: Sequence[str]) -> str:
    text = event.text
    value = None if text == DONE else json.loads(text)
    if keep and isinstance(value, dict):
        kept = {key: value[key] for key in keep if key in value}
        text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}" if event.type == "message" else f"event: {event.type}\ndata: {text}\n"
