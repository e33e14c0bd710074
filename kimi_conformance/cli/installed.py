"""Whether a profile's router is installed where the profile expects it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import typer

from kimi_conformance.cli.exits import USAGE
from kimi_conformance.cli.output import tell
from kimi_conformance.router.install import install, is_installed

if TYPE_CHECKING:
    from kimi_conformance.registry.profiles import LoadedProfile


def must_be_installed(loaded: LoadedProfile, named: str, *, install_too: bool = False) -> None:
    """Leave with a hint where `loaded`, called `named`, wants tools that are not there; `install_too` gets them first.

    Raises `CannotInstall`.
    """
    if install_too:
        install(loaded.profile, tell)
    elif not is_installed(loaded.profile) and "{tools}" in loaded.document.path.read_text("utf-8"):
        tell(f"{loaded.profile.name} is not installed: `kimi-conformance check {shlex.quote(named)} --install` does it")
        raise typer.Exit(USAGE)
