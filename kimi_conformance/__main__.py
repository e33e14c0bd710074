"""`python -m kimi_conformance`: the command line; also how `nightly` starts its steps, which end when it is gone."""

from __future__ import annotations

import os

from kimi_conformance.cli import main
from kimi_conformance.plugin.tether import TETHER, hold

if TETHER in os.environ:
    hold()
main()
