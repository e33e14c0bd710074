"""Response: what an upstream answers comes back unharmed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kimi_conformance.contract.scene import Scene
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.matrix import Matrix

FINISHES = ("stop", "length", "tool_calls", "content_filter")
WHERE = "agent model surface"


def answered(m: Matrix, act: str, *, stream: bool = False) -> Iterator[Ask]:
    """One ask of each kind that is routed, which its upstream answers with this act."""
    for ask in m.subjects(stream=stream):
        yield replace(ask, scene=Scene(acts=(act,)))


@cases_of("router.response.body-untouched")
def body_untouched(m: Matrix) -> Iterator[Case]:
    """An answer with all that Kimi says, one with members that nobody knows, and one that calls tools."""
    for act in ("rich", "unknown-members", "calls"):
        for ask in answered(m, act):
            yield case(ask, vary=WHERE, answer=act)


@cases_of("router.response.reasoning-kept")
def reasoning_kept(m: Matrix) -> Iterator[Case]:
    """An answer with reasoning in it."""
    for ask in answered(m, "rich"):
        yield case(ask, vary=WHERE)


@cases_of("router.response.tool-calls-kept")
def tool_calls_kept(m: Matrix) -> Iterator[Case]:
    """An answer that calls two tools at once."""
    for ask in answered(m, "calls"):
        asked = replace(ask, members=m.bodies.tools[ask.surface]["schema"])
        yield case(asked, vary=WHERE)


@cases_of("router.response.usage-kept")
def usage_kept(m: Matrix) -> Iterator[Case]:
    """An answer with every counter: a hit in the cache, and reasoning."""
    for ask in answered(m, "rich"):
        yield case(ask, vary=WHERE)


@cases_of("router.response.finish-reason-kept")
def finish_reason_kept(m: Matrix) -> Iterator[Case]:
    """An answer for every reason to end."""
    for finish in FINISHES:
        for ask in answered(m, f"finish-{finish}"):
            yield case(ask, vary=WHERE, finish=finish)


@cases_of("router.response.status-kept")
def status_kept(m: Matrix) -> Iterator[Case]:
    """200, and another status of success."""
    for status, act in (("200", "rich"), ("202", "status-202")):
        for ask in answered(m, act):
            yield case(ask, vary=WHERE, status=status)


@cases_of("router.response.content-type-kept")
def content_type_kept(m: Matrix) -> Iterator[Case]:
    """An answer in JSON, and a stream."""
    for stream in (False, True):
        for ask in answered(m, "rich", stream=stream):
            yield case(ask, vary=f"{WHERE} stream")


@cases_of("router.response.request-id-kept")
def request_id_kept(m: Matrix) -> Iterator[Case]:
    """An answer whose headers say under which id its maker knows it."""
    for ask in answered(m, "identified"):
        yield case(ask, vary=WHERE)


@cases_of("router.response.utf8-kept")
def utf8_kept(m: Matrix) -> Iterator[Case]:
    """A text in many scripts, in plain UTF-8 and in escapes."""
    for written, act in (("plain", "letters"), ("escaped", "letters-escaped")):
        for ask in answered(m, act):
            yield case(ask, vary=WHERE, written=written)


@cases_of("router.response.gzip-handled")
def gzip_handled(m: Matrix) -> Iterator[Case]:
    """A client that takes gzip, one that takes no coding, and one that says nothing about it."""
    for accept, headers in (("gzip", "gzip"), ("identity", "identity"), ("none", "")):
        for ask in answered(m, "gzip"):
            asked = replace(ask, headers={"accept-encoding": headers} if headers else {})
            yield case(asked, vary=WHERE, accept=accept)
