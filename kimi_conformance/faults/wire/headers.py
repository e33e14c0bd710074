"""Answers that lack the headers by which the support finds them."""

from __future__ import annotations

from typing import Final

from kimi_conformance.faults.wire.whole import header
from kimi_conformance.faults.wire.wire_fault import wire

REFUSED: Final = "refused/api.sampling.temperature-fixed"

FAULTS: Final = (
    wire(
        "request-ids-missing",
        "An error does not say which request it was.",
        header("msh-request-id", lambda _: None),
        "api.headers.request-ids",
        on=REFUSED,
    ),
    wire(
        "trace-id-missing",
        "An answer has no trace id.",
        header("x-msh-trace-id", lambda _: None),
        "api.headers.request-ids",
        on="chat",
    ),
    wire(
        "trace-mode-missing",
        "An answer does not say that it was traced.",
        header("msh-trace-mode", lambda _: None),
        "api.headers.trace-mode",
        on="chat",
    ),
    wire(
        "trace-mode-off",
        "An answer says that it was not traced.",
        header("msh-trace-mode", lambda _: "off"),
        "api.headers.trace-mode",
        on=REFUSED,
    ),
    wire(
        "request-id-of-another-form",
        "The id of a request is no UUID.",
        header("msh-request-id", lambda _: "req_1"),
        "api.headers.request-ids",
        on="chat",
    ),
)
