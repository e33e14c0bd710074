"""Every requirement of the API, case by case: on tape, or live."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def test_api(observed: Callable[[], None]) -> None:
    """The case holds, or says what does not."""
    observed()
