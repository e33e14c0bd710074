"""The files and folders that a run is asked to write: looked at before it begins, not when it is over."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kimi_conformance.reporting.allure import OURS
from kimi_conformance.reporting.write import CannotWrite, write_whole

if TYPE_CHECKING:
    from pathlib import Path


def output_file(option: str, path: Path) -> Path:
    """`path`, absolute, in a folder that is there. Raises `CannotWrite` where it cannot become a file."""
    place = _absolute(option, path)
    if place.is_dir():
        raise CannotWrite(f"{option}: {path} is a folder")
    _folder(option, place.parent)
    _writable(option, place if place.exists() else place.parent)
    return place


def output_folder(option: str, path: Path) -> Path:
    """`path`, absolute, as a folder that is there. Raises `CannotWrite` where it cannot be one."""
    place = _absolute(option, path)
    _folder(option, place)
    _writable(option, place)
    return place


def write_file(option: str, path: Path, data: bytes) -> None:
    """Write the file that an option asks for. Raises `CannotWrite`."""
    try:
        write_whole(path, data)
    except OSError as error:
        raise CannotWrite(f"{option}: {path} cannot be written: {error.strerror or error}") from error


def clear_allure(folder: Path) -> None:
    """Remove the results of an earlier run, and nothing else. Raises `CannotWrite`.

    Allure's own option removes the folder with all that is in it, be it somebody's home.
    """
    for file in folder.iterdir():
        if OURS.fullmatch(file.name):
            try:
                file.unlink()
            except OSError as error:
                raise CannotWrite(f"--allure: cannot remove {file}: {error.strerror}") from error


def _absolute(option: str, path: Path) -> Path:
    try:
        return path.absolute()
    except OSError as error:
        raise CannotWrite(f"{option}: {path} is relative, and the current folder is gone") from error


def _folder(option: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{option}: cannot make the folder {folder}: {error.strerror}") from error


def _writable(option: str, path: Path) -> None:
    if not os.access(path, os.W_OK):
        raise CannotWrite(f"{option}: {path} cannot be written: permission denied, or a read-only file system")
