"""From a trial to what pytest reports: the record of the case, and the outcome of its item."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import pytest

from kimi_conformance.api.seen import Seen
from kimi_conformance.api.trial import try_case
from kimi_conformance.cassette.problems import BadCassette
from kimi_conformance.contract.result import CaseResult, How
from kimi_conformance.contract.trip import Ask, Named, Play, Trip
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import one_after_another
from kimi_conformance.plugin.api_session import (
    mode_of,
    plan_of,
    remember,
    secrets_of,
    see_of,
    subject_of,
)
from kimi_conformance.plugin.options import again_of
from kimi_conformance.plugin.report import Item, conclude
from kimi_conformance.reporting.allure_item import label
from kimi_conformance.reporting.curl import curl
from kimi_conformance.reporting.record import recorded
from kimi_conformance.reporting.redact import redactor
from kimi_conformance.reporting.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.api.trial import Trial


def settled(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Try the case that the item is about; what is returned gives the item its outcome."""
    about: Item = request.param
    result = _result(request.config, about)
    request.node.user_properties.append(("kimi", result.model_dump_json()))
    requirement = plan_of(request.config).requirements[about.requirement]
    if result.verdict is Verdict.INFRA_ERROR:
        pytest.fail(f"infra-error: {result.message}", pytrace=False)

    def settle() -> None:
        if request.config.getoption("--alluredir", None):
            label(requirement, result, again=again_of(request.config))
        conclude(result, requirement, request.node, f"{again_of(request.config)} --only '{result.id}'")

    return settle


def _result(config: pytest.Config, about: Item) -> CaseResult:
    plan = plan_of(config)
    if about.case is None:
        return subject_of(config).idle_result(about.requirement)
    if about.why:
        return subject_of(config).without_verdict(about.case, Verdict.NOT_OBSERVED, about.why)
    case = plan.cases[about.case]
    try:
        mode = mode_of(config)
        trial = try_case(case, plan.requirements[case.requirement], see_of(config), plan.contract, mode=mode)
    except BadCassette as error:
        return subject_of(config).without_verdict(case.id, Verdict.INFRA_ERROR, str(error))
    remember(config, trial)
    return case_result(trial, _redactor(tuple(secrets_of(config).items())), mode=mode)


@lru_cache(maxsize=4)
def _redactor(secrets: tuple[tuple[str, str], ...]) -> Callable[[str], str]:
    return redactor(dict(secrets))


def case_result(trial: Trial, redact: Callable[[str], str], *, mode: Literal["replay", "live"]) -> CaseResult:
    """The record of a case: verdict, findings and timeline, redacted; and how it was seen."""
    case, outcome = trial.case, trial.outcome
    seen = [(call, one.sight.exchange) for call, one in trial.seen if isinstance(one, Seen)]
    exchanges = list(zip((call for call, _ in seen), one_after_another([each for _, each in seen]), strict=True))
    trips = tuple(Trip(Ask(Named(call.name, call.name)), "", each.request, each) for call, each in exchanges)
    days = [one.on for call, one in trial.seen if isinstance(one, Seen)]
    passed = outcome.verdict in {Verdict.PASS, Verdict.NOT_OBSERVED}
    subject = case.calls[-1]
    return CaseResult(
        id=case.id,
        requirement=case.requirement,
        verdict=outcome.verdict,
        message=redact(outcome.message),
        findings=recorded(outcome.findings, redact),
        how=How(
            mode=mode,
            origin=_origin(trial, mode),
            host=subject.host,
            model=subject.model,
            date=str(max(days)) if days else None,
        ),
        timeline=timeline(Play(case.id, case.requirement, trips), redact, short=passed),
        curl="" if passed or not exchanges else curl(exchanges[-1][1].request, redact),
        duration_ms=round(sum(each.end_ms - each.start_ms for _, each in exchanges), 3),
    )


def _origin(trial: Trial, mode: str) -> str:
    """What the verdict rests on: `live` (this run), `recorded` (a tape of a live run), `observed`, `modelled`."""
    origin = trial.origin
    if origin is None:
        return "unseen"
    return "recorded" if origin == "live" and mode == "replay" else origin
