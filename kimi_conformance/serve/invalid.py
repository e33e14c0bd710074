"""The error of a request that is at fault itself."""

from __future__ import annotations

from typing import Final

from kimi_conformance.upstream.kimi_wire import Problem

TYPE: Final = "invalid_request_error"


def invalid(message: str) -> Problem:
    """400 with this text as it is."""
    return Problem(400, TYPE, message)


def invalid_request(details: str) -> Problem:
    """400 with the words that most texts begin with."""
    return invalid(f"Invalid request: {details}")
