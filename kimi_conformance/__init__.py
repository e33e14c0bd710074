"""Conformance and contract tests for the Kimi API and for every router in front of it."""

__version__ = "0.1.0"
