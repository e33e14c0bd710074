"""The plugin's hooks in a session with `--router`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kimi_conformance.plugin import progress, session, tether
from kimi_conformance.plugin.controller import Controller
from kimi_conformance.plugin.fixtures import routed, router
from kimi_conformance.plugin.partial import end_runs
from kimi_conformance.plugin.report import Item

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

    from kimi_conformance.router.plan import Plan

__all__ = [
    "pytest_collection_finish",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_sessionfinish",
    "routed",
    "router",
]


def pytest_configure(config: pytest.Config) -> None:
    """Begin the record of the session, where it is kept."""
    if not hasattr(config, "workerinput"):
        controller = Controller(config, session.TEST, session.subject_of)
        config.pluginmanager.register(controller, "kimi_conformance_controller")
    tether.hold()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """An item for every case of the profile, and for every requirement that has none."""
    if "routed" in metafunc.fixturenames:
        plan = session.plan_of(metafunc.config)
        metafunc.parametrize("routed", _items(metafunc.config, plan), indirect=True)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to show progress: now it is known how much there is to do."""
    progress.begin(session)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """End the routers of this process."""
    end_runs(session.config, interrupted=exitstatus == pytest.ExitCode.INTERRUPTED)


def _items(config: pytest.Config, plan: Plan) -> list[ParameterSet]:
    cases, idle = session.chosen(config, plan)
    played = [pytest.param(Item(case.requirement, case.id), id=case.id) for case in cases]
    return played + [pytest.param(Item(name, None, why), id=name) for name, why in idle.items()]
