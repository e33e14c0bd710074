"""What can be told of an exchange besides itself: which of Kimi's hosts it was with, and on which day."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit

from kimi_conformance.traffic.found import Odd

if TYPE_CHECKING:
    from kimi_conformance.contract.calls import Host
    from kimi_conformance.exchange import Response

PLATFORMS: Final[dict[str, Host]] = {"api.moonshot.ai": "platform-ai", "api.moonshot.cn": "platform-cn"}
CODING: Final = frozenset({"api.kimi.com", "api.kimi.ai"})
FIRST_EVENT: Final = re.compile(rb"^data:[ ]?(\{.*\})\r?$", re.MULTILINE)
HEAD_BYTES: Final = 1 << 16


def split(url: str) -> SplitResult:
    """The parts of `url`. Raises `Odd` where it is none."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise Odd(f"its URL cannot be read: {error}") from error


def host_of(url: str) -> Host | None:
    """Which of Kimi's hosts `url` is on; None for all others, routers among them. Raises `Odd` where it is no URL."""
    parts = split(url)
    name = (parts.hostname or "").rstrip(".")
    if name in CODING and (parts.path == "/coding" or parts.path.startswith("/coding/")):
        return "coding"
    return PLATFORMS.get(name)


def day_of(*said: Any) -> date | None:
    """The first of `said` that names a day, in UTC: a date, a time in ISO 8601 or as in a Date header, a Unix time."""
    return next((day for each in said if (day := _day(each))), None)


def day_of_response(response: Response) -> date | None:
    """The day of an answer: by its Date header, else by what its body says."""
    return day_of(response.header("date")) or day_created(response.body)


def day_created(body: bytes) -> date | None:
    """The day in the `created` of an answer, or of the first chunk of a stream."""
    event = FIRST_EVENT.search(body[:HEAD_BYTES])
    try:
        said = json.loads(event[1] if event else body)
    except (ValueError, RecursionError):
        return None
    return day_of(said.get("created")) if isinstance(said, dict) and isinstance(said.get("created"), int) else None


def _day(said: Any) -> date | None:
    if isinstance(said, datetime):
        return (said.astimezone(UTC) if said.tzinfo else said).date()
    if isinstance(said, date) or said is None:
        return said
    try:
        if isinstance(said, int):
            return datetime.fromtimestamp(said, UTC).date()
        return _day(datetime.fromisoformat(said)) if said[:4].isdigit() else _day(parsedate_to_datetime(said))
    except (ValueError, TypeError, OverflowError, OSError):
        return None
