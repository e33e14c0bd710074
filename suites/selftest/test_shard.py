"""Shards and groups: every case is played once, and those of one known failing together."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.profile import KnownFailing
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.case import case
from kimi_conformance.router.plan import Known, make_plan
from kimi_conformance.router.shard import Shard, groups, parse_shard
from suites.selftest.plays import TODAY, ask

if TYPE_CHECKING:
    from kimi_conformance.router.case import Case

NAMES: Final = tuple("abcdefghijk")


@pytest.mark.parametrize("count", [1, 2, 5, 11, 20])
def test_shards_are_disjoint_and_complete_and_even(count: int) -> None:
    parts = [Shard(index, count).of(NAMES) for index in range(1, count + 1)]
    assert Counter(name for part in parts for name in part) == Counter(NAMES)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_shards_of_a_real_plan_are_disjoint_and_complete() -> None:
    names = tuple(make_plan(load_profile("reference"), TODAY).cases)
    for count in (1, 2, 5):
        parts = [Shard(index, count).of(names) for index in range(1, count + 1)]
        assert Counter(name for part in parts for name in part) == Counter(names)


def test_a_shard_takes_every_nth_name_from_its_own() -> None:
    assert Shard(1, 3).of(NAMES) == {*"adgj"}
    assert Shard(3, 3).of(NAMES) == {*"cfi"}


@pytest.mark.parametrize(("text", "shard"), [("1/1", Shard(1, 1)), ("2/5", Shard(2, 5)), ("05/10", Shard(5, 10))])
def test_a_shard_is_read_as_it_is_written(text: str, shard: Shard) -> None:
    assert parse_shard(text) == shard


@pytest.mark.parametrize(
    "text", ["", "1", "/", "0/2", "3/2", "1/0", "0/0", "-1/2", "1/-2", "a/b", "1/2/3", "1.0/2", "²/3"]
)
def test_what_is_no_shard_is_said(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=r"is no shard: it takes I/N with 1 <= I <= N, such as 2/5$") as raised:
        parse_shard(text)
    assert repr(text) in str(raised.value)


def cases(names: str) -> list[Case]:
    return [replace(case(ask()), requirement=name) for name in names]


def known(*covered: str) -> list[Known]:
    entry = KnownFailing(case="any", reason="seen by hand")
    return [Known(entry, frozenset(names)) for names in covered]


def test_without_known_failings_cases_are_dealt_out_in_turn() -> None:
    assert groups(cases("abcde"), [], 2) == {"a": 0, "b": 1, "c": 0, "d": 1, "e": 0}


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize(
    "covered",
    [
        pytest.param(("bcd",), id="one"),
        pytest.param(("ab", "cd", "ef"), id="apart"),
        pytest.param(("abc", "cde", "efg"), id="a-chain"),
        pytest.param(("abcdefghijk", "b", "k"), id="one-in-another"),
    ],
)
def test_the_cases_of_a_known_failing_are_played_together(covered: tuple[str, ...], count: int) -> None:
    dealt = groups(cases("abcdefghijk"), known(*covered), count)
    assert set(dealt) == {*NAMES}
    assert set(dealt.values()) <= {*range(count)}
    assert [len({dealt[name] for name in names}) for names in covered] == [1] * len(covered)


def test_known_failings_that_share_no_case_are_spread() -> None:
    dealt = groups(cases("abcdef"), known("ab", "cd", "ef"), 2)
    assert (dealt["a"], dealt["c"], dealt["e"]) == (0, 1, 0)


def test_a_known_failing_may_cover_cases_that_are_not_played() -> None:
    assert set(groups(cases("ab"), known("bz"), 2)) == {"a", "b"}
