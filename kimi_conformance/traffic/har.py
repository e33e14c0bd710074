"""HAR files (HTTP Archive 1.2, as browsers and proxies export them): one entry at a time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from pydantic import Field

from kimi_conformance.exchange import Exchange, Piece, Request, Response, first
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.traffic.encodings import PACKED, unbase64, utf8
from kimi_conformance.traffic.found import Found, Odd, Unreadable
from kimi_conformance.traffic.json_stream import elements
from kimi_conformance.traffic.known import day_of, host_of
from kimi_conformance.traffic.loose import Loose, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.exchange import Headers
    from kimi_conformance.traffic.source import Source

BODILESS: Final = frozenset({204, 205, 304})
NO_TYPE: Final = frozenset({"", "x-unknown"})
"""What browsers write where an answer has no media type."""
ERRORS: Final = {"REFUSED": "refused", "RESET": "reset", "TIMED_OUT": "timeout"}
"""Words in Chrome's names of transport errors, and ours for them."""


class Header(Loose):
    """A header, or a field of a form."""

    name: str
    value: str | None = None


class PostData(Loose):
    """What was sent."""

    text: str | None = None
    params: tuple[Header, ...] = ()


class Asked(Loose):
    """A request."""

    method: str
    url: str
    headers: tuple[Header, ...] = ()
    post_data: PostData | None = Field(None, alias="postData")


class Content(Loose):
    """A body, after any content encoding was undone. Browsers leave out `text` where they no longer have it."""

    text: str | None = None
    encoding: str | None = None
    mime_type: str | None = Field(None, alias="mimeType")
    size: float | None = None


class Answered(Loose):
    """A response. `status` 0: there was none."""

    status: int
    headers: tuple[Header, ...] = ()
    content: Content = Content()
    error: str | None = Field(None, alias="_error")


class Entry(Loose):
    """A request with its response. `time` is in ms."""

    request: Asked
    response: Answered
    started: str | None = Field(None, alias="startedDateTime")
    time: float | None = None


def read_har(file: str, source: Source) -> Iterator[Found]:
    """The entries of a HAR. Raises `Unreadable` where the file ends early, behind the last whole entry."""
    index = -1
    for index, value in enumerate(elements(source, "log", "entries")):
        try:
            yield Found(file, index, _sight(parsed(Entry, value, "HAR entry")))
        except Odd as odd:
            yield Found(file, index, None, str(odd))
    if index < 0:
        raise Unreadable(f"{source.name} is a HAR without entries: record traffic first, then export it")


def _sight(entry: Entry) -> Sight:
    begin, url = _ms(entry.started), entry.request.url
    end = begin + max(entry.time or 0.0, 0.0)
    said = entry.response.error or ""
    exchange = Exchange(_request(entry.request), _response(entry, end), _error(entry.response), begin, end)
    return Sight(exchange, day_of(entry.started), host_of(url), partial="ABORTED" in said)


def _request(asked: Asked) -> Request:
    data = asked.post_data or PostData()
    form = urlencode([(param.name, param.value or "") for param in data.params])
    return Request(asked.method, asked.url, _headers(asked.headers), utf8(data.text or form))


def _response(entry: Entry, end: float) -> Response | None:
    answered = entry.response
    if answered.status == 0:
        return None
    headers, content = _headers(answered.headers), answered.content
    body = _body(entry)
    if first(headers, "content-type") is None and (content.mime_type or "") not in NO_TYPE:
        headers = (*headers, ("content-type", str(content.mime_type)))
    if first(headers, "content-encoding"):
        headers = tuple(pair for pair in headers if pair[0].lower() not in PACKED)
    return Response(answered.status, headers, (Piece(end, body),) if body else (), end)


def _body(entry: Entry) -> bytes:
    """The body. Raises `Odd` where the HAR does not have it: an empty one would be judged as if it were Kimi's."""
    content, status = entry.response.content, entry.response.status
    bodiless = status in BODILESS or entry.request.method == "HEAD"
    if not content.text and not bodiless and (content.text is None or (content.size or 0) > 0):
        raise Odd("the HAR has no body for this answer; export it again with the contents of the responses")
    text = content.text or ""
    return unbase64(text) if content.encoding == "base64" else utf8(text)


def _error(answered: Answered) -> str | None:
    if answered.status and not answered.error:
        return None
    said = answered.error or "the HAR has status 0"
    kind = next((ours for word, ours in ERRORS.items() if word in said), "closed")
    return f"{kind}: {said}"


def _headers(said: tuple[Header, ...]) -> Headers:
    """Without HTTP/2's pseudo-headers, which some exporters list among the others."""
    return tuple((header.name, header.value or "") for header in said if not header.name.startswith(":"))


def _ms(started: Any) -> float:
    try:
        return datetime.fromisoformat(str(started)).timestamp() * 1000
    except ValueError:
        return 0.0
