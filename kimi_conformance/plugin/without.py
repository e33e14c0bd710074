"""The plugin in a session without `--router`: whoever asks for the router is told what is missing."""

from __future__ import annotations

from typing import NoReturn

import pytest

NEEDED = "the option --router PROFILE is needed: a path, or the name of a bundled profile"


@pytest.fixture(scope="session")
def router() -> NoReturn:
    """Fails: no profile was named."""
    pytest.fail(f"the fixture `router` has no router: {NEEDED}", pytrace=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The suites' own item is skipped."""
    if "routed" in metafunc.fixturenames:
        skipped = pytest.param(None, id="no-router", marks=pytest.mark.skip(reason=NEEDED))
        metafunc.parametrize("routed", [skipped])
