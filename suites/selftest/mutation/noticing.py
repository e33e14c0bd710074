"""Whether one of some tests notices what is different in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.selftest.mutation.outcome import Fate
from suites.selftest.mutation.session import failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from suites.selftest.mutation.forks import Ended


def noticed(items: Sequence[pytest.Item]) -> tuple[Fate, int]:
    """The fate of what is different here, and the number of the test that noticed; -1 where none did."""
    for number, item in enumerate(items):
        found = failure(item)
        if found is not None:
            return (Fate.ASSERTED if found.asserted else Fate.RAISED), number
    return Fate.SURVIVED, -1


def fate_of(ended: Ended) -> Fate:
    """The fate of a mutant whose tests ran in a fork: one that was ended never came to an end itself."""
    return Fate.ENDLESS if ended.killed_by else Fate(ended.code)
