"""Commands, and the frame around them: no traceback reaches a user."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from importlib import import_module
from typing import Annotated, Final

import typer

from kimi_conformance import __version__
from kimi_conformance.api.problems import BadAnswers, BadSurroundings, BadVerification
from kimi_conformance.cassette.problems import BadCassette
from kimi_conformance.cli.allure_history import BadHistory
from kimi_conformance.cli.allure_npm import AllureFailed, NoAllure
from kimi_conformance.cli.exits import CONFORMANT, INFRA, UNEXPECTED, USAGE
from kimi_conformance.cli.output import tell, write
from kimi_conformance.cli.pytest_child import PytestRefused, RunLost
from kimi_conformance.killing.problems import NoCheckout, SourcesChanged
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.reporting.kill_file import BadMatrix
from kimi_conformance.reporting.links import BadTemplate
from kimi_conformance.reporting.parts import CannotMerge
from kimi_conformance.reporting.templates import NoTemplates
from kimi_conformance.reporting.write import BadResults, CannotWrite
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.install import CannotInstall
from kimi_conformance.router.live_keys import BadKeys
from kimi_conformance.traffic.found import Unreadable

POSIX: Final = os.name == "posix"

ABOUT: Final = "Conformance tests for the Kimi (Moonshot AI) API and for every router in front of it."

START: Final = """Where to start:

\b
  kimi-conformance check                 the bundled reference router: is all well here?
  kimi-conformance init router.yaml      a commented profile of your own router, to fill in
  kimi-conformance explain ./router.yaml where each request must go by that profile
  kimi-conformance check ./router.yaml   whether it goes there
  kimi-conformance verify                Kimi itself: what is known of it, on tape
  kimi-conformance judge traffic.har     your own traffic with Kimi: is it as it should be?
  kimi-conformance serve                 an offline Kimi to try clients on
  kimi-conformance drift                 Kimi now, against what was recorded of it
  kimi-conformance nightly               the whole night: verify, drift, pages, history, webhook
"""

app = typer.Typer(
    name="kimi-conformance",
    help=ABOUT,
    epilog=START,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # messages and examples as they are: no boxes, no lines broken for them
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
COMMANDS: Final[dict[str, tuple[str, str, str]]] = {
    "check": ("check", "check", "EXAMPLES"),
    "explain": ("explain", "explain", "EXAMPLES"),
    "init": ("init", "init", "EXAMPLES"),
    "verify": ("verify", "verify", "VERIFY_EXAMPLES"),
    "record": ("verify", "record", "RECORD_EXAMPLES"),
    "plan": ("plan", "plan", "EXAMPLES"),
    "judge": ("judge", "judge", "EXAMPLES"),
    "serve": ("serve", "serve", "EXAMPLES"),
    "merge": ("merge", "merge", "EXAMPLES"),
    "badge": ("badge", "badge", "EXAMPLES"),
    "report": ("report", "report", "EXAMPLES"),
    "docs": ("docs", "docs", "EXAMPLES"),
    "drift": ("drift", "drift", "EXAMPLES"),
    "nightly": ("nightly", "nightly", "EXAMPLES"),
    "scoreboard": ("scoreboard", "scoreboard", "EXAMPLES"),
    "kill-matrix": ("kill_matrix", "kill_matrix", "EXAMPLES"),
}
"""Name -> module, function and the examples below its help. Only what is asked for is imported: start-up is short."""


def _add_commands(words: list[str]) -> None:
    if words[:1] == ["--version"]:
        return
    asked = [word for word in words[:1] if word in COMMANDS]
    for name in asked or COMMANDS:
        module, function, examples = COMMANDS[name]
        loaded = import_module(f"kimi_conformance.cli.{module}")
        app.command(name, epilog=getattr(loaded, examples))(getattr(loaded, function))


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        write(f"kimi-conformance {__version__}\n")
        raise typer.Exit


@app.callback(epilog=START)
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Conformance tests for the Kimi (Moonshot AI) API and for every router in front of it."""


def run() -> int:
    """Run the command that `sys.argv` names. Its exit code. Raises `SystemExit` and `Interrupted`, nothing else."""
    try:
        if not POSIX:
            tell("kimi-conformance runs on Linux and macOS: it needs process groups and POSIX signals")
            return USAGE
        _add_commands(sys.argv[1:])
        app()
    except (
        ContractError,
        CannotWrite,
        BadHistory,
        BadMatrix,
        BadResults,
        BadTemplate,
        BadAnswers,
        BadSurroundings,
        BadVerification,
        BadKeys,
        CannotMerge,
        NoAllure,
        NoCheckout,
        NoTemplates,
        PytestRefused,
        SourcesChanged,
        Unreadable,
    ) as error:
        tell(str(error))
        return USAGE
    except (AllureFailed, BadCassette, CannotInstall, CannotStart, RunLost) as error:
        tell(str(error))
        return INFRA
    except Exception as error:  # noqa: BLE001 - the outermost frame: a report instead of a traceback
        tell(_unexpected(error))
        return UNEXPECTED
    return CONFORMANT


def _unexpected(error: Exception) -> str:
    with tempfile.NamedTemporaryFile(
        "w", prefix="kimi-conformance-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as report:
        report.write(f"kimi-conformance {__version__}, Python {sys.version}\n{' '.join(sys.argv)}\n\n")
        report.write("".join(traceback.format_exception(error)))
    first = (str(error).splitlines() or [""])[0]
    return (
        f"unexpected {type(error).__name__}: {first}\n"
        f"This is a mistake of kimi-conformance. Please report it, with the details in {report.name}"
    )
