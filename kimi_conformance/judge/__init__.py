"""The judge: pure functions from plays to findings, registered under requirement ids. No I/O, no clock."""

from kimi_conformance.judge import (  # each registers its checks
    delivery,
    dialect,
    gate,
    messages_answer,
    messages_errors,
    messages_members,
    messages_stream,
    messages_texts,
    messages_tools,
    models,
    portkey,
    request,
    response,
    secret,
    stream,
    stream_life,
)
from kimi_conformance.judge.check import CHECKS, judge, verdict

__all__ = [
    "CHECKS",
    "delivery",
    "dialect",
    "gate",
    "judge",
    "messages_answer",
    "messages_errors",
    "messages_members",
    "messages_stream",
    "messages_texts",
    "messages_tools",
    "models",
    "portkey",
    "request",
    "response",
    "secret",
    "stream",
    "stream_life",
    "verdict",
]
