"""pytest in this process: tests are collected once, and then run one by one as somebody else decides."""

from __future__ import annotations

import os
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

import kimi_conformance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROOT: Final = str(Path(kimi_conformance.__file__).parent.parent)
OPTIONS: Final = (
    *("--rootdir", ROOT, "-c", f"{ROOT}/pyproject.toml", "-o", "addopts=--import-mode=importlib -p no:cacheprovider"),
    *("--noconftest", "-p", "no:terminal", "-s"),  # our own plugin imports half of what is ours
)


class Collected:
    """A plugin: hands the collected tests to `then`, in the place of running them."""

    def __init__(self, then: Callable[[list[pytest.Item]], None]) -> None:
        self.then = then
        self.errors: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected."""
        if report.failed:
            self.errors.append(str(report.longrepr))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop."""
        session.config.option.tbstyle = "native"  # others read the source anew for every failure
        if not self.errors:
            try:
                self.then(session.items)
            except Red as red:
                self.errors.append(str(red))  # pytest would call it an error of its own
        return True


def with_tests(files: Sequence[Path | str], then: Callable[[list[pytest.Item]], None]) -> list[str]:
    """Collect the tests of `files` and call `then` with them. Where some cannot be collected, returns why instead."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    # The same examples every time, and no search for a smaller one: any is enough.
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, phases=(Phase.explicit, Phase.generate)
    )
    settings.load_profile("mutants")
    plugin = Collected(then)
    code = pytest.main([*OPTIONS, *map(str, files)], plugins=[plugin])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) and not plugin.errors:
        plugin.errors.append(f"pytest ended with {code!r}")
    return plugin.errors


class Red(Exception):
    """A test fails without any mutant, or cannot be run."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed, and whether an assertion did."""

    asserted: bool
    told: str


def failure(item: pytest.Item) -> Failure | None:
    """Run one test; None where it passes.

    A test without fixtures is called as it is, which takes a tenth of the time.
    """
    arguments = plain_arguments(item)
    if arguments is None:
        reports: Iterable[Any] = runtestprotocol(item, log=False, nextitem=None)
        report = next((report for report in reports if report.failed), None)
        return None if report is None else Failure(_asserted(report), str(report.longrepr))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            item.obj(**arguments)  # type: ignore[attr-defined]
    except pytest.skip.Exception:
        return None
    except (AssertionError, pytest.fail.Exception):
        return Failure(asserted=True, told=traceback.format_exc())
    except Exception:  # noqa: BLE001 - as pytest itself: whatever a test raises is its failure
        return Failure(asserted=False, told=traceback.format_exc())
    return None


def plain_arguments(item: pytest.Item) -> dict[str, Any] | None:
    """The arguments of a test that has nothing but parameters; None where fixtures or marks have a say."""
    if not isinstance(item, pytest.Function):
        return None
    if {mark.name for mark in item.iter_markers()} - {"parametrize"} or item.cls is not None:
        return None
    found = item._fixtureinfo.name2fixturedefs  # noqa: SLF001 - nothing public tells
    names = set(item.fixturenames)
    if any(found[name][-1].func.__name__ != "get_direct_param_fixture_func" for name in names if name in found):
        return None
    params = item.callspec.params if hasattr(item, "callspec") else {}
    return dict(params) if names == set(params) else None


def _asserted(report: Any) -> bool:
    return report.longrepr is not None and "AssertionError" in str(report.longrepr).rsplit("\n", 2)[-1]
