"""However a run is shared out, its shards merge to what the whole run would have said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.merge import merge
from suites.selftest.shards import NAMES, RULES, STATE, Made, verdicts

if TYPE_CHECKING:
    from random import Random

    from hypothesis.strategies import DrawFn

JUDGED = (Verdict.PASS, Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.INFRA_ERROR, Verdict.NOT_OBSERVED)


@st.composite
def runs(draw: DrawFn) -> Made:
    """A run of any size (of nothing, never), with entries of known_failing that may overlap and reach beyond it."""
    cases = draw(st.sets(st.tuples(st.sampled_from(NAMES[:3]), st.integers(0, 9)), max_size=24))
    said = {f"{name}@n={number}": draw(st.sampled_from(JUDGED)) for name, number in sorted(cases)}
    idle = draw(st.sets(st.sampled_from(NAMES), min_size=0 if said else 1)) - {name.split("@")[0] for name in said}
    said |= dict.fromkeys(sorted(idle), Verdict.NOT_APPLICABLE)
    if not said:
        said = {NAMES[3]: Verdict.NOT_APPLICABLE}
    beyond = f"{NAMES[0]}@n=not-chosen"
    listed = [name for name, verdict in said.items() if verdict is not Verdict.NOT_APPLICABLE]
    entry = st.frozensets(st.sampled_from([*listed, beyond]), min_size=1, max_size=8)
    known = draw(st.lists(entry, max_size=4))
    return Made(said, {f"entry-{number}": covered for number, covered in enumerate(known)})


@given(made=runs(), count=st.integers(1, 12), shuffled=st.randoms(use_true_random=False))
def test_shards_in_any_number_and_order_merge_to_the_whole(made: Made, count: int, shuffled: Random) -> None:
    shards = made.shards(count)
    shuffled.shuffle(shards)
    merged, whole = merge(shards, RULES, state=STATE), made.whole()
    assert verdicts(merged) == verdicts(whole)
    assert (merged.totals, merged.conformant) == (whole.totals, whole.conformant)
    assert merged.known_failing == whole.known_failing
    assert merged.shard is None
