"""The project's own pytest runs: what holds for all of them."""

from __future__ import annotations

import signal
from collections import defaultdict
from heapq import nlargest
from itertools import chain
from operator import itemgetter
from typing import Any, Final

import pytest
import yaml

from kimi_conformance.plugin.workers import ByGroup

ONE_BY_ONE: Final = ("test_faults.py", "test_wire_faults.py", "test_reference.py", "test_cli_wire.py")
"""Files of tests that share nothing: they are spread over the workers, the others stay whole."""

SLOW_FIRST: Final = (
    *("test_cli_surroundings.py", "test_nightly.py", "test_check_url.py", "test_check_live.py", "test_live_night.py"),
    *("test_cli_signals.py", "test_cli_merge.py", "test_cli_kill_matrix.py", "test_wheel.py", "test_cli_output.py"),
    *("test_cli_bad_input.py", "test_cli_scoreboard.py", "test_cli_routers.py", "test_cli_reports.py"),
    *("test_postgres.py", "test_operator_literal.py", "test_live_vacuous.py", "test_one_sided.py"),
)
"""Files that take half a minute and more, most of it in commands: begun last, all would wait for them."""

FEW: Final = 50
"""Files: of no more than that nobody asks where the time went."""


class ByFile(ByGroup):
    """`--dist loadgroup` for our own tests: a file goes to one worker, whose fixtures are then made once."""

    def _split_scope(self, nodeid: str) -> str:
        """The scope of an item: all items of one scope go to one worker."""
        group = super()._split_scope(nodeid)
        file = nodeid.split("::", maxsplit=1)[0]
        return file if group == nodeid and not file.endswith(ONE_BY_ONE) else group


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    """How tests are spread over workers: in the order of the items, not the files with most tests first."""
    config.option.loadscopereorder = False
    return ByFile(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first; then the others, and spread evenly between them what goes test by test: it mostly waits."""
    by_file: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        by_file[item.path.name].append(item)
    whole = [name for name in by_file if name not in (*ONE_BY_ONE, *SLOW_FIRST)]
    turns = {name: float(place - len(SLOW_FIRST)) for place, name in enumerate(SLOW_FIRST)}
    turns |= {name: place / len(whole) for place, name in enumerate(whole)}
    for name in ONE_BY_ONE:
        turns |= {item.nodeid: place / len(by_file[name]) for place, item in enumerate(by_file[name])}
    items.sort(key=lambda item: turns[item.nodeid if item.path.name in ONE_BY_ONE else item.path.name])


def pytest_configure() -> None:
    """Refuse to run on the pure-Python YAML reader: it is a hundred times slower, and nobody would notice why.

    Ctrl-C is heard again where a shell started the run in the background, with it ignored: every command that the tests
    interrupt would inherit that, and wait for ever.
    """
    assert yaml.__with_libyaml__, "PyYAML has no libyaml here: install it from a wheel"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Where the time of a whole run went: the ten files with the most of it. A run of a few files says nothing."""
    spent: defaultdict[str, float] = defaultdict(float)
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if isinstance(report, pytest.TestReport):
            spent[report.nodeid.split("::", maxsplit=1)[0]] += report.duration
    if len(spent) > FEW:
        terminalreporter.section("where the time went")
        for file, seconds in nlargest(10, spent.items(), key=itemgetter(1)):
            terminalreporter.write_line(f"{seconds:7.1f} s  {file}")
        terminalreporter.write_line(f"{sum(spent.values()):7.1f} s  {len(spent)} files in all, over all workers")
