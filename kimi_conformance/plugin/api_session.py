"""The API's part of a pytest session: its plan, how calls are seen, and what a live run leaves behind."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import pytest

from kimi_conformance.api.budget import Budget, afford, askable, pace_of, smoke
from kimi_conformance.api.keeping import answers
from kimi_conformance.api.live import Live
from kimi_conformance.api.plan import Plan, make_plan
from kimi_conformance.api.problems import BadSurroundings, BadVerification
from kimi_conformance.api.replay import Replay
from kimi_conformance.api.shelving import kept
from kimi_conformance.api.surroundings import Surroundings, surroundings
from kimi_conformance.api.verification import noted
from kimi_conformance.cassette.shelf import newest_day
from kimi_conformance.contract.result import How, Target
from kimi_conformance.plugin.report import Item
from kimi_conformance.plugin.session import TOLD, part_of
from kimi_conformance.plugin.subject import Subject
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.reporting.redact import redactor
from kimi_conformance.reporting.write import write_whole
from kimi_conformance.router.shard import Shard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from _pytest.mark.structures import ParameterSet

    from kimi_conformance.api.call import Case
    from kimi_conformance.api.seen import See
    from kimi_conformance.api.trial import Trial

TEST: Final = "test_api"
"""The test function whose items are the cases of the API."""
NO_TURN: Final = "it was not its turn to be asked, with a cap of {} calls"
LEFT_OUT: Final = "the cap of {} calls leaves this for another run"

PLAN: Final[pytest.StashKey[Plan]] = pytest.StashKey()
SEE: Final[pytest.StashKey[See]] = pytest.StashKey()
TRIALS: Final[pytest.StashKey[dict[str, Trial]]] = pytest.StashKey()
TAPED: Final[pytest.StashKey[str]] = pytest.StashKey()
"""What a live run has put on tape, in words."""
TAPES: Final[pytest.StashKey[tempfile.TemporaryDirectory[str]]] = pytest.StashKey()


def plan_of(config: pytest.Config) -> Plan:
    """The plan of the session. A replay keeps the calendar of its cassettes, a live run that of the day.

    Raises `pytest.UsageError` for a mistake in the contracts.
    """
    if PLAN not in config.stash:
        try:
            config.stash[PLAN] = make_plan(day_of(config))
        except ContractError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[PLAN]


def is_live(config: pytest.Config) -> bool:
    """Whether calls are sent."""
    return mode_of(config) == "live"


def mode_of(config: pytest.Config) -> Literal["replay", "live"]:
    """Whether calls are played or sent."""
    return "live" if config.getoption("--kimi-mode") == "live" else "replay"


def day_of(config: pytest.Config) -> date:
    """The day that decides which models there are."""
    given: date | None = config.getoption("--kimi-date")
    return given or (datetime.now(UTC).date() if is_live(config) else newest_day())


def items(config: pytest.Config) -> list[ParameterSet]:
    """An item for each case that is chosen, in the order in which they are worth their calls, and for what is idle."""
    chosen = _chosen(config)
    mine = (config.getoption("--kimi-shard") or Shard(1, 1)).of([repr(item) for item in chosen])
    return [pytest.param(item, id=repr(item)) for item in chosen if repr(item) in mine]


def _chosen(config: pytest.Config) -> list[Item]:
    cases, idle = plan_of(config).select(config.getoption("--kimi-only"))
    if config.getoption("--kimi-smoke"):
        cases, idle = smoke(cases), {}
    over: Sequence[Case] = ()
    if is_live(config):
        budget = _budget(config, askable(cases))
        cases, over = budget.asked, budget.over
    chosen = [Item(case.requirement, case.id) for case in cases]
    chosen += [Item(case.requirement, case.id, LEFT_OUT.format(config.getoption("--kimi-cap"))) for case in over]
    return chosen + [Item(name, None, why) for name, why in idle.items()]


def _budget(config: pytest.Config, cases: Sequence[Case]) -> Budget:
    try:
        return afford(cases, config.getoption("--kimi-cap"), _around(config), config.getoption("--kimi-verification"))
    except BadVerification as error:
        raise pytest.UsageError(str(error)) from error


def see_of(config: pytest.Config) -> See:
    """How calls are seen in this session. Raises `pytest.UsageError` for an environment that will not do."""
    if SEE not in config.stash:
        config.stash[SEE] = _live(config) if is_live(config) else Replay()
    return config.stash[SEE]


def _around(config: pytest.Config) -> Surroundings:
    try:
        return surroundings(os.environ, config.getoption("--kimi-base-url"))
    except BadSurroundings as error:
        raise pytest.UsageError(str(error)) from error


def _live(config: pytest.Config) -> Live:
    around = _around(config)
    config.stash[TAPES] = tapes = tempfile.TemporaryDirectory(prefix="kimi-conformance-tapes-")
    return Live(
        around,
        day_of(config),
        Path(tapes.name),
        cap=config.getoption("--kimi-cap"),
        pace_s=pace_of(around, config.getoption("--kimi-rpm")),
    )


def secrets_of(config: pytest.Config) -> Mapping[str, str]:
    """The keys of a live run, which nothing that is written down may hold."""
    see = see_of(config)
    return {f"key.{name}": value for name, value in see.around.keys.items()} if isinstance(see, Live) else {}


def remember(config: pytest.Config, trial: Trial) -> None:
    """Keep what a case came to for the end of a live run, and tell that it is over."""
    config.stash.setdefault(TRIALS, {})[trial.case.id] = trial
    config.stash.get(TOLD, lambda _: None)(trial.case.id)


def subject_of(config: pytest.Config) -> Subject:
    """What the controller needs to know of the API's cases."""
    plan, see = plan_of(config), see_of(config)
    name = f"Kimi at {see.where}" if isinstance(see, Live) else "Kimi, on tape"
    return Subject(
        requirements=plan.requirements,
        owner={case.id: case.requirement for case in plan.cases.values()},
        idle=plan.idle,
        target=Target(name=name, version=str(plan.on)),
        how=How(mode=mode_of(config), origin="unseen"),
        on=plan.on,
        shard=part_of(config, lambda: [repr(item) for item in _chosen(config)]),
        notes=tuple(filter(None, (see.stopped if isinstance(see, Live) else None, config.stash.get(TAPED, None)))),
    )


