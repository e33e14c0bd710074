"""The project's own pytest runs: what holds for all of them."""

from __future__ import annotations

import signal

import yaml


def pytest_configure() -> None:
    """Refuse to run on the pure-Python YAML reader: it is a hundred times slower, and nobody would notice why.

    Ctrl-C is heard again where a shell started the run in the background, with it ignored: every command that the tests
    interrupt would inherit that, and wait for ever.
    """
    assert yaml.__with_libyaml__, "PyYAML has no libyaml here: install it from a wheel"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
