"""Errors in the shape of the face and the host that answer (facts 1.23, evidence 019 and 031)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.upstream.kimi_problems import on_messages
from kimi_conformance.upstream.kimi_wire import error, refusal

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Host
    from kimi_conformance.exchange import Headers
    from kimi_conformance.serve.call import Face
    from kimi_conformance.upstream.kimi_wire import Problem
    from kimi_conformance.upstream.script import Script

CONTENT_FILTER = "content_filter"


def refuse(problem: Problem, face: Face, host: Host, more: Headers = ()) -> Script:
    """The error of `problem`; `more` headers with it.

    The coding host has Anthropic's shape for all statuses there, `error` first and without a request id. `code` and
    `param` stand with a filtered content only.
    """
    told = {"message": problem.message, "type": problem.type}
    if face == "messages" and host == "coding":
        return refusal(problem.status, {"error": {"type": problem.type, "message": problem.message}, "type": "error"})
    if face == "messages":
        return on_messages(problem, more)
    if face == "responses" and problem.status == 400:  # noqa: PLR2004 - the status is its meaning
        return refusal(400, {"error": {**told, "param": None, "code": problem.type}})
    if problem.type == CONTENT_FILTER:
        filtered = {"code": problem.status, "message": problem.message, "param": "prompt", "type": problem.type}
        return refusal(problem.status, {"error": filtered})
    return error(problem, more)
