"""The command line. `main` is its outermost frame: what goes wrong becomes one message and an exit code."""

from kimi_conformance.cli.main import main

__all__ = ["main"]
