"""A night as a page of Markdown, and as a message. It carries dates, never ages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.reporting.drift_page import code
from kimi_conformance.reporting.legible import one_line
from kimi_conformance.reporting.message import AMBER, GREEN, RED, Line, message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kimi_conformance.contract.drifted import Drift
    from kimi_conformance.contract.night import Night, Step, Told

WORDS: Final = {0: "All is well", 1: "Something does not hold", 2: "A mistake in the set-up", 3: "Nothing can be said"}
COLOURS: Final = {0: GREEN, 1: RED}
LAST: Final = 14
FULL: Final = 30
LONGEST: Final = 300


def night_page(night: Night, before: Sequence[Told], drift: Drift | None) -> str:
    """The whole page. `before` are the nights of the history, the newest last, without this one."""
    return "\n".join(_lines(night, before, drift)).rstrip() + "\n"


def night_message(
    night: Night, before: Sequence[Told], drift: Drift | None, redact: Callable[[str], str]
) -> dict[str, Any]:
    """What a webhook is told of a night: every step that did not do well, and what broke."""
    told = night.told
    lines = [Line(step.name, step.says) for step in night.steps if step.code]
    if drift:
        lines += [Line(each.says, f"{each.where}: {each.before} → {each.after}") for each in drift.of("breaking")]
    text = f"{told.where or 'Kimi'}, {told.began:%Y-%m-%d %H:%M} UTC. {since(told, before)}"
    return message(
        f"{word_of(told)}: Kimi, the night of {told.began:%Y-%m-%d}", text, lines, COLOURS.get(told.code, AMBER), redact
    )


def word_of(told: Told) -> str:
    """What a night came to, in a few words."""
    return WORDS.get(told.code, "Interrupted")


def since(told: Told, before: Sequence[Told]) -> str:
    """What is new since the last night of which something could be said."""
    last = next((each for each in reversed(before) if each.conformant is not None or each.drift is not None), None)
    if last is None:
        return "There is no earlier night to compare with."
    day = f"{last.began:%Y-%m-%d}"
    new = [*sorted(set(told.failing) - set(last.failing)), *sorted(set(told.breaking) - set(last.breaking))]
    over = [*sorted(set(last.failing) - set(told.failing)), *sorted(set(last.breaking) - set(told.breaking))]
    parts = [
        f"New since {day}: {', '.join(new)}." if new else "",
        f"Over since {day}: {', '.join(over)}." if over else "",
    ]
    return " ".join(filter(None, parts)) or f"Nothing is new since {day}."


def _lines(night: Night, before: Sequence[Told], drift: Drift | None) -> Iterator[str]:
    told = night.told
    yield f"# {word_of(told)}: the night of {told.began:%Y-%m-%d}\n"
    begun = f"begun {told.began:%Y-%m-%d %H:%M} UTC, kimi-conformance {told.suite}"
    yield f"{code(told.where or 'Kimi')}, {begun}. {one_line(since(told, before), LONGEST)}\n"
    yield "| step | | what it came to | s |"
    yield "| --- | --- | --- | --- |"
    yield from (_row(step) for step in night.steps)
    yield ""
    if told.failing:
        yield "## Does not hold\n"
        yield from (f"- {code(name)}" for name in told.failing[:FULL])
        yield ""
    if drift and drift.of("breaking"):
        yield "## Breaking drift\n"
        yield from (
            f"- {code(each.where)}: {code(each.before)} → {code(each.after)}" for each in drift.of("breaking")[:FULL]
        )
        yield "\n[drift.md](drift.md) has all of it, with the evidence.\n"
    if before:
        yield "## Nights before\n"
        yield "| night | | failing | breaking | additive | calls | USD at most |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        yield from (_night(each) for each in reversed(before[-LAST:]))


def _row(step: Step) -> str:
    said = one_line(step.says, LONGEST).replace("|", "\\|").replace("<", "&lt;")
    return f"| {step.name} | {step.outcome} | {said} | {step.took_s:g} |"


def _night(told: Told) -> str:
    drift = told.drift or {}
    cells = [
        f"{told.began:%Y-%m-%d %H:%M}",
        word_of(told),
        len(told.failing),
        drift.get("breaking", "-"),
        drift.get("additive", "-"),
        told.asked,
        f"{told.usd:.2f}",
    ]
    return f"| {' | '.join(map(str, cells))} |"
