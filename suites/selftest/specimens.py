"""Healthy exchanges with Kimi, by name: what no law may find anything in, and what faults are applied to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.selftest.specimen_chat import CHATS
from suites.selftest.specimen_edges import EDGES
from suites.selftest.specimen_errors import ERRORS, KEYS, LIMITS, MISSING
from suites.selftest.specimen_lists import LISTS
from suites.selftest.specimen_messages import MESSAGES_SPECIMENS
from suites.selftest.specimen_refusals import REFUSALS
from suites.selftest.specimen_routed import ROUTED
from suites.selftest.specimen_streams import STREAMS
from suites.selftest.specimen_tolerated import TOLERATED
from suites.selftest.specimen_unusual import UNUSUAL

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

SPECIMENS: dict[str, Sight] = {
    **CHATS,
    **STREAMS,
    **REFUSALS,
    **KEYS,
    **LIMITS,
    **MISSING,
    **ERRORS,
    **MESSAGES_SPECIMENS,
    **LISTS,
    **EDGES,
    **TOLERATED,
    **ROUTED,
    **UNUSUAL,
}

PAIRS: dict[str, tuple[str, str]] = {
    "api.hosts.same-models-on-both": ("models", "models-cn"),
    "api.latency.highspeed-faster": ("speed/plain", "speed/fast"),
}
"""The two specimens that a comparison is about, by requirement."""
