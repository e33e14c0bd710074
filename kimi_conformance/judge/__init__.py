"""The judge: pure functions from plays to findings, registered under requirement ids. No I/O, no clock."""

from kimi_conformance.judge import (
    delivery,
    dialect,
    gate,
    models,
    portkey,
    request,
    secret,
)  # each registers its checks
from kimi_conformance.judge.check import CHECKS, judge, verdict

__all__ = ["CHECKS", "delivery", "dialect", "gate", "judge", "models", "portkey", "request", "secret", "verdict"]
