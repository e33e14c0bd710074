"""`init`: a commented profile to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Final

import typer

from kimi_conformance.cli.exits import USAGE
from kimi_conformance.cli.output import tell, write
from kimi_conformance.registry.home import contracts
from kimi_conformance.reporting.write import write_whole

EXAMPLES: Final = """Examples:

\b
  kimi-conformance init                     router.yaml in this folder
  kimi-conformance init routers/mine.yaml   another name, another folder
"""


def init(
    path: Annotated[Path, typer.Argument(help="Where to write the profile.", show_default=True)] = Path("router.yaml"),
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there already.")] = False,
) -> None:
    """Write a commented profile for your router, ready to be filled in."""
    text = (contracts() / "routers" / "template" / "router.yaml").read_bytes()
    try:
        if path.exists() and not force:
            tell(f"{path} is there already; --force overwrites it")
            raise typer.Exit(USAGE)
        write_whole(path, text)
    except OSError as error:
        tell(f"cannot write {path}: {error.strerror}")
        raise typer.Exit(USAGE) from error
    write(f"{path} written. Fill it in, then: kimi-conformance explain {shlex.quote(_argument(path))}\n")


def _argument(path: Path) -> str:
    """`path` so that the other commands take it for a path."""
    return str(path) if "/" in str(path) or path.suffix in {".yaml", ".yml"} else f"./{path}"
