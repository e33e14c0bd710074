"""The session's results: put together on the controller at its end, and written to results.json."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kimi_conformance.contract.result import CaseResult, Results, Target
from kimi_conformance.plugin.options import RESULTS, STARTED, plan_of
from kimi_conformance.plugin.report import case_result
from kimi_conformance.plugin.session import close_runs, interrupted
from kimi_conformance.reporting.allure import write_extras
from kimi_conformance.reporting.summary import assemble
from kimi_conformance.reporting.write import write_results

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from kimi_conformance.router.plan import Plan


def gather(config: pytest.Config, report: pytest.TestReport) -> None:
    """Take the case that a report carries."""
    for name, value in report.user_properties:
        if name == "kimi":
            result = CaseResult.model_validate_json(str(value))
            config.stash[RESULTS][result.id] = result


def finish(config: pytest.Config) -> None:
    """End the routers of this process. On the controller: write results.json, and what Allure wants beside its own."""
    try:
        for case, (judged, run) in interrupted(config).items():
            if case not in config.stash[RESULTS]:
                requirement = case.split("@", 1)[0]
                config.stash[RESULTS][case] = case_result(case, requirement, judged, run)
    finally:
        close_runs(config)
    plan = plan_of(config)
    if plan is None or hasattr(config, "workerinput") or not config.stash[RESULTS]:
        return
    found = summarise(config, plan)
    if path := config.getoption("--kimi-results"):
        write_results(found, path)
    if folder := config.getoption("--alluredir", None):
        write_extras(Path(folder), found)


def summarise(config: pytest.Config, plan: Plan) -> Results:
    """All that the session saw."""
    started = config.stash[STARTED]
    profile = plan.loaded.profile
    return assemble(
        config.stash[RESULTS].values(),
        plan.requirements,
        target=Target(name=profile.name, version=profile.version, profile_sha256=plan.loaded.sha256),
        command=tuple(sys.argv),
        mode=config.getoption("--kimi-mode"),
        started=started,
        duration_s=(datetime.now(UTC) - started).total_seconds(),
        notes=tuple(_notes(plan)),
    )


def _notes(plan: Plan) -> Iterator[str]:
    for entry in plan.expired:
        yield f"known_failing '{entry.case}' counts no more since {entry.until}: {entry.reason}"
