"""How pytest-recording reads and writes our cassettes. Only plain pytest reads this; `verify` has no use for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.cassette import block_yaml, persister
from kimi_conformance.cassette.matching import MATCHERS
from kimi_conformance.registry.home import cassettes

if TYPE_CHECKING:
    from vcr import VCR


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse the mode that deletes a cassette before it asks: when the call fails, the evidence is gone."""
    if session.config.getoption("--record-mode", None) == "rewrite":
        raise pytest.UsageError("--record-mode=rewrite deletes before it calls: use --record-mode=all")


@pytest.hookimpl(optionalhook=True)
def pytest_recording_configure(vcr: VCR) -> None:
    """Our YAML, UTF-8 on disk, and our way to compare requests."""
    vcr.register_serializer("yaml", block_yaml)
    vcr.register_persister(persister)
    for matcher in MATCHERS:
        vcr.register_matcher(matcher.__name__, matcher)


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    """All cassettes lie on one shelf."""
    return str(cassettes())


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    """The tape stands in the place of vcrpy's own patch of httpx."""
    return {"match_on": [matcher.__name__ for matcher in MATCHERS], "skip_patchers": ("httpx",)}
