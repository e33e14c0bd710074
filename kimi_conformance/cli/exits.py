"""Exit codes of the command line (DESIGN.md, section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict

if TYPE_CHECKING:
    from kimi_conformance.contract.result import Results

CONFORMANT: Final = 0
NOT_CONFORMANT: Final = 1
USAGE: Final = 2
INFRA: Final = 3
UNEXPECTED: Final = 70
INTERRUPTED: Final = 130


def exit_code(results: Results) -> int:
    """2 where nothing was executed, else 1 not conformant, else 3 infra-error, else 0."""
    seen = {verdict for verdict, count in results.totals.items() if count}
    if not seen - {Verdict.NOT_APPLICABLE}:
        return USAGE
    if seen & {Verdict.FAIL, Verdict.STALE_KNOWN}:
        return NOT_CONFORMANT
    if Verdict.INFRA_ERROR in seen:
        return INFRA
    return CONFORMANT if results.conformant else NOT_CONFORMANT
