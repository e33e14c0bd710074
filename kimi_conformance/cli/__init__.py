"""The command line. `main` is its outermost frame: what goes wrong becomes one message and an exit code."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from kimi_conformance.cli.surroundings import ENDING, Interrupted, make_fit

if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    make_fit()
    try:
        from kimi_conformance.cli.main import run  # noqa: PLC0415 - a Ctrl-C may come while all else is imported

        code = run()
    except ImportError as error:
        code = 70  # exits.UNEXPECTED: perhaps that cannot be imported either
        sys.stderr.write(f"kimi-conformance is not installed completely: {error}\n")
    except Interrupted as signalled:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)  # we are leaving already
        code = signalled.exit_code
        with suppress(OSError):
            sys.stderr.write("interrupted\n")
            sys.stderr.flush()
    raise SystemExit(code)


__all__ = ["main"]
