"""The pytest plugin: options, the `router` fixture for everybody's tests, the items of suites/routing and suites/api.

In somebody's own pytest it adds options and fixtures only. All that is heavy is imported where it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from kimi_conformance.plugin.options import add_options

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Bring in the fixtures, and with `--router` the machinery behind them."""
    part = "hooks" if config.getoption("--router") else "without"
    for name in (part, "api_hooks"):
        config.pluginmanager.register(import_module(f"{__name__}.{name}"), f"kimi_conformance_{name}")