def _taped(written: int, secret: int, folder: Path) -> str:
    number = f"{written} cassette{'' if written == 1 else 's'}" if written else "no cassette"
    left = f"; {secret} left out, for a key stands in the answer" if secret else ""
    return f"{number} written to {folder}{left}"


def finish(config: pytest.Config) -> None:
    """At the end of a live run: keep the cassettes of what passed, and note when each requirement held."""
    see, trials = config.stash.get(SEE, None), config.stash.get(TRIALS, {})
    if isinstance(see, Live):
        if folder := config.getoption("--kimi-record"):
            redact = redactor(dict(secrets_of(config)))
            tapes = [(place, tape.decode()) for place, tape in kept(see, trials.values(), plan_of(config), folder)]
            fit = [(place, text) for place, text in tapes if redact(text) == text]  # a key comes back in any disguise
            for place, text in fit:
                write_whole(place, text.encode())
            config.stash[TAPED] = _taped(len(fit), len(tapes) - len(fit), folder)
        if folder := config.getoption("--kimi-answers"):
            redact, why = redactor(dict(secrets_of(config))), NO_TURN.format(see.cap)
            for place, data in answers(see, plan_of(config).calls.values(), folder, redact, why):
                write_whole(place, data)
        if file := config.getoption("--kimi-verification"):
            write_whole(file, noted(file, trials.values(), see))
    if TAPES in config.stash:
        config.stash[TAPES].cleanup()
