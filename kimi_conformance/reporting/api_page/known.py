"""What is known of each requirement: by live runs, by tapes, or by the evidence that it states."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kimi_conformance.api.seen import Seen
from kimi_conformance.api.verification import KIMI
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.api_page.mark import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from kimi_conformance.api.trial import Trial
    from kimi_conformance.contract.catalogue import Aspect, Model
    from kimi_conformance.contract.held import Held
    from kimi_conformance.contract.requirement import Evidence, EvidenceKind, Requirement
    from kimi_conformance.reporting.api_page.mark import Word

STATED: Final[Mapping[EvidenceKind, Word]] = {
    "observed": "reported",
    "vendor-doc": "documented",
    "vendor-code": "Moonshot's code",
    "standard": "standard",
    "operator-note": "told",
    "modelled": "modelled",
}
"""What evidence that is stated is called, strongest first."""
SHOWN: Final[Mapping[str, tuple[Word, Word]]] = {
    "live": ("recorded", "recorded in part"),
    "observed": ("observed", "observed in part"),
}
"""What passing cases on tape are called, by the origin of the tape: where all cases pass, and where some do."""


@dataclass(frozen=True, slots=True)
class Known:
    """A requirement, what its cases came to, and when it last held live."""

    requirement: Requirement
    trials: tuple[Trial, ...] = ()
    held: Held | None = None

    @property
    def live(self) -> Held | None:
        """When it last held at Kimi itself: what held elsewhere is no live run."""
        return self.held if self.held and self.held.where in KIMI else None

    @property
    def mark(self) -> Mark:
        """How it is known."""
        return self._seen(self.trials, self.live) or stated(self.requirement.evidence, self.ties)

    def mark_of(self, model: Model, about: Sequence[Aspect]) -> Mark:
        """How it is known of a model: by cases that ask for it, else by what the evidence of its row is about."""
        told = [each for aspect in about for each in model.evidence_of(aspect)]
        return self.seen_of(model) or stated(told, (*self.ties, f"model.{model.id}"))

    def seen_of(self, model: Model) -> Mark | None:
        """How it was seen of a model, live or on tape; None where it was not."""
        trials = [one for one in self.trials if model.id in {call.model for call in one.case.calls}]
        return self._seen(trials, self.live if self.live and self.live.model == model.id else None)

    @property
    def ties(self) -> tuple[str, ...]:
        """The anchor of its evidence."""
        return (self.requirement.id,)

    @property
    def flaws(self) -> tuple[str, ...]:
        """What does not hold, in words, each once."""
        found = (each.message for one in self.trials for each in one.outcome.findings if _flawed(one))
        return tuple(dict.fromkeys(found))

    def _seen(self, trials: Sequence[Trial], live: Held | None) -> Mark | None:
        if bad := [one for one in trials if _flawed(one)]:
            verdicts = {one.outcome.verdict for one in bad}
            words: dict[Verdict, Word] = {
                Verdict.FAIL: "does not hold",
                Verdict.WARN: "does not hold (a SHOULD)",
                Verdict.PASS: "does not hold (a MAY)",
            }
            word = next(word for verdict, word in words.items() if verdict in verdicts)
            return Mark(word, _day(bad), self.ties, why=self.flaws[0] if self.flaws else "")
        if live:
            return Mark("live", live.held, self.ties)
        passed = [one for one in trials if one.outcome.verdict is Verdict.PASS]
        for origin, (whole, partly) in SHOWN.items():
            if shown := [one for one in passed if one.origin == origin]:
                return Mark(whole if len(passed) == len(trials) else partly, _day(shown), self.ties)
        return None


def known(
    requirements: Mapping[str, Requirement], trials: Iterable[Trial], held: Mapping[str, Held]
) -> dict[str, Known]:
    """What is known of each requirement, by id."""
    tried: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        tried[trial.case.requirement].append(trial)
    return {name: Known(rule, tuple(tried[name]), held.get(name)) for name, rule in requirements.items()}


def stated(evidence: Iterable[Evidence], ties: tuple[str, ...]) -> Mark:
    """The mark of evidence that is stated: by its strongest kind, and the newest day of that."""
    found = list(evidence)
    for kind, word in STATED.items():
        if days := [one.date for one in found if one.kind == kind]:
            return Mark(word, max(days), ties)
    return Mark("nothing", None, ties)


def _flawed(trial: Trial) -> bool:
    """Whether something was found: of a MAY that is a pass with a note."""
    verdict = trial.outcome.verdict
    return verdict in {Verdict.FAIL, Verdict.WARN} or (verdict is Verdict.PASS and bool(trial.outcome.findings))


def _day(trials: Sequence[Trial]) -> date:
    """The newest day of what was judged."""
    return max(
        one.on
        for trial in trials
        for call, one in trial.seen
        if isinstance(one, Seen) and call.name in {judged.name for judged in trial.case.calls}
    )
