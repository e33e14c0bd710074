"""Comparisons: requirements that two answers show together, and none alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.places import answered, count, shown, usages
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kimi_conformance.judge.api.sight import Sight

Compare: TypeAlias = "Callable[[Sequence[Sight]], Iterable[Flaw]]"

COMPARISONS: Final[dict[str, Compare]] = {}
"""Requirement id -> its comparison, of the sights of a case in their order."""


def comparison(requirement: str) -> Callable[[Compare], Compare]:
    """Register the comparison of `requirement`."""

    def register(compare: Compare) -> Compare:
        COMPARISONS[requirement] = compare
        return compare

    return register


def _rows(sight: Sight) -> dict[str, Any]:
    """The entries of a list of models by id, without what may differ from one moment to the next."""
    data = sight.answer.get("data")
    entries = [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []
    return {
        str(entry.get("id")): {name: value for name, value in entry.items() if name != "created"} for entry in entries
    }


@comparison("api.hosts.same-models-on-both")
def same_models_on_both(sights: Sequence[Sight]) -> Iterator[Flaw]:
    """Both hosts list the same models, with the same members."""
    first, second = (_rows(sight) for sight in sights)
    for name in sorted(first.keys() | second.keys()):
        if first.get(name) != second.get(name):
            message = f"{name} is listed otherwise on the other host"
            yield Flaw(shown(first.get(name)), shown(second.get(name)), f"response /data, {name}", message)


def _speed(sight: Sight) -> float | None:
    """Completion tokens per second, from the request to the end of the answer; None where it cannot be told."""
    tokens = next((count(used, "completion_tokens") for _, used in usages(sight)), None)
    seconds = (sight.exchange.end_ms - sight.exchange.start_ms) / 1000
    return tokens / seconds if sight.timed and tokens and seconds > 0 else None


@comparison("api.latency.highspeed-faster")
def highspeed_faster(sights: Sequence[Sight]) -> Iterator[Flaw]:
    """The highspeed variant of a model, which comes second, completes more tokens a second."""
    plain, fast = (_speed(sight) for sight in sights)
    if plain is None or fast is None:
        seen = "; ".join(answered(sight) for sight in sights)
        yield Flaw("two timed answers", seen, "response", "no times were measured", Verdict.NOT_OBSERVED)
    elif fast <= plain:
        message = "the highspeed variant was not faster in this one pair of answers"
        yield Flaw(f"more than {plain:.0f} tokens/s", f"{fast:.0f} tokens/s", "response", message)
