"""The plugin's hooks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.plugin import progress, results, session, tether
from kimi_conformance.plugin.options import RESULTS, STARTED, add_options, plan_of
from kimi_conformance.plugin.report import Item

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

    from kimi_conformance.router.plan import Plan


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Begin the record of the session."""
    config.addinivalue_line("markers", "xdist_group(name): cases that one worker plays in one go")
    config.stash[RESULTS] = {}
    config.stash[STARTED] = datetime.now(UTC)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Gathering(config), "kimi_conformance_gathering")
    tether.hold()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """An item for every case of the profile, and for every requirement that has none."""
    if "routed" in metafunc.fixturenames:
        plan = plan_of(metafunc.config)
        metafunc.parametrize("routed", [] if plan is None else _items(metafunc.config, plan), indirect=True)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to show progress: now it is known how much there is to do."""
    progress.begin(session)


class Gathering:
    """Registered as a plugin of its own: `pytest_runtest_logreport` is told nothing of the config."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the record of a case as soon as its item is over, whatever came of it."""
        if report.when == "teardown":
            results.gather(self._config, report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the routers; on the controller, write the results down."""
    results.finish(session.config)


def _items(config: pytest.Config, plan: Plan) -> list[ParameterSet]:
    cases, idle = session.chosen(config, plan)
    played = [
        pytest.param(
            Item(case.requirement, case.id),
            id=case.id,
            marks=pytest.mark.xdist_group(f"group-{session.group_of(config, plan, case.id)}"),
        )
        for case in cases
    ]
    return played + [pytest.param(Item(name, None, why), id=name) for name, why in idle.items()]
