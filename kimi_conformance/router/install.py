"""Installs a profile's router into a folder of its own, below the user's cache folder."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kimi_conformance.router.bounded import bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.reach import Install

DONE: Final = ".installed"

INSTALL_S: Final = 1800.0


class CannotInstall(Exception):
    """An installation that did not succeed: the command, its exit code, the end of what it said."""


def tools_folder(profile: Profile) -> Path:
    """Where the router of `profile` is, or would be, installed: another folder for other versions."""
    wanted = profile.install.model_dump_json() if profile.install else ""
    digest = hashlib.sha256(wanted.encode()).hexdigest()[:12]
    return cache_folder() / f"{profile.name}-{digest}"


def is_installed(profile: Profile) -> bool:
    """Whether there is nothing (more) to install for `profile`."""
    return profile.install is None or (tools_folder(profile) / DONE).exists()


def install(profile: Profile, told: Callable[[str], None]) -> Path:
    """Install what `profile` names, once; `told` gets each command. Its folder. Raises `CannotInstall`."""
    folder = tools_folder(profile)
    if profile.install is None or is_installed(profile):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for command in _commands(profile.install, folder):
            told(" ".join(command))
            _run(command, folder)
        (folder / DONE).touch()
    except OSError as error:
        raise CannotInstall(f"cannot install {profile.name} into {folder}: {error}") from error
    return folder


def cache_folder() -> Path:
    """Our own in the user's cache; one that is not absolute does not count (XDG Base Directory Specification)."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():
        return given / "kimi-conformance"
    try:
        return Path.home() / ".cache" / "kimi-conformance"
    except RuntimeError:  # neither HOME nor an entry for this user
        return Path(tempfile.gettempdir()) / "kimi-conformance"


def _commands(wanted: Install, folder: Path) -> Iterator[Sequence[str]]:
    if wanted.pip:
        yield [sys.executable, "-m", "venv", str(folder)]
        yield [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *wanted.pip]
    if wanted.npm:
        package = {"private": True, "overrides": wanted.npm_overrides}
        (folder / "package.json").write_text(json.dumps(package), "utf-8")
        yield ["npm", "install", "--no-audit", "--no-fund", "--silent", *wanted.npm]
    if wanted.apt:
        root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        yield [*root, "apt-get", "update", "-qq"]
        yield [*root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted.apt]


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        code, said = bounded(command, folder, within_s=INSTALL_S)
    except FileNotFoundError:
        raise CannotInstall(f"{command[0]} is not installed here") from None
    except subprocess.TimeoutExpired:
        raise CannotInstall(f"{' '.join(command)} was not done after {INSTALL_S:g} s") from None
    if code:
        raise CannotInstall(f"{' '.join(command)} ended with exit code {code}:\n{said.strip()[-1500:]}")
