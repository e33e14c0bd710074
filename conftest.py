"""The project's own pytest runs: what holds for all of them."""

from __future__ import annotations

import yaml


def pytest_configure() -> None:
    """Refuse to run on the pure-Python YAML reader: it is a hundred times slower, and nobody would notice why."""
    assert yaml.__with_libyaml__, "PyYAML has no libyaml here: install it from a wheel"
