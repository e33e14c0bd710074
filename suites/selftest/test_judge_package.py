"""The judge as a package: its checks come when they are asked for, and only then."""

from __future__ import annotations

import pytest

from kimi_conformance import judge
from kimi_conformance.judge import registered


@pytest.mark.parametrize("name", ["CHECKS", "ONE_SIDED", "judge", "verdict"])
def test_what_is_asked_for_comes_with_all_checks(name: str) -> None:
    assert judge.__getattr__(name) is getattr(registered, name)


def test_what_is_not_there_is_told_as_anywhere() -> None:
    with pytest.raises(AttributeError, match=r"^module 'kimi_conformance.judge' has no attribute 'jury'$"):
        judge.jury  # noqa: B018 - asking is the test
