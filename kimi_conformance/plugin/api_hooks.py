"""The plugin's hooks for the items of suites/api. Nothing heavy is imported before such an item is collected."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def pytest_configure(config: pytest.Config) -> None:
    """Begin the record of a session that is about the API. A replay has no network, whatever goes wrong in it."""
    for option, name in (("-n", "numprocesses"), ("--kimi-shard", "--kimi-shard")):
        if config.getoption("--kimi-mode") == "live" and config.getoption(name, None):
            raise pytest.UsageError(f"a live run asks one question at a time: it goes without {option}")
    if config.getoption("--kimi-verify") and config.getoption("--kimi-mode") == "replay":
        from pytest_recording.network import blocking_context  # noqa: PLC0415 - not needed elsewhere

        blocked = ExitStack()
        blocked.enter_context(blocking_context())
        config.add_cleanup(blocked.close)
    if config.getoption("--kimi-verify") and not hasattr(config, "workerinput"):
        from kimi_conformance.plugin import api_session, tether  # noqa: PLC0415 - heavy, and not needed elsewhere
        from kimi_conformance.plugin.controller import Controller  # noqa: PLC0415 - the same

        controller = Controller(config, api_session.TEST, api_session.subject_of)
        config.pluginmanager.register(controller, "kimi_conformance_controller")
        tether.hold()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """An item for every case of the API, and for every requirement that has none."""
    if "observed" in metafunc.fixturenames:
        from kimi_conformance.plugin.api_session import items  # noqa: PLC0415 - heavy, and not needed elsewhere

        metafunc.parametrize("observed", items(metafunc.config), indirect=True)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to show progress: now it is known how much there is to do."""
    if session.config.getoption("--kimi-verify"):
        from kimi_conformance.plugin import progress  # noqa: PLC0415 - heavy, and not needed elsewhere

        progress.begin(session)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep what a live run has recorded, and note what held."""
    if session.config.getoption("--kimi-mode") == "live":
        from kimi_conformance.plugin import api_session  # noqa: PLC0415 - heavy, and not needed elsewhere

        api_session.finish(session.config)


@pytest.fixture
def observed(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Gives the item the outcome of its case. An infra-error is raised here already: pytest calls that an error."""
    from kimi_conformance.plugin.api_items import settled  # noqa: PLC0415 - heavy, and not needed elsewhere

    return settled(request)
