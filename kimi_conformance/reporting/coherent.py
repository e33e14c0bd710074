"""Whether results say of themselves what their cases say: a file that was edited by hand does not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kimi_conformance.contract.verdict import Verdict, conformant, worst

if TYPE_CHECKING:
    from kimi_conformance.contract.result import Results


def contradiction(results: Results) -> str | None:
    """The first place in which verdicts, totals or `conformant` do not follow from the cases; None where all do."""
    for index, each in enumerate(results.requirements):
        verdicts = [case.verdict for case in each.cases]
        if not verdicts:
            return f"/requirements/{index}: {each.id} has no case"
        if each.verdict is not worst(verdicts):
            return f"/requirements/{index}/verdict: {each.id} is {each.verdict}, its cases come to {worst(verdicts)}"
    counted = Counter(case.verdict for each in results.requirements for case in each.cases)
    for verdict in Verdict:
        if results.totals.get(verdict, 0) != counted[verdict]:
            said = results.totals.get(verdict, 0)
            return f"/totals/{verdict}: it says {said}, and there {_are(counted[verdict])}"
    if results.conformant is not conformant(counted.keys()):
        return f"/conformant: it says {str(results.conformant).lower()}, and the cases do not"
    return None


def _are(count: int) -> str:
    return f"is {count} such case" if count == 1 else f"are {count} such cases"
