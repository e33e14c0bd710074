"""The session's results: gathered on the controller, put together at its end, and written to results.json."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.result import CaseResult, Results
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.plugin.options import again_of
from kimi_conformance.plugin.partial import left_behind
from kimi_conformance.plugin.steady import steady
from kimi_conformance.plugin.subject import case_in
from kimi_conformance.registry.state import suite_state
from kimi_conformance.reporting.allure import write_beside
from kimi_conformance.reporting.legible import visible
from kimi_conformance.reporting.summary import assemble
from kimi_conformance.reporting.write import CannotWrite, write_results

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from kimi_conformance.plugin.subject import Subject

INTERRUPTED = "interrupted before its verdict was known"


class Controller:
    """A plugin of its own, for pytest tells `pytest_runtest_logreport` nothing of the config.

    Every item of the test function `test` that was collected gets a verdict: one that comes to none is an infra-error,
    never a silent pass.
    """

    def __init__(self, config: pytest.Config, test: str, subject: Callable[[pytest.Config], Subject]) -> None:
        self._config = config
        self._test = test
        self._subject = subject
        self._started = datetime.now(UTC)
        self._expected: dict[str, None] = {}
        self._results: dict[str, CaseResult] = {}
        self._failures: dict[str, str] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What is to be played, where this process plays it."""
        self._expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """What is to be played, where workers play it."""
        self._expect(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:
        """With `--dist loadgroup`: each group of cases to one worker."""
        if config.getoption("dist") != "loadgroup":
            return None
        from kimi_conformance.plugin.workers import ByGroup  # noqa: PLC0415 - xdist need not be there

        return ByGroup(config, log)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the record of a case; of an item that failed without one, how."""
        for name, value in report.user_properties:
            if name == "kimi":
                result = CaseResult.model_validate_json(str(value))
                self._results[result.id] = result
        if report.failed:
            self._failures.setdefault(case_in(report.nodeid, self._test), _crash(report))

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, exitstatus: int) -> Generator[None, object, object]:
        """After all others, for only then the workers have ended: write the results down."""
        try:
            with steady():
                try:
                    outcome = yield
                finally:  # what was seen is worth more than a report that cannot be written
                    if self._expected:
                        self._finish(interrupted=exitstatus == pytest.ExitCode.INTERRUPTED)
        except (OSError, CannotWrite) as error:
            pytest.exit(f"a report cannot be written: {error}", returncode=pytest.ExitCode.USAGE_ERROR)
        return outcome

    def _expect(self, ids: Iterable[str]) -> None:
        self._expected.update(dict.fromkeys(filter(None, (case_in(nodeid, self._test) for nodeid in ids))))

    def _finish(self, *, interrupted: bool) -> None:
        if interrupted:
            for result in left_behind(self._config):
                self._results.setdefault(result.id, result)
        found = self._summarise(self._subject(self._config), interrupted=interrupted)
        if path := self._config.getoption("--kimi-results"):
            write_results(found, path)
        if folder := self._config.getoption("--alluredir", None):
            write_beside(Path(folder), found)

    def _summarise(self, about: Subject, *, interrupted: bool) -> Results:
        """All that the session saw, in the order of the plan."""
        return assemble(
            [self._results.get(name) or self._lost(name, about, interrupted=interrupted) for name in self._expected],
            about.requirements,
            target=about.target,
            command=tuple(map(visible, sys.argv)),
            mode=self._config.getoption("--kimi-mode"),
            started=self._started,
            duration_s=(datetime.now(UTC) - self._started).total_seconds(),
            notes=about.notes,
            again=visible(again_of(self._config)),
            on=about.on,
            state=suite_state(),
            known=about.known,
            shard=about.shard,
            interrupted=interrupted,
        )

    def _lost(self, name: str, about: Subject, *, interrupted: bool) -> CaseResult:
        """The record of an item that came to no verdict."""
        if name in about.idle:
            return about.idle_result(name)
        why = INTERRUPTED if interrupted else f"no verdict: {self._failures.get(name, 'the item never ran')}"
        return about.without_verdict(name, Verdict.INFRA_ERROR, visible(why))


def _crash(report: pytest.TestReport) -> str:
    """What an item failed with, in one line, and where in our code."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return (report.longreprtext.strip().splitlines() or ["nothing was said"])[-1]
    return f"{(crash.message.splitlines() or [''])[0]} ({Path(crash.path).name}:{crash.lineno})"
