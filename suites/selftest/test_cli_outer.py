"""Variables that are kept away from our own Python and pytest, and that a profile may let through all the same."""

from __future__ import annotations

import pytest

from kimi_conformance.router.outer import outer, outer_value


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTEST_ADDOPTS", "SSL_CERT_FILE"])
def test_what_was_set_outside_is_found_again(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(outer(name), "outside")
    assert outer_value(name) == "outside"


def test_what_was_not_set_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert outer_value("SSL_CERT_FILE") is None


def test_what_our_own_python_reads_goes_by_another_name() -> None:
    assert outer("PYTHONPATH") != "PYTHONPATH"
    assert outer("PATH") == "PATH"
