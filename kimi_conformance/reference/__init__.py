"""The reference router: a small gateway by the operator's decision table, and the control of every suite.

It imports nothing of the package around it, least of all the oracle: else the control would agree with itself.
"""

from kimi_conformance.reference.app import app_from_env, config_from_env, create
from kimi_conformance.reference.steps import STEPS, Steps

__all__ = ["STEPS", "Steps", "app_from_env", "config_from_env", "create"]
