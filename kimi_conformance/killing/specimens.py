"""The healthy exchanges that the suite's own tests keep: they are in a checkout, and not in the wheel."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from kimi_conformance.killing.problems import NoCheckout
from kimi_conformance.registry.home import data_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.judge.api.sight import Sight


@dataclass(frozen=True, slots=True)
class Specimens:
    """Healthy exchanges by name, and by requirement the two that a comparison is about."""

    sights: Mapping[str, Sight]
    pairs: Mapping[str, tuple[str, str]]

    def text(self) -> str:
        """All of it, as a text that changes when one of them does."""
        return repr((dict(self.sights), dict(self.pairs)))


def load_specimens() -> Specimens:
    """The specimens of this checkout. Raises `NoCheckout`."""
    if not (data_root() / "suites" / "selftest" / "specimens.py").is_file():
        raise NoCheckout(
            "the kill matrix is made of the suite's own tests, which are not in the installed package:"
            " run it in a checkout of the repository, installed with `pip install --editable '.[test]'`"
        )
    if str(data_root()) not in sys.path:
        sys.path.insert(0, str(data_root()))
    module = import_module("suites.selftest.specimens")
    return Specimens(module.SPECIMENS, module.PAIRS)
