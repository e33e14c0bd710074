"""`init`: a commented profile to start from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kimi_conformance.cli.exits import USAGE
from kimi_conformance.registry.home import contracts


def init(
    path: Annotated[Path, typer.Argument(help="Where to write the profile.")] = Path("router.yaml"),
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there already.")] = False,
) -> None:
    """Write a commented profile for your router, ready to be filled in."""
    if path.exists() and not force:
        sys.stderr.write(f"{path} is there already; --force overwrites it\n")
        raise typer.Exit(USAGE)
    try:
        path.write_text((contracts() / "routers" / "template" / "router.yaml").read_text("utf-8"), "utf-8")
    except OSError as error:
        sys.stderr.write(f"cannot write {path}: {error.strerror}\n")
        raise typer.Exit(USAGE) from error
    sys.stdout.write(f"{path} written. Fill it in, then: kimi-conformance explain {_argument(path)}\n")


def _argument(path: Path) -> str:
    """`path` so that the other commands take it for a path."""
    return str(path) if "/" in str(path) or path.suffix in {".yaml", ".yml"} else f"./{path}"
