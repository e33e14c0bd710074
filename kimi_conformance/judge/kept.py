"""Whether an upstream's error reached the client: its status, and what it says, wherever in the body that stands."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import FACES, LONGEST, face
from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.failing import BAD, SERVERS, TOO_MANY, refusals, said, told, unpacked
from kimi_conformance.judge.json_diff import differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.exchange import Response
    from kimi_conformance.judge.failing import Told

IDS: Final = re.compile(r"\b(?:org|ak)-[0-9a-z]+|[<>]")
"""What a message says of the account: a router may well keep that to itself."""
ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
"""What JSON writes as a backslash and a letter that does not stand for itself (RFC 8259, section 7)."""
CLIENT_CLOSED: Final = 499
WHERE: Final = "client response"


def kept(trip: Trip, among: Iterable[Response] | None = None) -> list[Flaw]:
    """What of the upstream's error did not reach the client. Of several errors, the one that it resembles most counts.

    `among`: the errors of which it must be one; without, any that an upstream said.
    """
    errors = list(refusals(trip) if among is None else among)
    if not errors:
        return [_nothing_to_keep(trip)]
    client, expected = trip.client.response, f"the upstream's {errors[-1].status}"
    if client is None:
        return [Flaw(expected, str(trip.client.error), WHERE, f"the client got no answer: {trip.client.error}")]
    if trip.client.error:
        return [Flaw(expected, trip.client.error, WHERE, f"the answer broke off: {trip.client.error}")]
    if client.status < BAD:
        return [Flaw(expected, str(client.status), WHERE, f"an error of the upstream became {client.status}")]
    return min(([*_unlike(client, error, translated=_translated(trip))] for error in errors), key=_badness)


def got(trip: Trip) -> str:
    """What the client got, in a few words."""
    return f"status {trip.client.status}" if trip.client.status else str(trip.client.error)


def _nothing_to_keep(trip: Trip) -> Flaw:
    message = f"no upstream said an error that could have been kept; the client got {got(trip)}"
    return Flaw("an error of an upstream", "none", "upstream", message, Verdict.NOT_OBSERVED)


def _unlike(client: Response, error: Response, *, translated: bool) -> Iterator[Flaw]:
    if client.status != error.status:
        yield _status(client, error)
    yield from _body(client, error, translated=translated)
    yield from _waits(client, error)


def _waits(client: Response, error: Response) -> Iterator[Flaw]:
    """Whether the client is told when to come again, where the upstream says it; some routers rename the header."""
    waits = error.header("retry-after")
    if waits is None or client.header("retry-after") is not None:
        return
    where = f"{WHERE} header retry-after"
    renamed = next((name for name, _ in client.headers if name.lower().endswith("-retry-after")), None)
    if renamed:
        message = f"Retry-After comes as {renamed}, where no client looks for it"
        yield Flaw(waits, renamed, where, message, Verdict.WARN)
    else:
        message = "Retry-After is lost: the client cannot know when to come again"
        yield Flaw(waits, "absent", where, message)


def _status(client: Response, error: Response) -> Flaw:
    """Another 5xx, and another for 499, which no standard knows, say as much; every other status has a meaning."""
    another = error.status >= SERVERS and client.status >= SERVERS
    verdict = Verdict.WARN if another or error.status == CLIENT_CLOSED else Verdict.FAIL
    message = f"the upstream's {error.status} became {client.status}"
    return Flaw(str(error.status), str(client.status), f"{WHERE} status", message, verdict)


def _body(client: Response, error: Response, *, translated: bool) -> Iterator[Flaw]:
    words = told(error)
    if words is None:
        return
    mine = said(client)
    if not list(differences(said(error), mine)):
        return
    text, shown = _text(client), _shown(client)
    if text is None:
        yield Flaw(words.message, shown, WHERE, "the body is not in the coding that its header names")
        return
    lost = not all(part in text for part in _parts(words.message))
    if lost:
        yield Flaw(words.message, shown, WHERE, f"what the upstream said is lost: {words.message}")
    if translated:
        return  # the other wire has words of its own for the type
    if words.type not in text:
        verdict = Verdict.FAIL if error.status == TOO_MANY else Verdict.WARN
        yield Flaw(words.type, shown, f"{WHERE} /error/type", f"the error's type is lost: {words.type}", verdict)
    elif not lost and not _where_clients_look(client, words):
        message = f"type and message are not where clients look, but elsewhere in the body: {shown}"
        yield Flaw(words.type, shown, f"{WHERE} /error/type", message, Verdict.WARN)


def _where_clients_look(client: Response, words: Told) -> bool:
    mine = told(client)
    return mine is not None and mine.type == words.type and all(part in mine.message for part in _parts(words.message))


def _parts(message: str) -> list[str]:
    """The message but for the ids of the account, without the blanks around those."""
    return [part.strip() for part in IDS.split(message) if part.strip()]


def _text(response: Response) -> str | None:
    """All that a client can read in the body: as it stands, and with the escapes of JSON resolved, twice over.

    A router that puts the upstream's body into a message of its own escapes it once more.
    """
    body = unpacked(response)
    if body is None:
        return None
    text = body.decode("utf-8", "replace")
    once = json.dumps(said(response), ensure_ascii=False)
    return "\n".join([text, once, _unescaped(once), _unescaped(_unescaped(once))])


def _unescaped(text: str) -> str:
    """The text without one layer of JSON's escapes; half a character alone is replaced."""
    plain = ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else LETTERS.get(found[2], found[2]), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _translated(trip: Trip) -> bool:
    return any(face(arrival.exchange.request.url) != FACES[trip.ask.surface] for arrival in trip.arrivals)


def _shown(response: Response) -> str:
    body = unpacked(response)
    text = (response.body if body is None else body).decode("utf-8", "backslashreplace")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _badness(flaws: list[Flaw]) -> tuple[int, int]:
    return sum(flaw.verdict is Verdict.FAIL for flaw in flaws), len(flaws)
