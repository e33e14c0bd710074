"""Every routing requirement, case by case, against the router that `--router` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def test_routing(routed: Callable[[], None]) -> None:
    """The case holds, or says what does not."""
    routed()
