"""Batches: this Kimi runs none, so its list is empty. Shapes from the documents, texts modelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.serve.asking import member
from kimi_conformance.serve.files import missing
from kimi_conformance.serve.reading import body_of
from kimi_conformance.upstream.kimi_wire import JSON, Problem, error, headers
from kimi_conformance.upstream.script import json_answer

if TYPE_CHECKING:
    from kimi_conformance.serve.call import Call
    from kimi_conformance.upstream.script import Script


def listing(_call: Call) -> Script:
    """No batches."""
    return json_answer(200, {"object": "list", "data": [], "has_more": False}, headers(JSON))


def show(call: Call) -> Script:
    """404 to any id, to cancel it too."""
    return error(Problem(404, "resource_not_found_error", f"Not found the batch {call.id} or Permission denied"))


def create(call: Call) -> Script:
    """Refused, as if its input file were missing: what has no upload cannot be run."""
    return missing(str(member(body_of(call.request), "input_file_id")))
