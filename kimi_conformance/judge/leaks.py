"""Leaks: of all that was seen in a run, the secrets that stand where they do not belong."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from kimi_conformance.contract.trip import Leak
from kimi_conformance.judge.canaries import NOBODYS_OWN, found, head, needles, readings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Arrival
    from kimi_conformance.exchange import Exchange, Request
    from kimi_conformance.judge.canaries import Needle

    CaseOf: TypeAlias = Callable[[str | None, float], str]
    Find: TypeAlias = Callable[[bytes], tuple[Needle, ...]]

DOWNSTREAM: Final = "router.secret.upstream-key-never-downstream"
UPSTREAM: Final = "router.secret.client-key-never-upstream"
ELSEWHERE: Final = "router.secret.key-stays-with-its-upstream"
LOGGED: Final = "router.secret.keys-never-logged"
ECHOED: Final = "router.secret.client-key-not-echoed"
UNRESOLVED: Final = "router.secret.no-unresolved-reference-on-wire"

MODELS: Final = frozenset({"kimi", "openai", "anthropic", "portkey"})

SHORTEST: Final = 16
"""A shorter key, such as `test`, may stand anywhere."""

# A stranger's key is no secret of the run: it is looked for in what clients get, and nowhere else.
STRANGERS: Final = needles({"stranger": NOBODYS_OWN})

REFERENCE: Final = re.compile(
    rb"op(?:(?<![A-Za-z]..)|(?<=\\[nrt]..))(?::|%3[Aa])(?:\\?/|%2[Ff]){2}(?:\\/|[^\s\"'\\<>]){0,80}"
)
"""A reference of 1Password, as it stands, in JSON with its strokes escaped, and URL-encoded.

It begins with letters: whole bodies are searched for them, and looked at closer only where they stand.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was seen around one router.

    Each client's exchange, each arrival at whatever stand-in (with the mark of its ask, where it has one), and what its
    process wrote, start by start; None where that is not ours to see.
    """

    secrets: Mapping[str, str]
    clients: tuple[tuple[str, Exchange], ...]
    arrivals: tuple[tuple[str | None, Arrival], ...]
    logs: tuple[bytes, ...] | None


def leaks(profile: Profile, seen: Seen, case_of: CaseOf) -> tuple[Leak, ...]:
    """Every leak. `profile` is as it was written; `case_of` gives the case of a mark, else of a time."""
    wanted = needles(seen.secrets)
    known: dict[bytes, tuple[Needle, ...]] = {}

    def find(data: bytes) -> tuple[Needle, ...]:
        if data not in known:
            known[data] = found(wanted, data)
        return known[data]

    sent = dict(seen.clients)
    return (
        *(
            replace(leak, case=case_of(mark, exchange.start_ms))
            for mark, exchange in seen.clients
            for leak in _at_client(exchange, find)
        ),
        *(
            replace(leak, case=case_of(mark, arrival.t_ms))
            for mark, arrival in seen.arrivals
            for leak in _at_upstream(profile, arrival, sent.get(mark or ""), find)
        ),
        *_in_logs(seen.logs or (), wanted),
    )


def looked_for(secret: str) -> bool:
    """Whether a key that the suite has not made itself is long enough to be nothing else."""
    return len(secret) >= SHORTEST


def own_secret(name: str) -> bool:
    """Whether the secret `name` is a client's own."""
    return name == "client" or name.startswith("agent.")


def _at_client(exchange: Exchange, find: Find) -> Iterator[Leak]:
    response = exchange.response
    if response is None:
        return
    asked = head("", exchange.request.headers)
    given = {needle.name for needle in (*find(asked), *found(STRANGERS, asked))}
    start = head(str(response.status), response.headers)
    for part, data in (("head", start), *(("body", body) for body in readings(response.body, response.headers))):
        for needle in (*find(data), *found(STRANGERS, data)):
            rule = ECHOED if needle.name in given else DOWNSTREAM
            yield Leak(rule, needle.name, needle.encoding, f"client response, {part}", "")


def _at_upstream(profile: Profile, arrival: Arrival, client: Exchange | None, find: Find) -> Iterator[Leak]:
    request = arrival.exchange.request
    start = head(f"{request.method} {request.url}", request.headers)
    for part, data in (("head", start), *(("body", body) for body in readings(request.body, request.headers))):
        leg = f"request at {arrival.upstream}, {part}"
        for needle in find(data):
            if rule := _broken(profile, arrival.upstream, needle.name, part):
                yield Leak(rule, needle.name, needle.encoding, leg, "")
        references = REFERENCE.findall(data)
        if references and client and _says_one(client.request):
            continue  # the client's own words, which a router passes on
        for reference in references:
            yield Leak(UNRESOLVED, reference.decode("utf-8", "replace"), "unresolved", leg, "")


def _says_one(request: Request) -> bool:
    """Whether a client speaks of a vault itself."""
    return any(REFERENCE.search(said) for said in (request.body, head("", request.headers)))


def _broken(profile: Profile, at: str, name: str, part: str) -> str | None:
    """The requirement that the secret `name` breaks in this part of a request; None where it belongs there."""
    upstream = profile.upstreams.get(at)
    serves_models = upstream is not None and bool(MODELS & {*upstream.speaks})
    if upstream and upstream.secret == name:
        # What a ledger or a webhook is told is kept and read by others: its key belongs into the head alone.
        return None if part == "head" or serves_models else ELSEWHERE
    if not own_secret(name):
        return ELSEWHERE
    return None if profile.client_key == "forwarded" and serves_models else UPSTREAM


def _in_logs(logs: Iterable[bytes], wanted: Iterable[Needle]) -> Iterator[Leak]:
    """One leak for each secret and encoding, which names the first line that has it."""
    lines: dict[tuple[str, str], list[str]] = defaultdict(list)
    for start, log in enumerate(logs, 1):
        for needle in found(wanted, log):
            for number, line in enumerate(log.split(b"\n"), 1):
                if needle.data in line:
                    where = f"line {number}" if start == 1 else f"line {number} of start {start}"
                    lines[needle.name, needle.encoding].append(where)
    for (name, encoding), places in lines.items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        yield Leak(LOGGED, name, encoding, f"router log, {places[0]}{more}", "")
