"""Two answers to one request: whether they can be compared at all, and everything that differs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.places import outlined
from kimi_conformance.judge.api.sight import NO_JSON, read_json
from kimi_conformance.judge.drift.bodies import Bodies
from kimi_conformance.judge.drift.heads import header_changes
from kimi_conformance.judge.drift.listings import entry_changes, list_changes, list_shape
from kimi_conformance.judge.drift.members import survey
from kimi_conformance.judge.drift.order import framing_changes, order_changes
from kimi_conformance.judge.drift.refusals import error_changes, form_changes, status_changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.contract.drift_rules import DriftRules, Surveyed
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.judge.drift.change import Change
    from kimi_conformance.judge.drift.members import Survey

PASSING: Final = frozenset({408, 429, 500, 502, 503, 504, *range(520, 531)})
"""What is over soon: it says nothing of the request that was answered so."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs between two answers; `chosen` are members by a model's doing, and whether each is gone."""

    shape: Surveyed | None
    changes: Sequence[Change]
    chosen: Sequence[tuple[Surveyed, str, bool]] = ()


def why_not(before: Sight, after: Sight, *, key_refused: bool = False) -> str | None:
    """Why two answers cannot be compared; None where they can. `key_refused`: the host takes the key of no call."""
    for sight, side in ((before, "recorded"), (after, "seen")):
        if sight.exchange.response is None:
            return (
                f"no answer: {sight.exchange.error or 'none was kept'}" if side == "seen" else "no answer is recorded"
            )
        if sight.exchange.error is not None or sight.torn:
            return f"the {side} answer was cut short: {sight.exchange.error or 'its source shows only a part'}"
    if before.status == after.status:
        return None
    if after.status in PASSING and after.key != "drained":
        return f"answered {outlined(after)}: that is over soon, and says nothing of this request"
    if before.status in PASSING and before.key != "drained":
        return f"the recorded answer is {outlined(before)}, which was over soon"
    if key_refused and after.status == HTTPStatus.UNAUTHORIZED and after.key == "own":
        return "the host refused the key in every call: nothing is known of its answers"
    return None


def compare(before: Sight, after: Sight, rules: DriftRules, contract: Contract) -> Compared:
    """Everything that differs. Ask `why_not` first. Where status or form differ, the bodies are not compared."""
    for changes in ([*status_changes(before, after)], [*form_changes(before, after)]):
        if changes:
            return Compared(before.shape, [*changes, *header_changes(before, after, rules)])
    shape = surveyed(before)
    found: list[Change] = []
    found += error_changes(before, after, rules)
    if listed := list_shape(before):
        found += list_changes(before, after, rules, contract.catalogue)
        found += entry_changes(before, after, listed, rules, contract)
    if before.streamed:
        found += [*order_changes(before, after), *framing_changes(before, after)]
    chosen: list[tuple[Surveyed, str, bool]] = []
    if shape is not None:
        was, now = (_survey(side, shape, rules, contract) for side in (before, after))
        bodies = Bodies(was, now, shape, rules, pieces=before.streamed)
        found += [_placed(change, before) for change in bodies.changes()]
        chosen += bodies.chosen()
    found += header_changes(before, after, rules)
    told = {change.where for change in found if change.kind == "error-type"}
    kept = [each for each in found if each.kind != "value" or each.where not in told]
    return Compared(shape, kept, chosen)


def surveyed(sight: Sight) -> Surveyed | None:
    """What an answer is, for the rules."""
    return "responses" if sight.face == "responses" and sight.ok else sight.shape


def _survey(sight: Sight, shape: Surveyed | None, rules: DriftRules, contract: Contract) -> Survey:
    schema = None if shape in (None, "responses") else contract.schemas.documents[str(shape)]
    return survey(_documents(sight), schema, rules)


def _documents(sight: Sight) -> Iterator[Any]:
    """The JSON of an answer, event by event; of a list of models, without its entries."""
    if sight.streamed:
        read = (read_json(event.data) for event in sight.reading.events)
        yield from (each for each in read if each is not NO_JSON)
    elif list_shape(sight) and isinstance(sight.answer.get("data"), list):
        yield {**sight.answer, "data": []}
    elif sight.body is not NO_JSON:
        yield sight.body


def _placed(change: Change, sight: Sight) -> Change:
    """The change with its place in a stream said as such."""
    return replace(change, where=f"event {change.where}") if sight.streamed else change
