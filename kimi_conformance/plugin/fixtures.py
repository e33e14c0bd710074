"""The plugin's fixtures with `--router`: `router` for everybody's tests, `routed` for the items of suites/routing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.plugin.handle import RouterHandle
from kimi_conformance.plugin.options import again_of
from kimi_conformance.plugin.report import Item, case_result, conclude
from kimi_conformance.plugin.session import judged, plan_of, subject_of, tools_of
from kimi_conformance.reporting.allure_item import label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kimi_conformance.contract.result import CaseResult


@pytest.fixture(scope="session")
def router(pytestconfig: pytest.Config) -> Iterator[RouterHandle]:
    """The router that `--router` names, between its stand-ins: `router.ask(model=…, agent=…)` makes one trip."""
    try:
        plan = plan_of(pytestconfig)
    except pytest.UsageError as error:
        pytest.fail(str(error), pytrace=False)
    with RouterHandle.opened(plan, tools_of(pytestconfig, plan)) as handle:
        yield handle


@pytest.fixture
def routed(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Gives the item the outcome of its case. An infra-error is raised here already: pytest calls that an error."""
    about: Item = request.param
    result = _result(request, about)
    request.node.user_properties.append(("kimi", result.model_dump_json()))
    requirement = plan_of(request.config).requirements[about.requirement]
    if result.verdict is Verdict.INFRA_ERROR:
        pytest.fail(f"infra-error: {result.message}", pytrace=False)

    def settle() -> None:
        if request.config.getoption("--alluredir", None):
            label(requirement, result, again=again_of(request.config))
        conclude(result, requirement, request.node, f"{again_of(request.config)} --only '{result.id}'")

    return settle


def _result(request: pytest.FixtureRequest, about: Item) -> CaseResult:
    if about.case is None:
        return subject_of(request.config).idle_result(about.requirement)
    verdict, run = judged(request.node, about.case)
    return case_result(about.case, about.requirement, verdict, run)
