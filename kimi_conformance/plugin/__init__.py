"""The pytest plugin: options, the `router` fixture for everybody's tests, and the items of suites/routing.

In somebody's own pytest it adds options and fixtures only. The routing cases run where `--router` names a profile.
"""

from kimi_conformance.plugin.fixtures import routed, router
from kimi_conformance.plugin.hooks import (
    pytest_addoption,
    pytest_collection_finish,
    pytest_configure,
    pytest_generate_tests,
    pytest_sessionfinish,
)

__all__ = [
    "pytest_addoption",
    "pytest_collection_finish",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_sessionfinish",
    "routed",
    "router",
]
