"""The steps of a night about Kimi: plan, verify, drift; and what is made of their results."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel, ValidationError

from kimi_conformance.api.keeping import asked_in
from kimi_conformance.api.problems import BadAnswers
from kimi_conformance.cli.night_folder import SEEN
from kimi_conformance.cli.night_walk import Came, step, wrong
from kimi_conformance.contract.drifted import Drift
from kimi_conformance.contract.planned import Planned
from kimi_conformance.contract.result import Results
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.home import cassettes
from kimi_conformance.reporting.drift_words import headline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kimi_conformance.cli.night_child import Ended
    from kimi_conformance.cli.night_walk import Known, Wanted
    from kimi_conformance.contract.night import Outcome

    Document = TypeVar("Document", bound=BaseModel)

DRIFTED: Final[Mapping[int, Outcome]] = {0: "done", 1: "breaking-drift", 3: "failed"}
"""What came of `drift`, by its exit code."""

SHORT_S: Final = 300.0
LIVE_S: Final = 3 * 3600.0
"""Sixty calls of a slow model, at the pace of the lowest tier, take half of it."""


def plan(known: Known, wanted: Wanted) -> None:
    """Say what the night will cost; stop where that is too much, or where there are no funds."""
    place = wanted.out / "plan.json"

    def read(ended: Ended) -> Came:
        known.planned = read_json(place, Planned)
        if ended.code or known.planned is None:
            known.stop = "there is no plan"
            return wrong(ended)
        return _affordable(known, wanted, known.planned)

    step(known, wanted, "plan", ["plan", *_asked_for(wanted), "--json", str(place)], read, within_s=SHORT_S)


def _affordable(known: Known, wanted: Wanted, told: Planned) -> Came:
    unpriced = f", and {told.unpriced} without a known price" if told.unpriced else ""
    costs = f"{len(told.calls)} calls, at most {told.usd:.2f} USD{unpriced}"
    if told.funds is not None and told.funds <= 0:
        known.stop = f"the account has no funds: {told.account.get('balance', told.funds)}"
        return Came("failed", 3, f"{known.stop}; nothing is asked")
    if wanted.max_usd is not None and told.usd > wanted.max_usd:
        known.stop = f"{told.usd:.2f} USD would be over --max-usd {wanted.max_usd:g}"
        return Came("mistake", 2, f"{costs}: over --max-usd {wanted.max_usd:g}; nothing is asked")
    absent = f"; without {', '.join(told.missing)}" if told.missing else ""
    balance = told.account.get("balance", "not asked")
    takes = f"about {max(1, round(told.minutes))} min"
    return Came("done", 0, f"{costs}, {takes}; balance: {balance}{absent}")


def verify(known: Known, wanted: Wanted, passed: Path | None) -> None:
    """Ask Kimi: every answer is kept; those that pass go to `passed` too, where the shelf is wanted."""
    place, seen = wanted.out / "results.json", wanted.out / SEEN

    def read(ended: Ended) -> Came:
        _seen(known, wanted)
        return _verified(known, ended)

    command = ["record", "--shelf", str(passed)] if passed else ["verify", "--mode", "live"]
    kept = ["--keep", str(seen), "--verification", str(wanted.verification), "--json", str(place)]
    step(known, wanted, "verify", [*command, *_asked_for(wanted, plan_only=False), *kept], read, within_s=LIVE_S)
    if known.interrupted:
        _seen(known, wanted)


def _seen(known: Known, wanted: Wanted) -> None:
    """What the run has left: its results, and what became of each call."""
    known.results = read_json(wanted.out / "results.json", Results)
    try:
        known.asked = asked_in(wanted.out / SEEN)
    except BadAnswers:
        known.asked = None


def _verified(known: Known, ended: Ended) -> Came:
    found, stopped = known.results, known.asked.stopped if known.asked else None
    if ended.code not in (0, 1, 3) or found is None:
        return wrong(ended)
    totals = found.totals
    counts = ", ".join(f"{count} {verdict}" for verdict, count in totals.items() if count)
    failing = failing_in(found)
    if stopped:
        known.stop = stopped
    if failing:
        return Came("not-conformant", 1, f"NOT CONFORMANT: {', '.join(failing)}; {counts}{_and(stopped)}")
    if not totals.get(Verdict.PASS):
        return Came("failed", 3, f"nothing was seen to hold: {_mostly(known)}")
    if ended.code == 1:
        return Came("not-conformant", 1, f"NOT CONFORMANT: {counts}{_and(stopped)}")
    code = 3 if stopped or ended.code else 0
    return Came(
        "failed" if code else "done",
        code,
        f"{'conformant' if found.conformant else 'could not tell'}: {counts}{_and(stopped)}",
    )


def drift(known: Known, wanted: Wanted) -> None:
    """Hold what was seen against what was recorded: the calls are those of `verify`, none is made twice."""
    place = wanted.out / "drift.json"

    def read(ended: Ended) -> Came:
        known.drift = read_json(place, Drift)
        outcome = DRIFTED.get(ended.code)
        if outcome is None or known.drift is None:
            return wrong(ended)
        return Came(outcome, ended.code, headline(known.drift))

    words = [
        *("drift", "--seen", str(wanted.out / SEEN), "--json", str(place), "--markdown", str(wanted.out / "drift.md")),
        *(word for folder in recorded(wanted) for word in ("--against", str(folder))),
        *_date(wanted),
    ]
    step(known, wanted, "drift", words, read, within_s=SHORT_S)


def recorded(wanted: Wanted) -> list[Path]:
    """What was recorded: the shelf that the nights fill comes first, where it has something."""
    shelf = [wanted.shelf] if wanted.shelf and any(wanted.shelf.rglob("*.yaml")) else []
    return [*shelf, *(wanted.against or [cassettes()])]


def failing_in(results: Results) -> tuple[str, ...]:
    """The requirements that do not hold."""
    return tuple(each.id for each in results.requirements if each.verdict in {Verdict.FAIL, Verdict.STALE_KNOWN})


def read_json(place: Path, model: type[Document]) -> Document | None:
    """What a step has written; None where it has not, or not to its end."""
    try:
        return model.model_validate_json(place.read_bytes())
    except (OSError, ValidationError):
        return None


def _asked_for(wanted: Wanted, *, plan_only: bool = True) -> Sequence[str]:
    """The options that say what is asked of Kimi."""
    return [
        *("--cap", str(wanted.cap)),
        *(("--rpm", str(wanted.rpm)) if wanted.rpm else ()),
        *(("--base-url", wanted.base_url) if wanted.base_url else ()),
        *(word for glob in wanted.only for word in ("--only", glob)),
        *(("--smoke",) if wanted.smoke else ()),
        *(("--verification", str(wanted.verification)) if plan_only else ()),
        *_date(wanted),
    ]


def _date(wanted: Wanted) -> Sequence[str]:
    return ("--date", wanted.on.isoformat()) if wanted.on else ()


def _and(stopped: str | None) -> str:
    return f"; {stopped}" if stopped else ""


def _mostly(known: Known) -> str:
    """The commonest reason why a call that was tried has no answer."""
    reasons = Counter(known.asked.unseen.values()) if known.asked else Counter[str]()
    return next((why for why, _ in reasons.most_common() if "no answer" in why), "no answer passed")
