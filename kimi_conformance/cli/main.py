"""Commands, and the outermost frame around them: no traceback reaches a user."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kimi_conformance import __version__
from kimi_conformance.cli import check, explain, init
from kimi_conformance.cli.exits import INTERRUPTED, UNEXPECTED, USAGE
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.reporting.write import BadResults, CannotWrite
from kimi_conformance.router.install import CannotInstall

if TYPE_CHECKING:
    from typing import NoReturn

POSIX: Final = os.name == "posix"

app = typer.Typer(
    name="kimi-conformance",
    help="Conformance and contract tests for the Kimi (Moonshot AI) API and for every router in front of it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check")(check.check)
app.command("explain")(explain.explain)
app.command("init")(init.init)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"kimi-conformance {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Conformance and contract tests for the Kimi (Moonshot AI) API and for every router in front of it."""


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    if not POSIX:
        _leave(USAGE, "kimi-conformance runs on Linux and macOS: it needs process groups and POSIX signals")
    try:
        app()
    except (ContractError, CannotWrite, BadResults, CannotInstall) as error:
        _leave(USAGE, str(error))
    except KeyboardInterrupt:
        _leave(INTERRUPTED, "interrupted")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output has left
        _leave(USAGE, "")
    except Exception as error:  # noqa: BLE001 - the outermost frame: a report instead of a traceback
        _leave(UNEXPECTED, _unexpected(error))
    raise SystemExit(0)


def _unexpected(error: Exception) -> str:
    with tempfile.NamedTemporaryFile(
        "w", prefix="kimi-conformance-", suffix=".txt", delete=False, encoding="utf-8"
    ) as report:
        report.write(f"kimi-conformance {__version__}, Python {sys.version}\n{' '.join(sys.argv)}\n\n")
        report.write("".join(traceback.format_exception(error)))
    return (
        f"unexpected {type(error).__name__}: {error}\n"
        f"This is a mistake of kimi-conformance. Please report it, with the details in {report.name}"
    )


def _leave(code: int, message: str) -> NoReturn:
    if message:
        sys.stderr.write(f"{message}\n")
    raise SystemExit(code)
